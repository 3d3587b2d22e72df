using SessionStores.Backends;
using SessionStores.Interop.Tests.Servers;
using SessionStores.Interop.Tests.Sites;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(SessionStores.Interop.Tests.Running.StagesFixture))]
[assembly: Parallelization(Mode = ParallelMode.None)]

namespace SessionStores.Interop.Tests.Running;

/// <summary>One stage per server and first side, started by the first scenario that needs it and kept for all of them.</summary>
public sealed class StagesFixture : IAsyncDisposable
{
    private readonly Dictionary<string, IAsyncDisposable> _leases = [];
    private readonly Dictionary<(string Server, Runtime First), Stage> _stages = [];

    /// <summary>Returns the stage, and skips the test where the server or Node is missing.</summary>
    internal async Task<Stage> OpenAsync(string server, Runtime first)
    {
        if (_stages.TryGetValue((server, first), out var stage))
            return stage;

        await NodePackages.RequireAsync();
        stage = await Stage.StartAsync(await ConnectAsync(server), first);
        _stages.Add((server, first), stage);
        return stage;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var stage in _stages.Values)
            await stage.DisposeAsync();
        foreach (var lease in _leases.Values)
            await lease.DisposeAsync();
    }

    private async Task<SharedServer> ConnectAsync(string server)
    {
        switch (server)
        {
            case "redis":
                var redis = await StartAsync(server, () => RedisBackend.StartAsync());
                return new RedisServer(redis, await redis.ConnectAsync());
            case "postgres":
                return new PostgresServer(await StartAsync(server, () => PostgresBackend.StartAsync()));
            case "mongo":
                return new MongoServer(await StartAsync(server, () => MongoBackend.StartAsync()));
            default:
                throw new ArgumentOutOfRangeException(nameof(server), server, "The server must be redis, postgres or mongo.");
        }
    }

    private async Task<TBackend> StartAsync<TBackend>(string server, Func<Task<BackendLease<TBackend>>> start)
        where TBackend : Backend
    {
        if (!_leases.TryGetValue(server, out var lease))
            _leases.Add(server, lease = await start());

        var started = (BackendLease<TBackend>)lease;
        Assert.SkipUnless(started.IsAvailable, started.Reason);
        return started.Backend;
    }
}
