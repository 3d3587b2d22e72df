namespace SessionStores.Backends.Tests;

/// <summary>Another test run, which starts a server and never disposes it: it ends, or waits to be killed.</summary>
internal static class LeftServer
{
    public const string Command = "leave-a-server";

    public static async Task<int> RunAsync(string report, bool waits)
    {
        var lease = await RedisBackend.StartAsync(new RedisBackendOptions { Sources = BackendSources.Binary });
        using var client = await lease.Backend.ConnectAsync();
        await File.WriteAllTextAsync(report, await client.ReadInfoAsync("process_id") + "\n");
        if (waits)
            await Task.Delay(Timeout.Infinite);
        return 0;
    }
}
