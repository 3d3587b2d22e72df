using System.Collections.Concurrent;
using SessionStores.Backends;
using SessionStores.Interop.Tests.Servers;
using SessionStores.Interop.Tests.Sites;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(SessionStores.Interop.Tests.Running.StagesFixture))]
[assembly: Parallelization(Mode = ParallelMode.All)]

namespace SessionStores.Interop.Tests.Running;

/// <summary>One stage per server and first side, started by the first scenario that needs it and kept for all of them. Scenarios run in parallel, but
/// one at a time on a stage.</summary>
public sealed class StagesFixture : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly Dictionary<string, IAsyncDisposable> _leases = [];
    private readonly ConcurrentDictionary<(string Server, Runtime First), Place> _places = new();

    /// <summary>Waits until the stage is free, and returns it; skips the test where the server or Node is missing. <see cref="Leave"/> frees it.</summary>
    internal async Task<Stage> EnterAsync(string server, Runtime first)
    {
        var place = _places.GetOrAdd((server, first), _ => new Place());
        await place.Gate.WaitAsync();
        try
        {
            return place.Stage ??= await StartAsync(server, first);
        }
        catch
        {
            place.Gate.Release();
            throw;
        }
    }

    internal void Leave(Stage stage) => _places[(stage.Server.Name, stage.First)].Gate.Release();

    public async ValueTask DisposeAsync()
    {
        foreach (var place in _places.Values)
        {
            if (place.Stage is not null)
                await place.Stage.DisposeAsync();
            place.Gate.Dispose();
        }

        foreach (var lease in _leases.Values)
            await lease.DisposeAsync();
        _starting.Dispose();
    }

    private async Task<Stage> StartAsync(string server, Runtime first)
    {
        await _starting.WaitAsync();
        try
        {
            await NodePackages.RequireAsync();
            return await Stage.StartAsync(await ConnectAsync(server, first), first);
        }
        finally
        {
            _starting.Release();
        }
    }

    private async Task<SharedServer> ConnectAsync(string server, Runtime first)
    {
        switch (server)
        {
            case "redis":
                var redis = await StartAsync(server, () => RedisBackend.StartAsync());
                return new RedisServer(redis, await redis.ConnectAsync(), (int)first);
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

    private sealed class Place
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public Stage? Stage { get; set; }
    }
}
