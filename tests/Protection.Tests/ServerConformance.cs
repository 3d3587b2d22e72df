using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Driver;
using Npgsql;
using SessionStores.Backends;
using SessionStores.Conformance;
using SessionStores.Mongo;
using SessionStores.Postgres;
using SessionStores.Protection.Tests.ServerConformance;
using SessionStores.Redis;
using SessionStores.Tests;
using StackExchange.Redis;

[assembly: AssemblyFixture(typeof(ProtectedRedisFixture))]
[assembly: AssemblyFixture(typeof(ProtectedPostgresFixture))]
[assembly: AssemblyFixture(typeof(ProtectedMongoFixture))]

namespace SessionStores.Protection.Tests.ServerConformance;

/// <summary>A store with a server behind protection, for the groups in which the server works on what protection writes: it compares, limits, rotates, indexes
/// and lists sealed records. All groups run on the server without protection, and in memory with it.</summary>
public abstract class ProtectedServerFixture<TBackend>(string name, Func<Task<BackendLease<TBackend>>> start) : SessionStoreFixture
    where TBackend : Backend
{
    private const string Unchanged = "What protection changes has no part in it.";
    private const string OfServer = "It is about the server or about concurrent writers, whom protection passes on call by call.";

    private BackendLease<TBackend>? _lease;

    public override string Name => $"{name}-protected";

    public override StoreCapabilities Capabilities =>
        StoreCapabilities.Enumeration | StoreCapabilities.Subjects | StoreCapabilities.Caps | StoreCapabilities.Epochs | StoreCapabilities.Pruning | StoreCapabilities.SharedData | StoreCapabilities.Logs
        | StoreCapabilities.Successors | (typeof(TBackend) == typeof(PostgresBackend) ? StoreCapabilities.Expirations : StoreCapabilities.None);

    public override string? UnavailableReason => _lease is { IsAvailable: false } lease ? lease.Reason : null;

    public override string? ServerVersion => _lease is { IsAvailable: true } lease ? lease.Backend.Description : null;

    public override IReadOnlyDictionary<string, string> Waivers { get; } = new Dictionary<string, string>
    {
        ["Cancellation"] = OfServer,
        ["Cap"] = OfServer,
        ["Disposal"] = Unchanged,
        ["Expiry"] = Unchanged,
        ["Fault"] = OfServer,
        ["History"] = OfServer,
        ["Identifier"] = "The server sees the digest of an id only, whatever the id is.",
        ["Isolation"] = Unchanged,
        ["NodeClock"] = Unchanged,
        ["Pruning"] = Unchanged,
        ["Race"] = OfServer,
        ["Registration"] = Unchanged,
        ["Resurrection"] = OfServer,
        ["Secret"] = OfServer,
        ["SetUp"] = OfServer,
        ["Touch"] = Unchanged,
    };

    public override async ValueTask<ISessionStore> CreateStoreAsync(string @namespace, StoreSettings settings)
    {
        var options = Keys.Options(Keys.Current);
        options.HashSubjects = true;
        if (settings.MaxPayloadBytes is { } limit)
            options.MaxPayloadBytes = limit;

        return new ProtectedStore(await OpenAsync(@namespace, settings), options, settings.Clock, Kit.LoggerOf<ProtectedStore>(settings));
    }

    /// <summary>Connects to the server once, for all stores.</summary>
    protected abstract Task ConnectAsync(TBackend backend);

    /// <summary>Opens the store that is to be protected. Its limit is above that of protection, since what is sealed is larger.</summary>
    protected abstract ValueTask<ISessionStore> OpenAsync(string @namespace, StoreSettings settings);

    protected override async ValueTask StartAsync()
    {
        _lease = await start();
        if (_lease.IsAvailable)
            await ConnectAsync(_lease.Backend);
    }

    protected override async ValueTask StopAsync()
    {
        if (_lease is not null)
            await _lease.DisposeAsync();
    }
}

public sealed class ProtectedRedisFixture() : ProtectedServerFixture<RedisBackend>("redis", () => RedisBackend.StartAsync())
{
    private ConnectionMultiplexer? _connection;

    public override StoreCapabilities Capabilities => base.Capabilities | StoreCapabilities.AtomicRotation;

    protected override async Task ConnectAsync(RedisBackend backend) => _connection = await ConnectionMultiplexer.ConnectAsync(backend.ConnectionString + ",syncTimeout=30000");

    protected override ValueTask<ISessionStore> OpenAsync(string @namespace, StoreSettings settings) => new(new RedisStore(
        _connection!,
        new RedisStoreOptions { KeyPrefix = $"{@namespace}:", MaxPayloadBytes = Kit.Largest, OperationTimeout = settings.CommandTimeout ?? Kit.Patience },
        Kit.LoggerOf<RedisStore>(settings)));

    protected override async ValueTask StopAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();

        await base.StopAsync();
    }
}

public sealed class ProtectedPostgresFixture() : ProtectedServerFixture<PostgresBackend>("postgres", () => PostgresBackend.StartAsync(new PostgresBackendOptions { Durable = false }))
{
    private NpgsqlDataSource? _database;

    public override StoreCapabilities Capabilities => base.Capabilities | StoreCapabilities.AtomicRotation | StoreCapabilities.Keys;

    public override TimeSpan ExpiryResolution => TimeSpan.FromSeconds(1);

    public override async ValueTask DropAsync(string @namespace)
    {
        await using var command = _database!.CreateCommand($"DROP TABLE IF EXISTS \"{@namespace}\"");
        await command.ExecuteNonQueryAsync();
    }

    protected override async Task ConnectAsync(PostgresBackend backend) => _database = NpgsqlDataSource.Create(await backend.CreateDatabaseAsync());

    protected override ValueTask<ISessionStore> OpenAsync(string @namespace, StoreSettings settings) => new(new PostgresStore(
        _database!,
        new PostgresStoreOptions { Table = @namespace, Epochs = true, Keys = true, MaxPayloadBytes = Kit.Largest, OperationTimeout = settings.CommandTimeout ?? Kit.Patience },
        Kit.LoggerOf<PostgresStore>(settings)));

    protected override async ValueTask StopAsync()
    {
        if (_database is not null)
            await _database.DisposeAsync();

        await base.StopAsync();
    }
}

public sealed class ProtectedMongoFixture() : ProtectedServerFixture<MongoBackend>("mongo", () => MongoBackend.StartAsync())
{
    private MongoClient? _client;
    private IMongoDatabase? _database;

    public override StoreCapabilities Capabilities => base.Capabilities | StoreCapabilities.Keys;

    public override async ValueTask DropAsync(string @namespace) => await _database!.DropCollectionAsync(@namespace);

    protected override Task ConnectAsync(MongoBackend backend)
    {
        _client = new MongoClient(backend.ConnectionString);
        _database = _client.GetDatabase("protected_" + ObjectId.GenerateNewId());
        return Task.CompletedTask;
    }

    protected override ValueTask<ISessionStore> OpenAsync(string @namespace, StoreSettings settings) => new(new MongoStore(
        _database!.GetCollection<BsonDocument>(@namespace),
        new MongoStoreOptions { Keys = true, MaxPayloadBytes = Kit.Largest, OperationTimeout = settings.CommandTimeout ?? Kit.Patience },
        Kit.LoggerOf<MongoStore>(settings)));

    protected override async ValueTask StopAsync()
    {
        if (_client is not null)
        {
            await _client.DropDatabaseAsync(_database!.DatabaseNamespace.DatabaseName);
            _client.Dispose();
        }

        await base.StopAsync();
    }
}

internal static class Kit
{
    /// <summary>Over the limit of protection, by what sealing adds.</summary>
    public const int Largest = 4 << 20;

    /// <summary>The time limit of a call is not the subject, and the machine may be busy.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static ILogger<T>? LoggerOf<T>(StoreSettings settings) => settings.Log is { } log ? new ForwardingLogger<T>(log) : null;
}

public sealed class RedisCap(ProtectedRedisFixture fixture) : CapSuite(fixture);
public sealed class RedisEpoch(ProtectedRedisFixture fixture) : EpochSuite(fixture);
public sealed class RedisCapability(ProtectedRedisFixture fixture) : CapabilitySuite(fixture);
public sealed class RedisEnumeration(ProtectedRedisFixture fixture) : EnumerationSuite(fixture);
public sealed class RedisKey(ProtectedRedisFixture fixture) : KeySuite(fixture);
public sealed class RedisLifecycle(ProtectedRedisFixture fixture) : LifecycleSuite(fixture);
public sealed class RedisPayload(ProtectedRedisFixture fixture) : PayloadSuite(fixture);
public sealed class RedisReplacement(ProtectedRedisFixture fixture) : ReplacementSuite(fixture);
public sealed class RedisRotation(ProtectedRedisFixture fixture) : RotationSuite(fixture);
public sealed class RedisSlide(ProtectedRedisFixture fixture) : SlideSuite(fixture);
public sealed class RedisSubject(ProtectedRedisFixture fixture) : SubjectSuite(fixture);
public sealed class RedisVersion(ProtectedRedisFixture fixture) : VersionSuite(fixture);

public sealed class PostgresCap(ProtectedPostgresFixture fixture) : CapSuite(fixture);
public sealed class PostgresEpoch(ProtectedPostgresFixture fixture) : EpochSuite(fixture);
public sealed class PostgresCapability(ProtectedPostgresFixture fixture) : CapabilitySuite(fixture);
public sealed class PostgresEnumeration(ProtectedPostgresFixture fixture) : EnumerationSuite(fixture);
public sealed class PostgresKey(ProtectedPostgresFixture fixture) : KeySuite(fixture);
public sealed class PostgresLifecycle(ProtectedPostgresFixture fixture) : LifecycleSuite(fixture);
public sealed class PostgresPayload(ProtectedPostgresFixture fixture) : PayloadSuite(fixture);
public sealed class PostgresReplacement(ProtectedPostgresFixture fixture) : ReplacementSuite(fixture);
public sealed class PostgresRotation(ProtectedPostgresFixture fixture) : RotationSuite(fixture);
public sealed class PostgresSlide(ProtectedPostgresFixture fixture) : SlideSuite(fixture);
public sealed class PostgresSubject(ProtectedPostgresFixture fixture) : SubjectSuite(fixture);
public sealed class PostgresVersion(ProtectedPostgresFixture fixture) : VersionSuite(fixture);

public sealed class MongoCap(ProtectedMongoFixture fixture) : CapSuite(fixture);
public sealed class MongoEpoch(ProtectedMongoFixture fixture) : EpochSuite(fixture);
public sealed class MongoCapability(ProtectedMongoFixture fixture) : CapabilitySuite(fixture);
public sealed class MongoEnumeration(ProtectedMongoFixture fixture) : EnumerationSuite(fixture);
public sealed class MongoKey(ProtectedMongoFixture fixture) : KeySuite(fixture);
public sealed class MongoLifecycle(ProtectedMongoFixture fixture) : LifecycleSuite(fixture);
public sealed class MongoPayload(ProtectedMongoFixture fixture) : PayloadSuite(fixture);
public sealed class MongoReplacement(ProtectedMongoFixture fixture) : ReplacementSuite(fixture);
public sealed class MongoRotation(ProtectedMongoFixture fixture) : RotationSuite(fixture);
public sealed class MongoSlide(ProtectedMongoFixture fixture) : SlideSuite(fixture);
public sealed class MongoSubject(ProtectedMongoFixture fixture) : SubjectSuite(fixture);
public sealed class MongoVersion(ProtectedMongoFixture fixture) : VersionSuite(fixture);
