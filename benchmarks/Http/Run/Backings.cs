using SessionStores.Backends;

namespace SessionStores.Http.Run;

/// <summary>The servers behind the stores. Those that this machine does not have are reported and left out.</summary>
internal sealed class Backings : IAsyncDisposable
{
    private const string Valkey = "valkey/valkey:9.1";

    private readonly List<IAsyncDisposable> _leases = [];
    private readonly Dictionary<string, Backing> _backings = [];

    /// <summary>What each store runs on; the reason where it does not.</summary>
    public Dictionary<string, string> Descriptions { get; } = [];

    public IReadOnlyCollection<string> Stores => _backings.Keys;

    public Backing this[string store] => _backings[store];

    /// <summary>Starts the servers.</summary>
    /// <param name="stores">The stores to measure.</param>
    /// <param name="core">The processor that the servers use; null for any.</param>
    public static async Task<Backings> StartAsync(string[] stores, string? core)
    {
        var backings = new Backings();
        foreach (var store in stores)
        {
            await backings.AddAsync(store);
            if (core is null || !backings._backings.TryGetValue(store, out var backing))
                continue;

            foreach (var process in await backing.ReadProcessIdsAsync())
                await Processors.PinAsync(process, core);
        }

        return backings;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var lease in _leases)
            await lease.DisposeAsync();
    }

    private async Task AddAsync(string store)
    {
        switch (store)
        {
            case "memory":
                _backings[store] = new Backing("", null, null);
                Descriptions[store] = _backings[store].Description;
                break;
            case "redis":
                await AddAsync(store, await RedisBackend.StartAsync(new RedisBackendOptions { HostNetwork = true }), backend => Task.FromResult(Backing.Of(backend)));
                break;
            case "valkey":
                var valkey = new RedisBackendOptions { HostNetwork = true, Image = Valkey, Sources = BackendSources.Container };
                await AddAsync(store, await RedisBackend.StartAsync(valkey), backend => Task.FromResult(Backing.Of(backend)));
                break;
            case "postgres":
                await AddAsync(store, await PostgresBackend.StartAsync(new PostgresBackendOptions { HostNetwork = true }), Backing.OfAsync);
                break;
            case "postgres-no-fsync":
                await AddAsync(store, await PostgresBackend.StartAsync(new PostgresBackendOptions { HostNetwork = true, Durable = false, Sources = BackendSources.Controlled }), Backing.OfAsync);
                break;
            case "mongo":
                await AddAsync(store, await MongoBackend.StartAsync(new BackendOptions { HostNetwork = true }), backend => Task.FromResult(Backing.Of(backend)));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(store), store, "There is no such store.");
        }
    }

    private async Task AddAsync<TBackend>(string store, BackendLease<TBackend> lease, Func<TBackend, Task<Backing>> open)
        where TBackend : Backend
    {
        _leases.Add(lease);
        Descriptions[store] = lease.IsAvailable ? lease.Backend.Description : $"not run: {lease.Reason}";
        if (lease.IsAvailable)
            _backings[store] = await open(lease.Backend);
    }
}
