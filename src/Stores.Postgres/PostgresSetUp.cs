using System.Globalization;
using System.Text;
using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace SessionStores.Postgres;

/// <summary>Inspects the table, creates what is missing, and keeps the commands that fit it.</summary>
/// <remarks>Once per store, by whichever call comes first; the others wait for the same run. A run that failed is tried anew.</remarks>
internal sealed partial class PostgresSetUp
{
    public const string Operation = "SetUp";

    private const int MaxAttempts = 3;

    private readonly PostgresConnection.Pool _pool;
    private readonly PostgresStoreOptions _options;
    private readonly PostgresCommands.Names _names;
    private readonly int _timeoutSeconds;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private Task<PostgresCommands>? _running;
    private volatile PostgresCommands? _commands;
    private volatile bool _prepares;

    public PostgresSetUp(PostgresConnection.Pool pool, PostgresStoreOptions options, ILogger logger)
    {
        _pool = pool;
        _options = options;
        _names = new PostgresCommands.Names(options.Schema, options.Table);
        _timeoutSeconds = (int)Math.Ceiling(options.SetUpTimeout.TotalSeconds);
        _logger = logger;
    }

    /// <summary>Whether commands are prepared. Meaningful once there are commands.</summary>
    public bool Prepares => _prepares;

    public ValueTask<PostgresCommands> CommandsAsync(CancellationToken cancellationToken) =>
        _commands is { } commands ? new(commands) : new(Start().WaitAsync(cancellationToken));

    /// <summary>Makes the next operation inspect the table again, after the server said that it is not what it was.</summary>
    public void Forget() => _commands = null;

    /// <summary>The steps that would create what is missing, as a script; empty when nothing is.</summary>
    public async ValueTask<string> ScriptAsync(CancellationToken cancellationToken)
    {
        var connection = await _pool.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var shape = await Shape.ReadAsync(connection, _names, null, _timeoutSeconds, cancellationToken).ConfigureAwait(false);
            shape.ThrowIfUnfit(_names, _options.Keys);
            var script = new StringBuilder();
            foreach (var step in Missing(shape, isOwner: true))
                script.Append("-- ").Append(step.Number).Append(". ").Append(step.What).Append('\n').Append(step.Sql).Append(";\n");

            return script.ToString();
        }
    }

    private Task<PostgresCommands> Start()
    {
        lock (_gate)
            return _running ??= Task.Run(RunAsync);
    }

    private async Task<PostgresCommands> RunAsync()
    {
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return _commands = await InspectAndCreateAsync().ConfigureAwait(false);
                }
                catch (PostgresException exception) when (attempt < MaxAttempts && IsLostRace(exception.SqlState))
                {
                    // A writer that does not know our lock, such as a Node peer, created the table at the same moment.
                }
            }
        }
        finally
        {
            lock (_gate)
                _running = null;
        }
    }

    private async Task<PostgresCommands> InspectAndCreateAsync()
    {
        var connection = await _pool.OpenAsync(CancellationToken.None).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var shape = await Shape.ReadAsync(connection, _names, null, _timeoutSeconds, CancellationToken.None).ConfigureAwait(false);
            if (_options.CreateIfMissing && Missing(shape, shape.IsOwner).Count > 0)
                shape = await CreateAsync(connection).ConfigureAwait(false);

            return Use(shape, connection);
        }
    }

    private async Task<Shape> CreateAsync(NpgsqlConnection connection)
    {
        var transaction = await connection.BeginTransactionAsync().ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            await connection.ExecuteAsync(PostgresCommands.LockSetUp, new { _names.SetUpLock }, transaction, _timeoutSeconds).ConfigureAwait(false);
            await connection.ExecuteAsync(PostgresCommands.LimitLockWait, null, transaction, _timeoutSeconds).ConfigureAwait(false);
            var before = await Shape.ReadAsync(connection, _names, transaction, _timeoutSeconds, CancellationToken.None).ConfigureAwait(false);
            before.ThrowIfUnfit(_names, _options.Keys);
            var steps = Missing(before, before.IsOwner);
            foreach (var step in steps)
                await connection.ExecuteAsync(step.Sql, null, transaction, _timeoutSeconds).ConfigureAwait(false);

            var after = await Shape.ReadAsync(connection, _names, transaction, _timeoutSeconds, CancellationToken.None).ConfigureAwait(false);
            await transaction.CommitAsync().ConfigureAwait(false);
            if (steps.Count > 0)
                Log.TableSetUp(_logger, _names.Table, string.Join(", ", steps.Select(step => step.What)));

            return after;
        }
    }

    /// <summary>The steps that a database in this shape still lacks, in order.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="isOwner">False leaves out what a user who does not own the table can do without.</param>
    private List<Step> Missing(Shape shape, bool isOwner)
    {
        var missing = new List<Step>();
        if (_names.Schema is not null && !shape.SchemaExists)
            missing.Add(new Step(1, "schema", PostgresCommands.CreateSchema(_names)));

        if (!shape.Exists)
            missing.Add(new Step(2, "table", PostgresCommands.CreateTable(_names)));

        if (!shape.HasSubject)
            missing.Add(new Step(3, "subject column", PostgresCommands.AddSubject(_names)));

        if (shape.Exists && !shape.HasColumnJoined && isOwner)
            missing.Add(new Step(5, "column joined", PostgresCommands.AddJoined(_names)));

        if (!shape.HasSubjectIndex)
            missing.Add(new Step(4, "subject index", PostgresCommands.IndexSubject(_names)));

        if (_options.Keys && !shape.HasKey)
            missing.Add(new Step(6, "key column", PostgresCommands.AddKey(_names)));

        if (_options.Keys && !shape.HasKeyIndex)
            missing.Add(new Step(7, "key index", PostgresCommands.IndexKey(_names)));

        return missing;
    }

    private PostgresCommands Use(Shape shape, NpgsqlConnection connection)
    {
        if (!shape.Exists)
        {
            throw PostgresFaults.Misconfigured(Operation,
                $"The session table {_names.Table} does not exist, and CreateIfMissing is false. Set it to true, or run the SQL that PostgresStore.ScriptAsync returns.");
        }

        shape.ThrowIfUnfit(_names, _options.Keys);
        if (_options.Epochs && !(shape.HasSubject && shape.HasJoined))
        {
            throw PostgresFaults.Misconfigured(Operation,
                $"The option Epochs is true, but the table {_names.Table} lacks the column subject, or joined of type timestamptz. Let the owner of the table run the SQL that PostgresStore.ScriptAsync returns.");
        }

        if (_options.Keys && !(shape.HasSubject && shape.HasKey))
        {
            throw PostgresFaults.Misconfigured(Operation,
                $"The option Keys is true, but the table {_names.Table} lacks the column subject or key. Let the owner of the table run the SQL that PostgresStore.ScriptAsync returns.");
        }

        var zone = shape.ExpireHasZone ? null : _options.ExpireTimeZone ?? shape.ServerTimeZone(_names);
        if (zone is not null)
            Log.ExpireWithoutZone(_logger, _names.Table, zone);

        if (shape.IsUnlogged)
            Log.TableUnlogged(_logger, _names.Table);

        _prepares = !_pool.IsMultiplexed && (_options.PrepareStatements ?? !IsPooled(connection, shape));
        var timeToLive = _options.TimeToLive?.TotalSeconds.ToString("R", CultureInfo.InvariantCulture);
        return new PostgresCommands(_names.Table, shape.Oid, zone, timeToLive, shape.HasSubject, shape.HasJoined, _options.Epochs, _options.Keys, shape.HasExpireIndex, _options.MaxPayloadBytes);
    }

    /// <summary>Whether a pooler is between: it tells the client a process id of its own making.</summary>
    private bool IsPooled(NpgsqlConnection connection, Shape shape)
    {
        if (connection.ProcessID == shape.BackendProcessId)
            return false;

        Log.PoolerFound(_logger);
        return true;
    }

    private static bool IsLostRace(string sqlState) =>
        sqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.DuplicateSchema or PostgresErrorCodes.DuplicateColumn;

    /// <summary>One numbered step of the set-up. Each is idempotent.</summary>
    private sealed record Step(int Number, string What, string Sql);
}
