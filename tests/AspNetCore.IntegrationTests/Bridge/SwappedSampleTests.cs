using FrameworkSession;
using Microsoft.AspNetCore.Builder;

namespace SessionStores.AspNetCore.IntegrationTests.Bridge;

/// <summary>The sample that knows the framework's session alone, before and after two registration lines are swapped.</summary>
public sealed class SwappedSampleTests
{
    public static TheoryData<string> Stores => ServerOf.Stores;

    private static readonly string[] Walk =
    [
        "/visits", "/visits", "/cart/tea", "/cart/o'hara", "/cart/%E2%98%BA", "/stamp", "/stamp", "/keys", "/note", "/order", "/keys", "/note", "/note",
        "/order", "/order", "/note", "/visits", "/clear", "/keys", "/visits", "/stamp", "/keys",
    ];

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task An_unmodified_application_answers_the_same_on_every_store(string provider)
    {
        await using var server = await ServerOf.StartAsync(provider);

        var before = await WalkAsync("--Framework", "true");
        var after = await WalkAsync(
            ["--Sessions:Store:Provider", provider, .. server.ConnectionString is { } connection ? new[] { "--Sessions:Store:Connection", connection } : []]);

        Assert.Equal(before, after);
        Assert.Contains("/note 200 You ordered tea, o'hara, ☺. 3", after);
        Assert.Contains("/visits 200 3", after);
    }

    private static async Task<List<string>> WalkAsync(params string[] arguments)
    {
        await using var app = Shop.Build([.. arguments, "--environment", "Development", "--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "None"]);
        await app.StartAsync();
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { BaseAddress = new Uri(app.Urls.First()) };
        var answers = new List<string>();
        foreach (var path in Walk)
        {
            using var answer = await client.GetAsync(path);
            answers.Add($"{path} {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }

        await app.StopAsync();
        return answers;
    }
}
