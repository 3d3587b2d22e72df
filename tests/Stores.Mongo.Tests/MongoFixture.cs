using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Driver;
using MongoDB.Driver.Core.Configuration;
using SessionStores.Backends;
using SessionStores.Conformance;
using SessionStores.Tests;

namespace SessionStores.Mongo.Tests;

/// <summary>One server and one database for the run; a namespace is a collection.</summary>
public class MongoFixture : SessionStoreFixture
{
    private readonly string _database = "sessions_" + ObjectId.GenerateNewId();
    private readonly Lazy<Task> _start;
    private BackendLease<MongoBackend>? _lease;
    private MongoClient? _client;
    private string? _serverVersion;

    public MongoFixture() => _start = new Lazy<Task>(StartServerAsync);

    public override string Name => "mongo";

    // No AtomicRotation: an _id cannot change, and a standalone server has no transactions.
    // No LeastPrivilege: the servers that tests can start have no users.
    public override StoreCapabilities Capabilities =>
        StoreCapabilities.Enumeration | StoreCapabilities.Subjects | StoreCapabilities.Caps | StoreCapabilities.Epochs | StoreCapabilities.Pruning | StoreCapabilities.Successors
        | StoreCapabilities.SharedData | StoreCapabilities.Logs | StoreCapabilities.PeerWrites | StoreCapabilities.UnreadableRecords
        | StoreCapabilities.StoredCount | StoreCapabilities.Registration | StoreCapabilities.InvalidRegistration
        | StoreCapabilities.UnreachableRegistration | StoreCapabilities.SetUp | StoreCapabilities.SetUpDescription
        | StoreCapabilities.OlderSetUp
        | StoreCapabilities.NodeClock; // the store reads no clock of its node (AnatomyTests)

    public override string? UnavailableReason => _lease is { IsAvailable: false } ? _lease.Reason : null;

    public override string? ClientVersion => "MongoDB.Driver " + typeof(MongoClient).Assembly.GetName().Version?.ToString(3);

    public override string? ServerVersion => _serverVersion;

    public override int RaceRounds => 60;

    public MongoBackend Backend => _lease!.Backend;

    public string DatabaseName => _database;

    public IMongoDatabase Database => (_client ?? throw new InvalidOperationException("The fixture has not started.")).GetDatabase(_database);

    /// <summary>Starts the server for a test that is no case of the kit, or skips it.</summary>
    public async Task ReadyAsync()
    {
        await _start.Value;
        Assert.SkipUnless(_lease!.IsAvailable, _lease.Reason);
    }

    /// <summary>Who removes expired documents.</summary>
    protected virtual AutoRemove AutoRemove => AutoRemove.Native;

    /// <summary>Whether stores keep keys.</summary>
    protected virtual bool HasKeys => false;

    protected override async ValueTask StartAsync() => await _start.Value;

    private async Task StartServerAsync()
    {
        _lease = await MongoBackend.StartAsync();
        if (!_lease.IsAvailable)
            return;

        // The driver's traces quote the server, which names the id when an insert finds it taken. The store turns them off in the clients it
        // creates; for clients that are passed to it, its README says so.
        var settings = MongoClientSettings.FromConnectionString(_lease.Backend.ConnectionString);
        settings.TracingOptions = new TracingOptions { Disabled = true };
        _client = new MongoClient(settings);
        _serverVersion = _lease.Backend.Description;
    }

    protected override async ValueTask StopAsync()
    {
        if (_client is not null)
        {
            await _client.DropDatabaseAsync(_database);
            _client.Dispose();
        }

        if (_lease is not null)
            await _lease.DisposeAsync();
    }

    public override async ValueTask<ISessionStore> CreateStoreAsync(string @namespace, StoreSettings settings)
    {
        var options = OptionsOf(settings);
        options.AutoRemove = AutoRemove;
        options.Keys = HasKeys;
        var store = new MongoStore(Database.GetCollection<BsonDocument>(@namespace), options, LoggerOf(settings));
        await store.SetUpAsync();
        return store;
    }

    public override async ValueTask DropAsync(string @namespace) => await Database.DropCollectionAsync(@namespace);

    public override async ValueTask WriteAsPeerAsync(string @namespace, string id, ReadOnlyMemory<byte> payload, DateTimeOffset expiresAt) =>
        await ConnectMongo.SetAsync(Database.GetCollection<BsonDocument>(@namespace), id, System.Text.Encoding.UTF8.GetString(payload.Span), expiresAt);

    public override async ValueTask PlantUnreadableAsync(string @namespace, string id) =>
        await ConnectMongo.SetAsync(Database.GetCollection<BsonDocument>(@namespace), id, 42, DateTimeOffset.MaxValue.AddYears(-1));

    public override async ValueTask<long> CountStoredAsync(string @namespace) =>
        await Database.GetCollection<BsonDocument>(@namespace).CountDocumentsAsync(new BsonDocument("moved", new BsonDocument("$exists", false)));

    public override ISessionStoresBuilder Register(ISessionStoresBuilder builder, string @namespace) =>
        builder.UseMongo(Database, options => options.Collection = @namespace);

    public override void RegisterInvalid(ISessionStoresBuilder builder) => builder.UseMongo("mongodb://127.0.0.1", options => options.Collection = "");

    public override void RegisterUnreachable(ISessionStoresBuilder builder) =>
        builder.UseMongo("mongodb://127.0.0.1:1", options => options.OperationTimeout = TimeSpan.FromSeconds(1));

    public override ValueTask<ISessionStore> CreateUnpreparedAsync(string @namespace) =>
        new(new MongoStore(Database.GetCollection<BsonDocument>(@namespace)));

    public override async ValueTask<string> DescribeSetUpAsync(string @namespace)
    {
        using var cursor = await Database.GetCollection<BsonDocument>(@namespace).Indexes.ListAsync();
        var indexes = await cursor.ToListAsync();
        return string.Join('\n', indexes.Select(index => index.ToJson()).Order(StringComparer.Ordinal));
    }

    public override async ValueTask PrepareOlderAsync(string @namespace, string id, ReadOnlyMemory<byte> payload, DateTimeOffset expiresAt)
    {
        var collection = Database.GetCollection<BsonDocument>(@namespace);
        await ConnectMongo.SetUpAsync(collection);
        await ConnectMongo.SetAsync(collection, id, System.Text.Encoding.UTF8.GetString(payload.Span), expiresAt);
    }

    public override async ValueTask<IServerFaults?> StartFaultyServerAsync()
    {
        var lease = await MongoBackend.StartAsync(new BackendOptions { Sources = BackendSources.Controlled });
        return lease.IsAvailable ? new MongoServerFaults(lease.Backend) : null;
    }

    /// <summary>A logger that passes its lines to the kit.</summary>
    public static ILogger<MongoStore>? LoggerOf(StoreSettings settings) => settings.Log is { } log ? new ForwardingLogger<MongoStore>(log) : null;

    /// <summary>The options for the settings of the kit.</summary>
    public static MongoStoreOptions OptionsOf(StoreSettings settings)
    {
        var options = new MongoStoreOptions { ShareRoundTrips = SharingMode.Shares, SharesAlways = SharingMode.SharesAlways };
        if (settings.MaxPayloadBytes is { } limit)
            options.MaxPayloadBytes = limit;

        if (settings.CommandTimeout is { } timeout)
            options.OperationTimeout = timeout;

        return options;
    }
}
