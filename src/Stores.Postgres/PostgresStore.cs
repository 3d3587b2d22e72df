using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace SessionStores.Postgres;

/// <summary>Keeps sessions in a PostgreSQL table that Node peers with connect-pg-simple can share.</summary>
/// <remarks>
/// <para>Each operation is one statement. The server's clock decides expiry. Expiries are stored in whole seconds, rounded up.</para>
/// <para>The table is inspected, and created where <see cref="PostgresStoreOptions.CreateIfMissing"/> allows, before the first operation
/// or by <see cref="SetUpAsync"/>.</para>
/// </remarks>
public sealed partial class PostgresStore : ISessionStore, ISessionEnumeration, ISessionSubjects, ISessionKeys, ISessionCaps, ISessionEpochs, ISessionPruning, ISessionSuccessors, ISessionExpirations, IAsyncDisposable
{
    private readonly PostgresConnection _connection;
    private readonly PostgresStoreOptions _options;
    private readonly ILogger _logger;
    private readonly ExpiryHints _hints = new();

    /// <summary>Creates a store with connections of its own.</summary>
    /// <param name="connectionString">An Npgsql connection string, or a URL such as <c>postgres://user:password@host/database</c>. With several
    /// hosts the primary is used.</param>
    /// <param name="options">The options; null for the defaults. Later changes to the object have no effect.</param>
    /// <param name="logger">Logs set-up, failures and skipped records. Optional.</param>
    /// <exception cref="ArgumentException">Npgsql cannot parse the connection string, or an option is out of range; every such option is
    /// named.</exception>
    public PostgresStore(string connectionString, PostgresStoreOptions? options = null, ILogger<PostgresStore>? logger = null)
        : this((checkedOptions, log) => new PostgresConnection(connectionString, checkedOptions, log), options, logger)
    {
    }

    /// <summary>Creates a store on the application's data source, which the application disposes.</summary>
    /// <param name="dataSource">The data source.</param>
    /// <param name="options">The options; null for the defaults. Later changes to the object have no effect.</param>
    /// <param name="logger">Logs set-up, failures and skipped records. Optional.</param>
    /// <exception cref="ArgumentException">An option is out of range; every such option is named.</exception>
    public PostgresStore(NpgsqlDataSource dataSource, PostgresStoreOptions? options = null, ILogger<PostgresStore>? logger = null)
        : this((checkedOptions, log) => new PostgresConnection(dataSource, checkedOptions, log), options, logger)
    {
    }

    private PostgresStore(Func<PostgresStoreOptions, ILogger, PostgresConnection> connect, PostgresStoreOptions? options, ILogger? logger)
    {
        _options = options?.Copy() ?? new PostgresStoreOptions();
        _options.Validate();
        _logger = logger ?? NullLogger.Instance;
        _connection = connect(_options, _logger);
        _shared = _options.ShareRoundTrips ? new SharedCalls(this, _connection) : null;
    }

    string ISessionStore.KeySpace => $"PostgreSQL {_connection.Place} {(_options.Schema is null ? "" : _options.Schema + ".")}{_options.Table}";

    /// <summary>Inspects the table and creates what is missing, where the options allow. Every operation does this first by itself.</summary>
    /// <remarks>Safe when many nodes start at once: an advisory lock lets one after the other in.</remarks>
    /// <exception cref="SessionStoreException">The table is missing or of another shape, or the server failed.</exception>
    public ValueTask SetUpAsync(CancellationToken cancellationToken = default) => _connection.SetUpAsync(cancellationToken);

    /// <summary>Returns the SQL that would create what is missing, for an administrator to run; empty when nothing is missing.</summary>
    /// <exception cref="SessionStoreException">The table is of another shape, or the server failed.</exception>
    public ValueTask<string> ScriptAsync(CancellationToken cancellationToken = default) => _connection.ScriptAsync(cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One statement, which calls that wait at the same time share (<see cref="PostgresStoreOptions.ShareRoundTrips"/>). The slide of a
    /// record of over 64 KiB takes one more, and so does a slide that is due although this store did not know it, or when the read is shared.</remarks>
    public ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        if (slide is { } wanted && (wanted.WhenRemainingBelow <= TimeSpan.Zero || _options.DisableTouch))
            slide = null;

        return _shared is { } shared ? GetSharedAsync(shared, id, slide, cancellationToken) : GetByItselfAsync(id, slide, null, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        var creation = new Creation(id, Checked(id, content));
        return _shared is { } shared && creation.Content.Payload.Length <= MaxSharedBytes
            ? CreateSharedAsync(shared, creation, cancellationToken)
            : CreateByItselfAsync(creation, null, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidVersion(version);
        var replacement = new Replacement(id, version, Checked(id, content));
        return _shared is { } shared && !version.IsAny && replacement.Bytes <= MaxSharedBytes
            ? ReplaceSharedAsync(shared, replacement, cancellationToken)
            : ReplaceByItselfAsync(replacement, null, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default) =>
        await _connection.RunAsync("Set", (id, content: Checked(id, content)), static s => s.Set,
            static (p, s, state) =>
            {
                PostgresRecord.AddContent(p, s, "Set", state.id, state.content);
                PostgresRecord.AddKey(p, s, state.content);
            },
            static (_, _) => true, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        if (_options.DisableTouch)
            return _connection.ReadAsync("Touch", id, static s => s.IsLive, static (p, _, id) => p.Add(PostgresRecord.Text(id)), static (row, _) => row is not null, cancellationToken);

        return _shared is { } shared ? TouchSharedAsync(shared, id, lifetime, cancellationToken) : TouchByItselfAsync(id, lifetime, null, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>One statement. One more for each rotation of the session, or other log-out, that it had to wait for.</remarks>
    public async ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        var wasLive = false;
        for (var run = 0; run <= RotationLink.MaxHops; run++)
        {
            try
            {
                var (ended, isRaced) = await _connection.RunAsync("Destroy", id, static s => s.Destroy, static (p, _, id) => p.Add(PostgresRecord.Text(id)),
                    static (row, _) => (row!.GetBoolean(0), row.GetBoolean(1)), cancellationToken).ConfigureAwait(false);
                wasLive |= ended;
                if (!isRaced)
                    break;
            }
            catch (SessionStoreException exception) when (wasLive && !exception.MayHaveWritten)
            {
                throw WriteOutcome.AfterWrite(exception);
            }
        }

        return wasLive;
    }

    /// <inheritdoc/>
    /// <remarks>One statement. Only when an expired record still holds the new id, it is removed first, in one more.</remarks>
    public async ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        var checkedContent = CheckedRotation(id, newId, version, content);
        return await RotateAsync(newId, () => TakenIfNotUniqueAsync(RotateOnceAsync(id, newId, version, checkedContent, cancellationToken)), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes the connections that the store opened; a data source of the application stays open. Every later call throws
    /// <see cref="ObjectDisposedException"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync().ConfigureAwait(false);
        _shared?.Dispose();
    }

    private ValueTask<SessionRecord?> GetByItselfAsync(string id, SlidingExpiry? slide, long? started, CancellationToken cancellationToken) => slide switch
    {
        null => _connection.ReadAsync("Get", (this, id), static s => s.Get, static (p, _, state) => p.Add(PostgresRecord.Text(state.id)),
            static (row, state) => state.Item1.Read(state.id, row, out _), cancellationToken, started),
        { } wanted when _hints.HasMoreThan(id, wanted.WhenRemainingBelow) => GetUnlessDueAsync(id, wanted, started, cancellationToken),
        { } wanted => GetSlidingAsync(id, wanted, started, cancellationToken),
    };

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<SessionRecord?> GetSlidingAsync(string id, SlidingExpiry slide, long? started, CancellationToken cancellationToken)
    {
        var (record, now, mark) = await _connection.ReadAsync("Get", (this, id, slide), static s => s.GetSliding,
            static (p, _, state) =>
            {
                p.Add(PostgresRecord.Text(state.id));
                p.Add(PostgresRecord.Number(state.slide.WhenRemainingBelow.TotalSeconds));
                PostgresRecord.AddLifetime(p, state.slide.ExtendTo);
            },
            static (row, state) => (state.Item1.Read(state.id, row, out var now), now, row is null || row.IsDBNull(4) ? null : row.GetString(4)), cancellationToken, started).ConfigureAwait(false);
        return record is not null && mark is not null && slide.TryExtend(record.ExpiresAt, now, record.Payload.Span, out var extended)
            ? await SlideAsync(record, mark, extended, cancellationToken).ConfigureAwait(false)
            : record;
    }

    /// <summary>Slides a large record, which was looked into here.</summary>
    /// <param name="record">The record as it was read.</param>
    /// <param name="mark">The mark of its row.</param>
    /// <param name="extended">The new expiry.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    private ValueTask<SessionRecord> SlideAsync(SessionRecord record, string mark, DateTimeOffset extended, CancellationToken cancellationToken) =>
        _connection.ReadAsync("Get", (record, mark, extended), static s => s.SlideRead,
            static (p, _, state) =>
            {
                p.Add(PostgresRecord.Text(state.record.Id));
                p.Add(PostgresRecord.Text(state.mark));
                p.Add(PostgresRecord.Number(EpochTime.ToSeconds(state.extended)));
            },
            static (row, state) => PostgresRecord.ReadSlid(state.record, row), cancellationToken);

    /// <summary>Reads by the plain statement, and slides when the record turns out to be due.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<SessionRecord?> GetUnlessDueAsync(string id, SlidingExpiry slide, long? started, CancellationToken cancellationToken)
    {
        var (record, isDue) = await _connection.ReadAsync("Get", (this, id, slide), static s => s.Get, static (p, _, state) => p.Add(PostgresRecord.Text(state.id)),
            static (row, state) =>
            {
                var record = state.Item1.Read(state.id, row, out var now);
                return (record, isDue: record is not null && state.slide.TryExtend(record.ExpiresAt, now, record.Payload.Span, out _));
            }, cancellationToken, started).ConfigureAwait(false);
        return isDue ? await GetSlidingAsync(id, slide, null, cancellationToken).ConfigureAwait(false) : record;
    }

    private ValueTask<SessionWriteResult> CreateByItselfAsync(in Creation creation, long? started, CancellationToken cancellationToken) =>
        _connection.RunAsync("Create", creation, static s => s.Create,
            static (p, s, state) =>
            {
                PostgresRecord.AddContent(p, s, "Create", state.Id, state.Content);
                PostgresRecord.AddKey(p, s, state.Content);
            },
            static (row, state) => row is null ? SessionWriteResult.NotWritten(SessionWriteStatus.Taken) : SessionWriteResult.Written(state.Content.Version), cancellationToken, started);

    private ValueTask<bool> TouchByItselfAsync(string id, SessionLifetime lifetime, long? started, CancellationToken cancellationToken) =>
        _connection.RunAsync("Touch", (id, lifetime), static s => s.Touch,
            static (p, _, state) =>
            {
                p.Add(PostgresRecord.Text(state.id));
                PostgresRecord.AddLifetime(p, state.lifetime);
            },
            static (row, _) => row is not null, cancellationToken, started);

    private ValueTask<SessionWriteResult> ReplaceByItselfAsync(in Replacement replacement, long? started, CancellationToken cancellationToken) =>
        _connection.RunAsync("Replace", replacement, static s => s.Replace,
            static (p, s, state) =>
            {
                PostgresRecord.AddContent(p, s, "Replace", state.Id, state.Content, PostgresRecord.Text(state.Loaded));
                if (s.HasSubject)
                    p.Add(PostgresRecord.Text(state.Loaded.Subject));

                PostgresRecord.AddKey(p, s, state.Content);
            },
            static (row, state) => row switch
            {
                null => SessionWriteResult.NotWritten(SessionWriteStatus.Gone),
                _ when row.GetBoolean(0) => SessionWriteResult.Written(state.Content.Version),
                _ => SessionWriteResult.NotWritten(SessionWriteStatus.Conflict),
            }, cancellationToken, started);

    private SessionRecord? Read(string id, NpgsqlDataReader? row, out DateTimeOffset now)
    {
        now = default;
        if (row is null)
            return null;

        var record = PostgresRecord.Read(id, row, _options.MaxPayloadBytes, out now);
        _hints.Note(id, record.Remaining);
        return record;
    }

    /// <summary>Rotates, and once more when an expired record held the new id.</summary>
    private async ValueTask<SessionWriteResult> RotateAsync(string newId, Func<ValueTask<SessionWriteResult>> rotate, CancellationToken cancellationToken)
    {
        var result = await rotate().ConfigureAwait(false);
        if (result.Status != SessionWriteStatus.Taken)
            return result;

        // An expired record has the new id, or had it until another call, such as a pruning one, removed it a moment ago.
        var isFree = await RunOnIdAsync(newId, static s => s.RemoveExpired).ConfigureAwait(false) || !await RunOnIdAsync(newId, static s => s.IsLive).ConfigureAwait(false);
        return isFree ? await rotate().ConfigureAwait(false) : result;

        ValueTask<bool> RunOnIdAsync(string id, Func<PostgresCommands, string> statement) =>
            _connection.RunAsync("Rotate", id, statement, static (p, _, id) => p.Add(PostgresRecord.Text(id)), static (row, _) => row is not null, cancellationToken);
    }

    private ValueTask<SessionWriteResult> RotateOnceAsync(string id, string newId, SessionVersion version, PostgresRecord.Content content, CancellationToken cancellationToken) =>
        _connection.RunAsync("Rotate", (id, newId, version, content), static s => s.Rotate,
            static (p, s, state) =>
            {
                var (id, newId, version, content) = state;
                PostgresRecord.AddContent(p, s, "Rotate", id, content, PostgresRecord.Text(version), PostgresRecord.Text(newId));
                if (s.HasSubject)
                    p.Add(PostgresRecord.Text(version.Subject));

                PostgresRecord.AddKey(p, s, content);
            },
            static (row, state) => row switch
            {
                null => SessionWriteResult.NotWritten(SessionWriteStatus.Gone),
                _ when row.GetBoolean(0) => SessionWriteResult.Written(state.content.Version),
                _ => SessionWriteResult.NotWritten(SessionWriteStatus.Conflict),
            }, cancellationToken);

    private static async ValueTask<SessionWriteResult> TakenIfNotUniqueAsync(ValueTask<SessionWriteResult> rotation)
    {
        try
        {
            return await rotation.ConfigureAwait(false);
        }
        catch (SessionStoreException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return SessionWriteResult.NotWritten(SessionWriteStatus.Taken);
        }
    }

    private PostgresRecord.Content CheckedRotation(string id, string newId, SessionVersion version, in SessionContent content)
    {
        var checkedContent = Checked(id, content);
        SessionArguments.ThrowIfInvalidId(newId);
        SessionArguments.ThrowIfInvalidVersion(version);
        return id != newId ? checkedContent : throw new ArgumentException("The new id of a session must differ from the old one.", nameof(newId));
    }

    private PostgresRecord.Content Checked(string id, in SessionContent content)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidContent(content, _options.MaxPayloadBytes, _options.Keys);
        return new PostgresRecord.Content(ReservedMember.JoinKey(content.Payload.Span, content.Key), content.Lifetime, content.Subject, content.Key);
    }
}
