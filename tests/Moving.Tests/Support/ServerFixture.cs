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
    private const string Finer = "What begins on the old side has its expiry in whole seconds, what is written to the new side only has it to the millisecond.";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly Side _old;
    private readonly Side _new;

    private readonly Extras _extras;

    private ServerFixture(Side old, Side current, Extras extras)
    {
        _old = old;
        _new = current;
        _extras = extras;
    }

    /// <summary>What is not the default of each store.</summary>
    [Flags]
    public enum Extras
    {
        None = 0,

        /// <summary>Expired sessions are handed out, which Redis and MongoDB do only on request.</summary>
        Expirations = 1,

        /// <summary>All sessions of a subject can be void at once, which PostgreSQL offers only on request.</summary>
        Epochs = 2,

        /// <summary>Sessions have keys beside their subjects, which PostgreSQL and MongoDB offer only on request.</summary>
        Keys = 4,
    }

    public override string Name => $"moving-{_old.Provider}-{_new.Provider}".ToLowerInvariant();

    // MongoDB rotates in several commands.
    public override StoreCapabilities Capabilities => (base.Capabilities | (_extras.HasFlag(Extras.Keys) ? StoreCapabilities.Keys : StoreCapabilities.None))
        & ~(_new.Provider == "Mongo" ? StoreCapabilities.AtomicRotation : StoreCapabilities.None)
        & ~(_extras.HasFlag(Extras.Expirations) ? StoreCapabilities.None : StoreCapabilities.Expirations)
        & ~(_extras.HasFlag(Extras.Epochs) || (_old.Provider != "Postgres" && _new.Provider != "Postgres") ? StoreCapabilities.None : StoreCapabilities.Epochs);

    public override TimeSpan ExpiryResolution => _old.Provider == "Postgres" || _new.Provider == "Postgres" ? TimeSpan.FromSeconds(1) : base.ExpiryResolution;

    public override IReadOnlyDictionary<string, string> Waivers => (_old.Provider, _new.Provider) is ("Postgres", "Mongo")
        ? new Dictionary<string, string>(OrderOfMoves)
        {
            ["Rotation.Prune_counts_no_links_and_leaves_fresh_ones"] = "The table keeps the emptied row of a session that has moved, which has expired, until it is pruned.",
            ["Expiry.A_session_of_a_far_or_endless_life_is_live_for_every_operation"] = "The same: the emptied rows are counted when they are pruned.",
            ["Expiry.Ends_in_summer_and_winter_are_kept_on_every_path"] = Finer,
            ["Expiry.Far_ends_are_kept_on_every_path"] = Finer,
        }
        : new Dictionary<string, string>([.. OtherVersions, .. OrderOfMoves]);

    public override int RaceRounds => _new.Provider == "Mongo" ? 4 : 8;

    /// <param name="from">The kind of the old side.</param>
    /// <param name="to">The kind of the new side.</param>
    /// <param name="extras">What both sides offer that is not the default of each store.</param>
    public static async Task<ServerFixture> StartAsync(string from, string to, Extras extras = Extras.None) =>
        new(await Side.StartAsync(from, extras), await Side.StartAsync(to, extras), extras);

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

        public static async Task<Side> StartAsync(string provider, Extras extras)
        {
            var keepsExpired = extras.HasFlag(Extras.Expirations);
            var server = provider == "Postgres" ? await StartPostgresAsync() : await ServerOf.StartAsync(provider);
            switch (provider)
            {
                case "Redis":
                    var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString + ",syncTimeout=30000");
                    return new Side(provider, server, redis, (name, settings) => new RedisStore(
                        redis, new RedisStoreOptions { KeyPrefix = $"{name}:", KeepExpired = keepsExpired, OperationTimeout = Timeout, MaxPayloadBytes = LimitOf(settings) }, LoggerOf<RedisStore>(settings)));
                case "Postgres":
                    var postgres = NpgsqlDataSource.Create(server.ConnectionString!);
                    return new Side(provider, server, postgres, (name, settings) => new PostgresStore(
                        postgres, new PostgresStoreOptions { Table = name, Epochs = extras.HasFlag(Extras.Epochs), Keys = extras.HasFlag(Extras.Keys), OperationTimeout = Timeout, MaxPayloadBytes = LimitOf(settings) }, LoggerOf<PostgresStore>(settings)));
                case "Mongo":
                    var client = MongoClientSettings.FromConnectionString(server.ConnectionString);
                    client.TracingOptions = new MongoDB.Driver.Core.Configuration.TracingOptions { Disabled = true };
                    var mongo = new MongoClient(client);
                    var database = mongo.GetDatabase(new MongoUrl(server.ConnectionString).DatabaseName);
                    return new Side(provider, server, mongo, (name, settings) => new MongoStore(
                        database.GetCollection<BsonDocument>(name), new MongoStoreOptions { AutoRemove = keepsExpired ? AutoRemove.Interval : AutoRemove.Native, Keys = extras.HasFlag(Extras.Keys), OperationTimeout = Timeout, MaxPayloadBytes = LimitOf(settings) }, LoggerOf<MongoStore>(settings)));
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
