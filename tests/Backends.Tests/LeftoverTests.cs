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

        using var run = await OtherRun.StartAsync(containers: false, waits: isKilled);

        if (isKilled)
        {
            Assert.True(IsRunning(run.Server));
            run.Process.Kill(entireProcessTree: false);
        }

        await run.Process.WaitForExitAsync(None);
        await Wait.UntilAsync(() => !IsRunning(run.Server), Deadline, "the server of the other test run to be gone", None);
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
