using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using SessionStores.Memory;

namespace SessionStores.Protection.Tests;

/// <summary>The stored format is the one that <c>docs/stored-format.md</c> describes, byte for byte.</summary>
public sealed partial class FormatTests
{
    private static readonly string Key = Convert.ToBase64String(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());

    private static readonly Session[] Sessions =
    [
        new(Key, "Ec7Fb2pB0yXyqvJ8eXy-_TzNq1m3kQh9", "alice", """{"cookie":{"originalMaxAge":1800000,"expires":"2030-01-02T04:04:05.678Z","httpOnly":true,"path":"/"},"__absolute":1893456000000,"email":"a@b.c"}"""),
        new(Key, "Ec7Fb2pB0yXyqvJ8eXy-_TzNq1m3kQh9", null, """{"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"},"views":1}"""),
        new(Convert.ToBase64String(Enumerable.Range(100, 64).Select(i => (byte)i).ToArray()), "ünï – 会话 𝄞", "José <jose@example.org>", """{"cookie":{"originalMaxAge":0},"text":"日本語 \ud83d\ude00"}"""),
        new(Key, "i", "s", "{}"),
        new(Key, new string('x', 256), null, $$"""{"filler":"{{new string('y', 5000)}}"}"""),
    ];

    [Fact]
    public async Task Node_seals_a_session_to_the_same_bytes()
    {
        var theirs = JsonSerializer.Deserialize<Stored[]>(await NodeAsync(JsonSerializer.Serialize(Sessions, JsonSerializerOptions.Web)), JsonSerializerOptions.Web)!;

        Assert.Equal(await Task.WhenAll(Sessions.Select(OursAsync)), theirs);
    }

    [Fact]
    public async Task What_Node_sealed_is_a_session_here()
    {
        var theirs = JsonSerializer.Deserialize<Stored[]>(await NodeAsync(JsonSerializer.Serialize(Sessions, JsonSerializerOptions.Web)), JsonSerializerOptions.Web)!;
        for (var i = 0; i < Sessions.Length; i++)
        {
            var server = new MemoryStore();
            await server.SetAsync(theirs[i].Id, new SessionContent(Encoding.UTF8.GetBytes(theirs[i].Payload), TimeSpan.FromHours(1), theirs[i].Subject));

            var record = Assert.IsType<SessionRecord>(await Open(server, Sessions[i]).GetAsync(Sessions[i].Id));

            Assert.Equal(Sessions[i].Payload, Encoding.UTF8.GetString(record.Payload.Span));
            Assert.Equal(Sessions[i].Subject, record.Subject);
        }
    }

    [Fact]
    public async Task The_vector_of_the_document_is_what_is_stored()
    {
        var document = await File.ReadAllTextAsync(Path.Combine(Root(), "docs", "stored-format.md"));
        var vector = Vector().Match(document).Groups["lines"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(": ", 2)).ToDictionary(line => line[0].Trim(), line => line[1].Trim());

        var stored = await OursAsync(new Session(vector["key"], vector["id"], vector["subject"], vector["payload"]));

        Assert.Equal(vector["stored id"], stored.Id);
        Assert.Equal(vector["stored subject"], stored.Subject);
        Assert.Equal(vector["stored payload"], stored.Payload);
    }

    private static async Task<Stored> OursAsync(Session session)
    {
        var server = new MemoryStore();
        await Open(server, session).CreateAsync(session.Id, new SessionContent(Encoding.UTF8.GetBytes(session.Payload), TimeSpan.FromHours(1), session.Subject));
        var record = Assert.Single(await server.AllAsync().ToListAsync());
        return new Stored(record.Id, record.Subject, Encoding.UTF8.GetString(record.Payload.Span));
    }

    private static ProtectedStore Open(MemoryStore server, Session session)
    {
        var options = Keys.Options(session.Key);
        options.HashSubjects = true;
        return new ProtectedStore(server, options);
    }

    private static async Task<string> NodeAsync(string input)
    {
        var node = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "node")).FirstOrDefault(File.Exists);
        if (node is null)
        {
            Assert.False((Environment.GetEnvironmentVariable("SESSIONSTORES_REQUIRE") ?? "").Split(',').Contains("node"), "SESSIONSTORES_REQUIRE names node, but it is not on the PATH.");
            Assert.Skip("Node is not on the PATH.");
        }

        using var process = Process.Start(new ProcessStartInfo(node, [Path.Combine(Root(), "tests", "Protection.Tests", "seal.mjs")]) { RedirectStandardInput = true, RedirectStandardOutput = true, StandardInputEncoding = new UTF8Encoding(false), StandardOutputEncoding = Encoding.UTF8 })!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "SessionStores.sln")))
            folder = folder.Parent!;

        return folder.FullName;
    }

    [GeneratedRegex(@"```text\n(?<lines>key: .*?)```", RegexOptions.Singleline)]
    private static partial Regex Vector();

    private sealed record Session(string Key, string Id, string? Subject, string Payload);

    private sealed record Stored(string Id, string? Subject, string Payload);
}
