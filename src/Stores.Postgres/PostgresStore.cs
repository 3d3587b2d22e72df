using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using NpgsqlTypes;

namespace SessionStores.Postgres;

/// <summary>Keeps sessions in a PostgreSQL table that Node peers with connect-pg-simple can share.</summary>
/// <remarks>
/// <para>Each operation is one statement. The server's clock decides expiry. Expiries are stored in whole seconds, rounded up.</para>
/// <para>The table is looked at, and created where <see cref="PostgresStoreOptions.CreateIfMissing"/> allows, before the first operation
/// or by <see cref="SetUpAsync"/>.</para>
/// </remarks>
public sealed partial class PostgresStore : ISessionStore, ISessionEnumeration, ISessionSubjects, ISessionPruning, IAsyncDisposable
{
    private readonly NpgsqlDataSource? _ownDataSource;
    private readonly SetUp _setUp;
    private readonly Runner _runner;
    private readonly ManyRecords _many;
    private readonly Pruner _pruner;
    private readonly int _maxPayloadBytes;
    private readonly bool _disableTouch;

    /// <summary>Makes a store with connections of its own.</summary>
    /// <param name="connectionString">An Npgsql connection string. With several hosts the primary is used.</param>
    /// <param name="options">How it works; null for the defaults.</param>
    /// <param name="logger">Where it logs; null for nowhere.</param>
    /// <param name="timeProvider">Times the pruning; null for the system's. Expiry is decided by the server's clock.</param>
    /// <exception cref="ArgumentException">The connection string cannot be read, or an option is out of range.</exception>
    public PostgresStore(string connectionString, PostgresStoreOptions? options = null, ILogger<PostgresStore>? logger = null, TimeProvider? timeProvider = null)
        : this(OwnDataSource.Create(connectionString, options ??= new PostgresStoreOptions()), isOwn: true, options, logger, timeProvider)
    {
    }

    /// <summary>Makes a store on the application's data source, which the application disposes.</summary>
    /// <param name="dataSource">The data source.</param>
    /// <param name="options">How it works; null for the defaults.</param>
    /// <param name="logger">Where it logs; null for nowhere.</param>
    /// <param name="timeProvider">Times the pruning; null for the system's. Expiry is decided by the server's clock.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public PostgresStore(NpgsqlDataSource dataSource, PostgresStoreOptions? options = null, ILogger<PostgresStore>? logger = null, TimeProvider? timeProvider = null)
        : this(dataSource, isOwn: false, options ?? new PostgresStoreOptions(), logger, timeProvider)
    {
    }

    private PostgresStore(NpgsqlDataSource dataSource, bool isOwn, PostgresStoreOptions options, ILogger<PostgresStore>? logger, TimeProvider? timeProvider)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        PostgresStoreOptionsValidator.ThrowIfInvalid(options);
        logger ??= NullLogger<PostgresStore>.Instance;
        _ownDataSource = isOwn ? dataSource : null;
        _setUp = new SetUp(dataSource, options, logger);
        _runner = new Runner(dataSource, _setUp, options.OperationTimeout, logger);
        _many = new ManyRecords(_runner, logger);
        _maxPayloadBytes = options.MaxPayloadBytes;
        _disableTouch = options.DisableTouch;
        PrunesItself = options.PruneInterval is not null;
        _pruner = new Pruner(token => PruneAsync(cancellationToken: token), options.PruneInterval, options.JitterPruneInterval, timeProvider ?? TimeProvider.System);
    }

    /// <summary>Looks at the table and creates what is missing, where the options allow. Any operation does this first by itself.</summary>
    /// <remarks>Safe when many nodes start at once: an advisory lock lets one after the other in.</remarks>
    /// <exception cref="SessionStoreException">The table is missing or of another shape, or the server failed.</exception>
    public async ValueTask SetUpAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await _setUp.StatementsAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (PostgresFaults.IsFault(exception) && !cancellationToken.IsCancellationRequested)
        {
            throw PostgresFaults.Of(TableShape.Operation, exception);
        }
    }

    /// <summary>Prints the SQL that would bring what is missing, for an administrator to run; empty when nothing is missing.</summary>
    /// <exception cref="SessionStoreException">The table is of another shape, or the server failed.</exception>
    public async ValueTask<string> ScriptAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await _setUp.ScriptAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (PostgresFaults.IsFault(exception) && !cancellationToken.IsCancellationRequested)
        {
            throw PostgresFaults.Of("Script", exception);
        }
    }

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default) =>
        _runner.RunAsync("Create", (id, content: Checked(id, content)), static s => s.Create,
            static (p, s, state) => AddContent(p, s, "Create", state.id, state.content),
            static (row, state) => row is null ? SessionWriteResult.NotWritten(SessionWriteStatus.Taken) : SessionWriteResult.Written(state.content.Version), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default) =>
        _runner.RunAsync("Replace", (id, version, content: Checked(id, content)), static s => s.Replace,
            static (p, s, state) =>
            {
                AddContent(p, s, "Replace", state.id, state.content, Bytes(state.version.Content, NpgsqlDbType.Text));
                if (s.HasSubject)
                    p.Add(Text(state.version.Subject));
            },
            static (row, state) => row switch
            {
                null => SessionWriteResult.NotWritten(SessionWriteStatus.Gone),
                _ when row.GetBoolean(0) => SessionWriteResult.Written(state.content.Version),
                _ => SessionWriteResult.NotWritten(SessionWriteStatus.Conflict),
            }, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default) =>
        await _runner.RunAsync("Set", (id, content: Checked(id, content)), static s => s.Set,
            static (p, s, state) => AddContent(p, s, "Set", state.id, state.content),
            static (_, _) => true, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<bool> TouchAsync(string id, DateTimeOffset expiresAt, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        if (_disableTouch)
            return _runner.RunAsync("Touch", id, static s => s.IsLive, static (p, _, id) => p.Add(Text(id)), static (row, _) => row is not null, cancellationToken);

        return _runner.RunAsync("Touch", (id, expiresAt: SessionExpiry.Normalize(expiresAt)), static s => s.Touch,
            static (p, _, state) =>
            {
                p.Add(Text(state.id));
                p.Add(Instant(state.expiresAt));
            },
            static (row, _) => row is not null, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        return _runner.RunAsync("Destroy", id, static s => s.Destroy, static (p, _, id) => p.Add(Text(id)), static (row, _) => row is not null && row.GetBoolean(0), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>One statement. Only when an expired record still holds the new id, it is removed first, in one more.</remarks>
    public async ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion? version, SessionContent content, CancellationToken cancellationToken = default)
    {
        var checkedContent = Checked(id, content);
        SessionArguments.ThrowIfInvalidId(newId);
        if (id == newId)
            throw new ArgumentException("The new id of a session must differ from the old one.", nameof(newId));

        var result = await RotateOnceAsync(id, newId, version, checkedContent, cancellationToken).ConfigureAwait(false);
        if (result.Status != SessionWriteStatus.Taken)
            return result;

        var removed = await _runner.RunAsync("Rotate", newId, static s => s.RemoveExpired, static (p, _, id) => p.Add(Text(id)), static (row, _) => row is not null, cancellationToken).ConfigureAwait(false);
        return removed ? await RotateOnceAsync(id, newId, version, checkedContent, cancellationToken).ConfigureAwait(false) : result;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<SessionRecord> AllAsync(CancellationToken cancellationToken = default) => _many.AllAsync(subject: null, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<long> LengthAsync(CancellationToken cancellationToken = default) => _many.LengthAsync(cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Removes every row of the table, in batches.</remarks>
    public ValueTask ClearAsync(CancellationToken cancellationToken = default) => _many.ClearAsync(cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<SessionRecord> ListBySubjectAsync(string subject, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        return _many.AllAsync(subject, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long> DestroyBySubjectAsync(string subject, string? exceptId = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        if (exceptId is not null)
            SessionArguments.ThrowIfInvalidId(exceptId);

        return _many.DestroyBySubjectAsync(subject, exceptId, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>True unless <see cref="PostgresStoreOptions.PruneInterval"/> is null.</remarks>
    public bool PrunesItself { get; }

    /// <inheritdoc/>
    /// <remarks>One pruner at a time in a fleet: a call that meets another at work leaves the rest to it.</remarks>
    public ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default)
    {
        if (batchSize is < 1 or > 100_000)
            throw new ArgumentOutOfRangeException(nameof(batchSize), batchSize, "The batch size must be 1 to 100,000.");

        return _many.PruneAsync(batchSize, cancellationToken);
    }

    /// <summary>Ends the pruning and closes the connections that the store opened; a data source of the application stays open.</summary>
    public async ValueTask DisposeAsync()
    {
        await _pruner.DisposeAsync().ConfigureAwait(false);
        if (_ownDataSource is not null)
            await _ownDataSource.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask<SessionWriteResult> RotateOnceAsync(string id, string newId, SessionVersion? version, CheckedContent content, CancellationToken cancellationToken)
    {
        try
        {
            return await _runner.RunAsync("Rotate", (id, newId, version, content), static s => s.Rotate,
                static (p, s, state) =>
                {
                    var (id, newId, version, content) = state;
                    AddContent(p, s, "Rotate", id, content, version is { } loaded ? Bytes(loaded.Content, NpgsqlDbType.Text) : Text(null), Text(newId));
                    if (s.HasSubject)
                        p.Add(Text(version?.Subject));
                },
                static (row, state) => row switch
                {
                    null => SessionWriteResult.NotWritten(SessionWriteStatus.Gone),
                    _ when row.GetBoolean(0) => SessionWriteResult.Written(state.content.Version),
                    _ => SessionWriteResult.NotWritten(SessionWriteStatus.Conflict),
                }, cancellationToken).ConfigureAwait(false);
        }
        catch (SessionStoreException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return SessionWriteResult.NotWritten(SessionWriteStatus.Taken);
        }
    }

    private CheckedContent Checked(string id, in SessionContent content)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidContent(content, _maxPayloadBytes);
        return new CheckedContent(content.Payload.ToArray(), content.ExpiresAt, content.Subject);
    }

    /// <summary>Adds $1 the id, $2 the payload, $3 the expiry, then what the operation adds, then the subject where the table has it.</summary>
    private static void AddContent(
        NpgsqlParameterCollection parameters, Statements statements, string operation, string id, CheckedContent content, params ReadOnlySpan<NpgsqlParameter> others)
    {
        if (content.Subject is not null && !statements.HasSubject)
            throw PostgresFaults.Misconfigured(operation, $"The session has a subject, but the table {statements.TableName} lacks the column subject.");

        parameters.Add(Text(id));
        parameters.Add(Bytes(content.Payload, NpgsqlDbType.Json));
        parameters.Add(Instant(content.ExpiresAt));
        foreach (var other in others)
            parameters.Add(other);

        if (statements.HasSubject)
            parameters.Add(Text(content.Subject));
    }

    private static NpgsqlParameter Text(string? value) => value is null
        ? new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = DBNull.Value }
        : new NpgsqlParameter<string> { NpgsqlDbType = NpgsqlDbType.Text, TypedValue = value };

    private static NpgsqlParameter<ReadOnlyMemory<byte>> Bytes(ReadOnlyMemory<byte> value, NpgsqlDbType type) => new() { NpgsqlDbType = type, TypedValue = value };

    private static NpgsqlParameter<double> Number(double value) => new() { NpgsqlDbType = NpgsqlDbType.Double, TypedValue = value };

    private static NpgsqlParameter<double> Instant(DateTimeOffset instant) => Number(StoredRecord.EpochOf(instant));

    /// <summary>Content that was checked, with a payload that nobody else can change.</summary>
    private readonly record struct CheckedContent(byte[] Payload, DateTimeOffset ExpiresAt, string? Subject)
    {
        public SessionVersion Version => SessionVersion.Of(Payload, Subject);
    }
}
