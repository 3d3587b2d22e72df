using static SessionStores.Mongo.MongoCommands;

namespace SessionStores.Mongo;

/// <content>The sessions of a subject or with a key: the same commands for either, about another field.</content>
public sealed partial class MongoStore
{
    /// <inheritdoc/>
    /// <remarks>One command, in the order of <c>_id</c>.</remarks>
    public async ValueTask<SessionPage> PageBySubjectAsync(
        string subject, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        return await PageAsync("ListBySubject", Members.OfSubject(subject), subject, null, size, continuation, withPayloads, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>Counts live documents, including those that cannot be read.</remarks>
    public ValueTask<long> CountBySubjectAsync(string subject, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        return CountAsync("CountBySubject", Members.OfSubject(subject), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>Pages of 1,000; two commands for each, and more where exceptions are given or sessions were rotated in the last minutes.</remarks>
    public ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        return EndPagesAsync("DestroyBySubject", Members.OfSubject(subject), KeysOf(exceptIds), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>One command, in the order of <c>_id</c>.</remarks>
    /// <exception cref="NotSupportedException"><see cref="MongoStoreOptions.Keys"/> is false.</exception>
    public async ValueTask<SessionPage> PageByKeyAsync(
        string key, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default)
    {
        CheckKey(key);

        // A peer may have written the session without its key, which then only the field has.
        return await PageAsync("ListByKey", Members.OfKey(key), KeyIndex.NameOf(key), record => record.Key == key, size, continuation, withPayloads, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>Counts live documents, including those that cannot be read.</remarks>
    /// <exception cref="NotSupportedException"><see cref="MongoStoreOptions.Keys"/> is false.</exception>
    public ValueTask<long> CountByKeyAsync(string key, CancellationToken cancellationToken = default)
    {
        CheckKey(key);
        return CountAsync("CountByKey", Members.OfKey(key), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>As many commands as for a subject.</remarks>
    /// <exception cref="NotSupportedException"><see cref="MongoStoreOptions.Keys"/> is false.</exception>
    public ValueTask<long> DestroyByKeyAsync(string key, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        CheckKey(key);
        return EndPagesAsync("DestroyByKey", Members.OfKey(key), KeysOf(exceptIds), cancellationToken);
    }

    /// <param name="operation">The operation, for exceptions.</param>
    /// <param name="of">Whose sessions.</param>
    /// <param name="name">What the continuation belongs to.</param>
    /// <param name="belongs">Which of the sessions that are found are listed; null for all.</param>
    /// <param name="size">The most sessions of the page.</param>
    /// <param name="continuation">Where the page begins.</param>
    /// <param name="withPayloads">Whether payloads are read.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    private async ValueTask<SessionPage> PageAsync(
        string operation, Members of, string name, Predicate<SessionRecord>? belongs, int size, string? continuation, bool withPayloads, CancellationToken cancellationToken)
    {
        SessionPage.ThrowIfInvalidSize(size);
        var position = SessionPage.PositionOf(name, continuation) ?? "";
        var page = await ReadPageAsync(operation, of.Live, position, size, withPayloads, cancellationToken).ConfigureAwait(false);
        LogSkipped(page.Unreadable);
        var sessions = belongs is null ? page.Records : page.Records.FindAll(belongs);
        return new SessionPage(sessions, page.IsMore ? SessionPage.ContinuationAfter(name, page.Last) : null);
    }

    private ValueTask<long> CountAsync(string operation, Members of, CancellationToken cancellationToken) =>
        _connection.RunAsync(operation, (collection, token) => collection.CountDocumentsAsync(of.Live, cancellationToken: token), cancellationToken);

    private async ValueTask<long> EndPagesAsync(string operation, Members of, string[] exceptKeys, CancellationToken cancellationToken)
    {
        var total = 0L;
        for (var last = ""; last is not null;)
        {
            var after = last;
            (var ended, last) = await _connection.RunAsync(operation, (collection, token) =>
                EndPageAsync(collection, operation, of, exceptKeys, after, BatchSize, token), cancellationToken).ConfigureAwait(false);
            total += ended;
        }

        return total;
    }

    /// <summary>The stored ids of ids.</summary>
    private string[] KeysOf(IReadOnlyCollection<string>? ids) => [.. SessionArguments.DistinctIds(ids).Select(KeyOf)];

    private void CheckKey(string key)
    {
        SessionArguments.ThrowIfInvalidKey(key);
        if (!_options.Keys)
            throw new NotSupportedException("This store keeps no keys, since the option Keys is false. Set it to true at all nodes.");
    }
}
