using System.Globalization;
using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace SessionStores.Postgres;

/// <summary>Looks at the table, creates what is missing, and keeps the statements that fit it.</summary>
/// <remarks>Once per store, by whoever comes first; the others wait for the same run. A run that failed is tried anew.</remarks>
internal sealed class SetUp
{
    private const int MaxAttempts = 3;

    private readonly NpgsqlDataSource _dataSource;
    private readonly SessionTable _table;
    private readonly bool _createIfMissing;
    private readonly bool? _prepareStatements;
    private readonly bool _isMultiplexed;
    private readonly string? _expireTimeZone;
    private readonly string? _timeToLiveSeconds;
    private readonly int _timeoutSeconds;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private Task<Statements>? _running;
    private volatile Statements? _statements;
    private volatile bool _prepares;

    public SetUp(NpgsqlDataSource dataSource, PostgresStoreOptions options, ILogger logger)
    {
        _dataSource = dataSource;
        _table = new SessionTable(options.Schema, options.Table);
        _createIfMissing = options.CreateIfMissing;
        _prepareStatements = options.PrepareStatements;
        _isMultiplexed = new NpgsqlConnectionStringBuilder(dataSource.ConnectionString).Multiplexing;
        _expireTimeZone = options.ExpireTimeZone;
        _timeToLiveSeconds = options.TimeToLive?.TotalSeconds.ToString("R", CultureInfo.InvariantCulture);
        _timeoutSeconds = (int)Math.Ceiling(options.SetUpTimeout.TotalSeconds);
        _logger = logger;
    }

    /// <summary>Whether statements are prepared. Meaningful once the statements are there.</summary>
    public bool Prepares => _prepares;

    public ValueTask<Statements> StatementsAsync(CancellationToken cancellationToken) =>
        _statements is { } statements ? new(statements) : new(Start().WaitAsync(cancellationToken));

    /// <summary>Makes the next operation look at the table again, after the server said that it is not what it was.</summary>
    public void Forget() => _statements = null;

    /// <summary>The statements that would bring what is missing; empty when nothing is.</summary>
    public async Task<string> ScriptAsync(CancellationToken cancellationToken)
    {
        var connection = await _dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var shape = await TableShape.ReadAsync(connection, _table, null, _timeoutSeconds, cancellationToken).ConfigureAwait(false);
            shape.ThrowIfUnfit(_table);
            return SetUpStep.Script(SetUpStep.Missing(_table, shape));
        }
    }

    private Task<Statements> Start()
    {
        lock (_gate)
            return _running ??= Task.Run(RunAsync);
    }

    private async Task<Statements> RunAsync()
    {
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return _statements = await LookAndCreateAsync().ConfigureAwait(false);
                }
                catch (PostgresException exception) when (attempt < MaxAttempts && IsLostRace(exception.SqlState))
                {
                    // Somebody who does not know our lock, such as a Node peer, created the table at the same moment.
                }
            }
        }
        finally
        {
            lock (_gate)
                _running = null;
        }
    }

    private async Task<Statements> LookAndCreateAsync()
    {
        var connection = await _dataSource.OpenConnectionAsync().ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var shape = await TableShape.ReadAsync(connection, _table, null, _timeoutSeconds, CancellationToken.None).ConfigureAwait(false);
            if (_createIfMissing && SetUpStep.Missing(_table, shape).Count > 0)
                shape = await CreateAsync(connection).ConfigureAwait(false);

            return Use(shape, connection);
        }
    }

    private async Task<TableShape> CreateAsync(NpgsqlConnection connection)
    {
        var transaction = await connection.BeginTransactionAsync().ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            // A waiting ALTER TABLE would make every request of a Node peer wait behind it: better to fail and try again.
            await RunAsync("SELECT pg_advisory_xact_lock(@SetUpLock)", new DynamicParameters().With(nameof(_table.SetUpLock), _table.SetUpLock)).ConfigureAwait(false);
            await RunAsync("SET LOCAL lock_timeout = '3s'").ConfigureAwait(false);
            var before = await TableShape.ReadAsync(connection, _table, transaction, _timeoutSeconds, CancellationToken.None).ConfigureAwait(false);
            before.ThrowIfUnfit(_table);
            var steps = SetUpStep.Missing(_table, before);
            foreach (var step in steps)
                await RunAsync(step.Sql).ConfigureAwait(false);

            var after = await TableShape.ReadAsync(connection, _table, transaction, _timeoutSeconds, CancellationToken.None).ConfigureAwait(false);
            await transaction.CommitAsync().ConfigureAwait(false);
            if (steps.Count > 0)
                Log.TableSetUp(_logger, _table.Name, string.Join(", ", steps.Select(step => step.What)));

            return after;
        }

        Task RunAsync(string sql, DynamicParameters? parameters = null) =>
            connection.ExecuteAsync(Queries.Command(sql, parameters, CancellationToken.None, transaction, _timeoutSeconds));
    }

    private Statements Use(TableShape shape, NpgsqlConnection connection)
    {
        if (!shape.Exists)
            throw PostgresFaults.Misconfigured(TableShape.Operation, $"The session table {_table.Name} does not exist, and PostgresStoreOptions.CreateIfMissing is false.");

        shape.ThrowIfUnfit(_table);
        var zone = shape.ExpireHasZone ? null : _expireTimeZone ?? shape.ServerTimeZone(_table);
        if (zone is not null)
            Log.ExpireWithoutZone(_logger, _table.Name, zone);

        if (shape.IsUnlogged)
            Log.TableUnlogged(_logger, _table.Name);

        _prepares = !_isMultiplexed && (_prepareStatements ?? !IsPooled(connection, shape));
        return new Statements(_table, shape.Oid, new ExpireColumn(zone, _timeToLiveSeconds), shape.HasSubject, shape.HasExpireIndex);
    }

    /// <summary>Whether a pooler stands between: it tells the client a process id of its own making.</summary>
    private bool IsPooled(NpgsqlConnection connection, TableShape shape)
    {
        if (connection.ProcessID == shape.BackendProcessId)
            return false;

        Log.PoolerFound(_logger);
        return true;
    }

    private static bool IsLostRace(string sqlState) =>
        sqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.DuplicateSchema or PostgresErrorCodes.DuplicateColumn;
}
