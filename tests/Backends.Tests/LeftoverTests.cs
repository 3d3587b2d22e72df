using System.Diagnostics;
using System.Globalization;

namespace SessionStores.Backends.Tests;

public sealed class LeftoverTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Disposing_leaves_neither_process_nor_folder()
    {
        Assert.SkipUnless(Directory.Exists("/proc/self"), "needs /proc");
        var redis = await StartRedisAsync();
        using var client = await redis.ConnectAsync(None);
        var process = int.Parse((await client.ReadInfoAsync("process_id", None))!, CultureInfo.InvariantCulture);
        var folder = (string)((object?[])(await client.SendAsync("CONFIG", "GET", "dir"))!)[1]!;
        var wasThere = IsRunning(process) && Directory.Exists(folder);
        await redis.PauseAsync(None);

        await redis.DisposeAsync();

        Assert.True(wasThere);
        Assert.False(IsRunning(process));
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task Disposing_postgres_leaves_no_process_of_its_own()
    {
        Assert.SkipUnless(Directory.Exists("/proc/self"), "needs /proc");
        var lease = await PostgresBackend.StartAsync(new PostgresBackendOptions { Sources = BackendSources.Binary, Durable = false }, None);
        Assert.SkipUnless(lease.IsAvailable, lease.Reason);
        var mark = $"port={lease.Backend.Server.Port}";
        var before = ProcessesWith(mark);

        await lease.DisposeAsync();

        Assert.NotEmpty(before);
        Assert.Empty(ProcessesWith(mark));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_test_run_that_ends_without_disposing_leaves_no_server(bool isKilled)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs the parent-death signal of Linux");
        await using (await StartRedisAsync())
        {
            // A local binary is there.
        }

        var report = Path.GetTempFileName();
        using var run = HoldServer(report, isKilled);
        var output = run.StandardOutput.ReadToEndAsync(None);
        await Wait.UntilAsync(
            () => run.HasExited || File.ReadAllText(report).EndsWith('\n'), Deadline, "the other test run to report its server", None);
        Assert.True(new FileInfo(report).Length > 0, run.HasExited ? await output : "");
        var server = int.Parse(await File.ReadAllTextAsync(report, None), CultureInfo.InvariantCulture);

        if (isKilled)
        {
            Assert.True(IsRunning(server));
            run.Kill(entireProcessTree: false);
        }

        await run.WaitForExitAsync(None);
        await Wait.UntilAsync(() => !IsRunning(server), Deadline, "the server of the other test run to be gone", None);
        File.Delete(report);
    }

    // "dotnet tests.dll" or the program itself, whichever runs this test.
    private static Process HoldServer(string report, bool isKilled)
    {
        string[] arguments = [LeftServer.Command, report, isKilled ? "wait" : "end"];
        var isHosted = Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet";
        return Process.Start(new ProcessStartInfo(
            Environment.ProcessPath!, isHosted ? [typeof(LeftoverTests).Assembly.Location, .. arguments] : arguments)
        {
            RedirectStandardOutput = true,
        })!;
    }

    private static async Task<RedisBackend> StartRedisAsync()
    {
        var lease = await RedisBackend.StartAsync(new RedisBackendOptions { Sources = BackendSources.Binary }, None);
        Assert.SkipUnless(lease.IsAvailable, lease.Reason);
        return lease.Backend;
    }

    // One that ended and that no one has collected yet has an empty command line.
    private static bool IsRunning(int process) => CommandLine($"/proc/{process}").Length > 0;

    private static string[] ProcessesWith(string mark) =>
        [.. Directory.EnumerateDirectories("/proc").Select(CommandLine).Where(line => line.Split('\0').Contains(mark))];

    private static string CommandLine(string folder)
    {
        try
        {
            var file = Path.Combine(folder, "cmdline");
            return File.Exists(file) ? File.ReadAllText(file) : "";
        }
        catch (IOException)
        {
            return "";
        }
    }
}
