using Npgsql;
using SessionStores.Backends;

namespace SessionStores.Http.Run;

/// <summary>The servers behind the stores. Those that this machine does not have are told and left out.</summary>
internal sealed class Backings : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _leases = [];
    private readonly Dictionary<string, string> _connections = [];

    /// <summary>What each store runs on; the reason where it does not.</summary>
    public Dictionary<string, string> Descriptions { get; } = [];

    public IEnumerable<string> Stores => _connections.Keys;

    public static async Task<Backings> StartAsync(string[] stores)
    {
        var backings = new Backings();
        foreach (var store in stores)
            await backings.AddAsync(store);

        return backings;
    }

    public string ConnectionOf(string store) => _connections[store];

    /// <summary>The connection as the Express application takes it.</summary>
    public string NodeConnectionOf(string store)
    {
        if (store != "postgres")
            return ConnectionOf(store);

        var settings = new NpgsqlConnectionStringBuilder(ConnectionOf(store));
        return System.Text.Json.JsonSerializer.Serialize(new
        {
            host = settings.Host,
            port = settings.Port,
            user = settings.Username,
            password = settings.Password,
            database = settings.Database,
        });
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
                _connections[store] = "";
                Descriptions[store] = "this process";
                break;
            case "redis":
                await AddAsync(store, await RedisBackend.StartAsync(), backend => Task.FromResult(backend.ConnectionString));
                break;
            case "postgres":
                // Without fsync: the disk would hide what the code costs.
                await AddAsync(store, await PostgresBackend.StartAsync(new PostgresBackendOptions { Durable = false }), async backend =>
                    new NpgsqlConnectionStringBuilder(await backend.CreateDatabaseAsync()) { MaxPoolSize = 25 }.ConnectionString);
                break;
            case "mongo":
                await AddAsync(store, await MongoBackend.StartAsync(), backend => Task.FromResult(backend.ConnectionString));
                break;
            default:
                Descriptions[store] = "not in this build";
                break;
        }
    }

    private async Task AddAsync<TBackend>(string store, BackendLease<TBackend> lease, Func<TBackend, Task<string>> connection)
        where TBackend : Backend
    {
        _leases.Add(lease);
        Descriptions[store] = lease.IsAvailable ? lease.Backend.Description : $"not run: {lease.Reason}";
        if (lease.IsAvailable)
            _connections[store] = await connection(lease.Backend);
    }
}
