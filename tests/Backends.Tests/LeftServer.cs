namespace SessionStores.Backends.Tests;

/// <summary>Another test run, which starts servers and never disposes them: it ends, or waits to be killed. It ends with its input too.</summary>
internal static class LeftServer
{
    public const string Command = "leave-servers";

    /// <summary>Starts a local Redis server, and with <paramref name="containers"/> all kinds of containers; reports the id of the local server.</summary>
    public static async Task<int> RunAsync(string report, bool containers, bool waits)
    {
        if (containers)
        {
            await RedisBackend.StartAsync(new RedisBackendOptions { Sources = BackendSources.Container });
            await RedisReplicaBackend.StartAsync(new RedisBackendOptions { Sources = BackendSources.Container });
            await MongoBackend.StartAsync(new BackendOptions { Sources = BackendSources.Container });
        }

        var lease = await RedisBackend.StartAsync(new RedisBackendOptions { Sources = BackendSources.Binary });
        using var client = await lease.Backend.ConnectAsync();
        await File.WriteAllTextAsync(report, await client.ReadInfoAsync("process_id") + "\n");
        if (waits)
            await Console.In.ReadToEndAsync();
        return 0;
    }
}
