using MongoDB.Bson;
using MongoDB.Driver;
using Npgsql;
using SessionStores.Backends;
using SessionStores.Conformance;
using SessionStores.Mongo;
using SessionStores.Postgres;
using SessionStores.Redis;
using StackExchange.Redis;

namespace SessionStores.Moving.Tests;

/// <summary>From one kind of store to another, where at least one has a server. A namespace is a key prefix, a table or a collection.</summary>
internal sealed class ServerFixture : MovingFixture
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly Side _old;
    private readonly Side _new;

    private ServerFixture(Side old, Side current)
    {
        _old = old;
        _new = current;
    }

    public override string Name => $"moving-{_old.Provider}-{_new.Provider}".ToLowerInvariant();

    // MongoDB rotates in several commands.
    public override StoreCapabilities Capabilities => _new.Provider == "Mongo" ? base.Capabilities & ~StoreCapabilities.AtomicRotation : base.Capabilities;

    public override TimeSpan ExpiryResolution => _old.Provider == "Postgres" || _new.Provider == "Postgres" ? TimeSpan.FromSeconds(1) : base.ExpiryResolution;

    public override IReadOnlyDictionary<string, string> Waivers => (_old.Provider, _new.Provider) is ("Postgres", "Mongo")
        ? new Dictionary<string, string>
        {
            ["Rotation.Prune_counts_no_links_and_leaves_fresh_ones"] = "The table keeps the emptied row of a session that has moved, which has expired, until it is pruned.",
        }
        : OtherVersions;

    public override int RaceRounds => _new.Provider == "Mongo" ? 4 : 8;

    public static async Task<ServerFixture> StartAsync(string from, string to) => new(await Side.StartAsync(from), await Side.StartAsync(to));

    protected override ValueTask<ISessionStore> OpenOldAsync(string @namespace, StoreSettings settings) => new(_old.Open(@namespace, settings));

    protected override ValueTask<ISessionStore> OpenNewAsync(string @namespace, StoreSettings settings) => new(_new.Open(@namespace, settings));

    protected override async ValueTask StopAsync()
    {
        await _old.DisposeAsync();
        await _new.DisposeAsync();
    }

    private sealed class Side : IAsyncDisposable
    {
        private readonly ServerOf _server;
        private readonly Func<string, StoreSettings, ISessionStore> _open;
        private readonly IDisposable? _client;

        private Side(string provider, ServerOf server, IDisposable? client, Func<string, StoreSettings, ISessionStore> open)
        {
            Provider = provider;
            _server = server;
            _client = client;
            _open = open;
        }

        public string Provider { get; }

        public static async Task<Side> StartAsync(string provider)
        {
            var server = provider == "Postgres" ? await StartPostgresAsync() : await ServerOf.StartAsync(provider);
            switch (provider)
            {
                case "Redis":
                    var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString + ",syncTimeout=30000");
                    return new Side(provider, server, redis, (name, settings) => new RedisStore(
                        redis, new RedisStoreOptions { KeyPrefix = $"{name}:", OperationTimeout = Timeout, MaxPayloadBytes = LimitOf(settings) }, LoggerOf<RedisStore>(settings)));
                case "Postgres":
                    var postgres = NpgsqlDataSource.Create(server.ConnectionString!);
                    return new Side(provider, server, postgres, (name, settings) => new PostgresStore(
                        postgres, new PostgresStoreOptions { Table = name, OperationTimeout = Timeout, MaxPayloadBytes = LimitOf(settings) }, LoggerOf<PostgresStore>(settings)));
                case "Mongo":
                    var client = MongoClientSettings.FromConnectionString(server.ConnectionString);
                    client.TracingOptions = new MongoDB.Driver.Core.Configuration.TracingOptions { Disabled = true };
                    var mongo = new MongoClient(client);
                    var database = mongo.GetDatabase(new MongoUrl(server.ConnectionString).DatabaseName);
                    return new Side(provider, server, mongo, (name, settings) => new MongoStore(
                        database.GetCollection<BsonDocument>(name), new MongoStoreOptions { OperationTimeout = Timeout, MaxPayloadBytes = LimitOf(settings) }, LoggerOf<MongoStore>(settings)));
                default:
                    var memory = new MemoryServer();
                    return new Side(provider, server, null, memory.Open);
            }
        }

        public ISessionStore Open(string name, StoreSettings settings) => _open(name, settings);

        public async ValueTask DisposeAsync()
        {
            _client?.Dispose();
            await _server.DisposeAsync();
        }

        /// <summary>Without writing through to the disk, since no case here lets the server crash.</summary>
        private static async Task<ServerOf> StartPostgresAsync()
        {
            var lease = await PostgresBackend.StartAsync(new PostgresBackendOptions { Durable = false });
            Assert.SkipUnless(lease.IsAvailable, lease.Reason);
            return new ServerOf(lease.Backend, await lease.Backend.CreateDatabaseAsync());
        }

        private static int LimitOf(StoreSettings settings) => settings.MaxPayloadBytes ?? SessionArguments.DefaultMaxPayloadBytes;

        private static ForwardingLogger<TStore>? LoggerOf<TStore>(StoreSettings settings) => settings.Log is { } log ? new ForwardingLogger<TStore>(log) : null;
    }
}
