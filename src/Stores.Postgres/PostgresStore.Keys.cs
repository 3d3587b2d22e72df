using Dapper;

namespace SessionStores.Postgres;

/// <content>The sessions of a subject or with a key: one statement for either, about another column.</content>
public sealed partial class PostgresStore
{
    /// <inheritdoc/>
    /// <remarks>One statement, in the order of the ids.</remarks>
    public async ValueTask<SessionPage> PageBySubjectAsync(
        string subject, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        return await PageAsync("ListBySubject", subject, subject, static s => s.SubjectPage, null, size, continuation, withPayloads, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<long> CountBySubjectAsync(string subject, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        return CountAsync("CountBySubject", subject, static s => s.SubjectCount, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        return DestroyAsync("DestroyBySubject", subject, static s => s.DestroyBySubject, exceptIds, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>One statement, in the order of the ids.</remarks>
    /// <exception cref="NotSupportedException"><see cref="PostgresStoreOptions.Keys"/> is false.</exception>
    public async ValueTask<SessionPage> PageByKeyAsync(
        string key, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default)
    {
        CheckKey(key);

        // A peer may have written the row without its key, which then only the column has.
        return await PageAsync("ListByKey", KeyIndex.NameOf(key), key, static s => s.KeyPage!, record => record.Key == key, size, continuation, withPayloads, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException"><see cref="PostgresStoreOptions.Keys"/> is false.</exception>
    public ValueTask<long> CountByKeyAsync(string key, CancellationToken cancellationToken = default)
    {
        CheckKey(key);
        return CountAsync("CountByKey", key, static s => s.KeyCount!, cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException"><see cref="PostgresStoreOptions.Keys"/> is false.</exception>
    public ValueTask<long> DestroyByKeyAsync(string key, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        CheckKey(key);
        return DestroyAsync("DestroyByKey", key, static s => s.DestroyByKey!, exceptIds, cancellationToken);
    }

    /// <param name="operation">The operation, for exceptions.</param>
    /// <param name="name">What the continuation belongs to.</param>
    /// <param name="text">The subject or key.</param>
    /// <param name="sql">Selects the statement.</param>
    /// <param name="belongs">Which of the rows that are found are listed; null for all.</param>
    /// <param name="size">The most sessions of the page.</param>
    /// <param name="continuation">Where the page begins.</param>
    /// <param name="withPayloads">Whether payloads are read.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    private async ValueTask<SessionPage> PageAsync(
        string operation, string name, string text, Func<PostgresCommands, string> sql, Func<SessionRecord, bool>? belongs,
        int size, string? continuation, bool withPayloads, CancellationToken cancellationToken)
    {
        SessionPage.ThrowIfInvalidSize(size);
        var position = SessionPage.PositionOf(name, continuation);

        // One more than asked says whether there is another page.
        var rows = await ReadPageAsync(operation, sql, new PageParameters(position, size + 1, text, withPayloads), cancellationToken).ConfigureAwait(false);
        var next = rows.Count > size ? SessionPage.ContinuationAfter(name, rows[size - 1].Id) : null;
        var sessions = SessionsOf(rows.Take(size), withPayloads);
        if (belongs is not null)
            sessions.RemoveAll(record => !belongs(record));

        return new SessionPage(sessions, next);
    }

    private ValueTask<long> CountAsync(string operation, string text, Func<PostgresCommands, string> sql, CancellationToken cancellationToken) =>
        _connection.ReadAsync(operation, (operation, text, sql), static (connection, commands, state, token) =>
        {
            ThrowIfNoSubject(commands, state.operation);
            return connection.ExecuteScalarAsync<long>(state.sql(commands), new SubjectParameters(state.text) { Token = token });
        }, cancellationToken);

    private ValueTask<long> DestroyAsync(
        string operation, string text, Func<PostgresCommands, string> sql, IReadOnlyCollection<string>? exceptIds, CancellationToken cancellationToken)
    {
        var kept = SessionArguments.DistinctIds(exceptIds).ToArray();
        return _connection.RunAsync(operation, (operation, text, kept), sql,
            static (p, s, state) =>
            {
                ThrowIfNoSubject(s, state.operation);
                p.Add(PostgresRecord.Text(state.text));
                p.Add(PostgresRecord.Texts(state.kept));
            },
            static (row, _) => row!.GetInt64(0), cancellationToken);
    }

    private void CheckKey(string key)
    {
        SessionArguments.ThrowIfInvalidKey(key);
        if (!_options.Keys)
            throw new NotSupportedException("This store keeps no keys, since the option Keys is false. Set it to true at all nodes.");
    }
}
