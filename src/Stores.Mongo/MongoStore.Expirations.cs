using MongoDB.Bson;
using static SessionStores.Mongo.MongoCommands;

namespace SessionStores.Mongo;

/// <content>Expired sessions that are claimed.</content>
public sealed partial class MongoStore
{
    /// <remarks>Claims only with <see cref="AutoRemove.Interval"/>: otherwise the server or another system removes expired documents, without a trace. Keys only with
    /// <see cref="MongoStoreOptions.Keys"/>.</remarks>
    TCapability? ISessionStore.GetCapability<TCapability>()
        where TCapability : class =>
        (typeof(TCapability) == typeof(ISessionExpirations) && _options.AutoRemove != AutoRemove.Interval) || (typeof(TCapability) == typeof(ISessionKeys) && !_options.Keys) ? null : this as TCapability;

    /// <inheritdoc/>
    /// <remarks>Needs <see cref="AutoRemove.Interval"/>. Three commands, of which the first looks for expired documents: it reads the whole collection unless there is an index on
    /// <c>expires</c>, without <c>expireAfterSeconds</c>. With <see cref="MongoStoreOptions.TransformId"/> the ids are the stored ones.</remarks>
    public async ValueTask<IReadOnlyList<ExpiredSession>> ClaimExpiredAsync(int size, TimeSpan lease, CancellationToken cancellationToken = default)
    {
        const string operation = "ClaimExpired";
        ExpiredSession.ThrowIfInvalid(size, lease);
        ThrowIfServerRemoves();
        List<MongoRecord> claimed;
        int found;
        ObjectId claim;
        do
        {
            claim = ObjectId.GenerateNewId();
            (claimed, found) = await _connection.RunAsync(operation, (collection, token) =>
                ClaimAsync(collection, claim, size, lease, Record(_options, withClaim: true), token), cancellationToken).ConfigureAwait(false);
        }
        while (claimed.Count == 0 && found > 0);

        if (found < size)
            await RemoveAllAsync(operation, MovedLongAgo, BatchSize, cancellationToken).ConfigureAwait(false);

        var sessions = new List<ExpiredSession>(claimed.Count);
        var unreadable = 0;
        foreach (var document in claimed)
        {
            SessionRecord? read = null;
            try
            {
                read = await document.ToRecordAsync(operation, document.Id!, _options, cancellationToken).ConfigureAwait(false);
            }
            catch (SessionStoreException exception) when (exception.Fault == SessionStoreFault.Unreadable)
            {
                unreadable++;
            }

            var session = new SessionRecord(document.Id!, read?.Payload ?? default, document.ExpiresAt, TimeSpan.Zero, read?.Subject, default, read?.Key);
            sessions.Add(new ExpiredSession(session, document.Claims, $"{claim}:{document.Id}"));
        }

        LogSkipped(unreadable);
        return sessions;
    }

    /// <inheritdoc/>
    public async ValueTask ConfirmExpiredAsync(IReadOnlyCollection<ExpiredSession> sessions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sessions);
        ThrowIfServerRemoves();
        if (sessions.Count == 0)
            return;

        var claims = sessions.Select(static session => session.Claim.Split(':', 2)).ToList();
        await _connection.RunAsync("ConfirmExpired", async (collection, token) =>
        {
            await ConfirmAsync(collection, claims.Select(static claim => ObjectId.Parse(claim[0])).Distinct(), claims.Select(static claim => claim[1]), token).ConfigureAwait(false);
            return true;
        }, cancellationToken).ConfigureAwait(false);
    }

    private void ThrowIfServerRemoves()
    {
        if (_options.AutoRemove != AutoRemove.Interval)
            throw new NotSupportedException($"A MongoStore hands out expired sessions only with {nameof(AutoRemove)}.{nameof(AutoRemove.Interval)}: with {_options.AutoRemove}, they are removed without a trace.");
    }
}
