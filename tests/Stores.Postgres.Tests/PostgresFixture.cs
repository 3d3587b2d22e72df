using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SessionStores.Backends;
using SessionStores.Conformance;
using SessionStores.Tests;

namespace SessionStores.Postgres.Tests;

/// <summary>PostgresStore for the conformance kit: one server and database for the run, a table for each namespace.</summary>
public class PostgresFixture : SessionStoreFixture
{
    private BackendLease<PostgresBackend>? _lease;
    private NpgsqlDataSource? _administrator;
    private string _database = "";

    public override string Name => "postgres";

    public override StoreCapabilities Capabilities =>
        StoreCapabilities.Enumeration | StoreCapabilities.Subjects | StoreCapabilities.Caps | StoreCapabilities.Pruning | StoreCapabilities.Successors | StoreCapabilities.AtomicRotation | StoreCapabilities.Expirations
        | StoreCapabilities.SharedData | StoreCapabilities.Logs | StoreCapabilities.PeerWrites | StoreCapabilities.UnreadableRecords
        | StoreCapabilities.StoredCount | StoreCapabilities.Registration | StoreCapabilities.InvalidRegistration
        | StoreCapabilities.UnreachableRegistration | StoreCapabilities.SetUp | StoreCapabilities.SetUpDescription
        | StoreCapabilities.OlderSetUp | StoreCapabilities.LeastPrivilege | StoreCapabilities.BrokenSetUp
        | StoreCapabilities.NodeClock; // the store reads no clock of its node (AnatomyTests)

    public override string? UnavailableReason => _lease is { IsAvailable: false } lease ? lease.Reason : null;

    public override TimeSpan ExpiryResolution => TimeSpan.FromSeconds(1);

    public override string? ClientVersion => $"Npgsql {typeof(NpgsqlConnection).Assembly.GetName().Version}";

    public override string? ServerVersion => _lease is { IsAvailable: true } lease ? lease.Backend.Description : null;

    public override int RaceRounds => 100;

    public override ValueTask<ISessionStore> CreateStoreAsync(string @namespace, StoreSettings settings) => new(Store(_database, @namespace, settings, HasOptions));

    public override async ValueTask DropAsync(string @namespace) => await ExecuteAsync($"DROP TABLE IF EXISTS \"{@namespace}\"");

    public override async ValueTask<DateTimeOffset> GetServerTimeAsync()
    {
        await using var command = _administrator!.CreateCommand("SELECT clock_timestamp()");
        return new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync())!);
    }

    public override async ValueTask WriteAsPeerAsync(string @namespace, string id, ReadOnlyMemory<byte> payload, DateTimeOffset expiresAt)
    {
        await using (var store = Store(_database, @namespace, new StoreSettings()))
            await store.SetUpAsync();

        await using var command = _administrator!.CreateCommand(NodeSql.Set(@namespace));
        NodeSql.Bind(command, id, Encoding.UTF8.GetString(payload.Span), expiresAt);
        await command.ExecuteNonQueryAsync();
    }

    public override async ValueTask PlantUnreadableAsync(string @namespace, string id) =>
        await WriteAsPeerAsync(@namespace, id, "[1,2]"u8.ToArray(), DateTimeOffset.UtcNow.AddHours(1));

    public override async ValueTask<long> CountStoredAsync(string @namespace)
    {
        await using var command = _administrator!.CreateCommand($"SELECT count(*) FROM \"{@namespace}\" WHERE NOT starts_with(sid, E'\\x01')");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public override ISessionStoresBuilder Register(ISessionStoresBuilder builder, string @namespace) =>
        builder.UsePostgres(_database, options => options.Table = @namespace);

    public override void RegisterInvalid(ISessionStoresBuilder builder) => builder.UsePostgres(_database, options => options.Table = "");

    public override void RegisterUnreachable(ISessionStoresBuilder builder) =>
        builder.UsePostgres("Host=127.0.0.1;Port=1;Username=unknown;Password=none", options => options.OperationTimeout = TimeSpan.FromSeconds(1));

    public override ValueTask<ISessionStore> CreateUnpreparedAsync(string @namespace) => CreateStoreAsync(@namespace, new StoreSettings());

    public override async ValueTask<string> DescribeSetUpAsync(string @namespace)
    {
        await using var command = _administrator!.CreateCommand(
            """
            SELECT coalesce(string_agg(line, E'\n' ORDER BY line), '') FROM (
              SELECT attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull AS line
              FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0
              UNION ALL
              SELECT indexdef FROM pg_indexes WHERE format('%I', tablename) = $1 OR tablename = trim('"' FROM $1)) AS lines
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"\"{@namespace}\"" });
        return (string)(await command.ExecuteScalarAsync())!;
    }

    public override async ValueTask PrepareOlderAsync(string @namespace, string id, ReadOnlyMemory<byte> payload, DateTimeOffset expiresAt)
    {
        await ExecuteAsync(NodeSql.CreateTable(@namespace));
        await WriteAsPeerAsync(@namespace, id, payload, expiresAt);
    }

    public override async ValueTask<ISessionStore> CreateLeastPrivilegedAsync(string @namespace)
    {
        await using (var store = Store(_database, @namespace, new StoreSettings()))
            await store.SetUpAsync();

        var role = "least_" + @namespace;
        await ExecuteAsync(
            $"""
            CREATE ROLE "{role}" LOGIN PASSWORD 'least';
            GRANT SELECT, INSERT, UPDATE, DELETE ON "{@namespace}" TO "{role}";
            """);
        var settings = new NpgsqlConnectionStringBuilder(_database) { Username = role, Password = "least" };
        return new PostgresStore(settings.ConnectionString, new PostgresStoreOptions { Table = @namespace, CreateIfMissing = false });
    }

    public override async ValueTask BreakSetUpAsync(string @namespace) => await ExecuteAsync($"ALTER TABLE \"{@namespace}\" DROP COLUMN sess");

    public override async ValueTask<IServerFaults?> StartFaultyServerAsync()
    {
        var lease = await PostgresBackend.StartAsync(new PostgresBackendOptions { Sources = BackendSources.Controlled, Durable = true });
        return lease.IsAvailable ? new PostgresServerFaults(lease.Backend) : null;
    }

    /// <summary>Whether stores have epochs and keys.</summary>
    protected virtual bool HasOptions => false;

    internal static PostgresStore Store(string connectionString, string table, StoreSettings settings, bool hasOptions = false)
    {
        // The default of five seconds is little for a test on a busy machine, where the time limit is not the subject.
        var options = new PostgresStoreOptions { Table = table, OperationTimeout = settings.CommandTimeout ?? TimeSpan.FromSeconds(30), ShareRoundTrips = SharingMode.Shares, SharesAlways = SharingMode.SharesAlways, Epochs = hasOptions, Keys = hasOptions };
        if (settings.MaxPayloadBytes is { } limit)
            options.MaxPayloadBytes = limit;

        return new PostgresStore(connectionString, options, settings.Log is { } log ? new ForwardingLogger<PostgresStore>(log) : null);
    }

    protected override async ValueTask StartAsync()
    {
        // What survives a crash is asked of the server of the fault cases.
        _lease = await PostgresBackend.StartAsync(new PostgresBackendOptions { Durable = false });
        if (!_lease.IsAvailable)
            return;

        // A small pool for each store: the kit makes hundreds of them at once.
        _database = new NpgsqlConnectionStringBuilder(await _lease.Backend.CreateDatabaseAsync()) { MaxPoolSize = 8 }.ConnectionString;
        _administrator = NpgsqlDataSource.Create(_database);
    }

    protected override async ValueTask StopAsync()
    {
        if (_administrator is not null)
            await _administrator.DisposeAsync();

        if (_lease is not null)
            await _lease.DisposeAsync();
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _administrator!.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
