namespace SessionStores.AspNetCore;

/// <summary>Opens the records that a store returned: one rule for requests, <see cref="SessionAccess"/>, reloads and merges.</summary>
internal sealed class SessionReader(StoreCalls calls)
{
    /// <summary>Reads a record. A session past its absolute limit, which a peer that does not know such limits has kept alive, is removed.</summary>
    /// <returns>Null if the session is absent or has ended.</returns>
    /// <exception cref="SessionStoreException">The record cannot be read, or the store failed.</exception>
    public ValueTask<SessionData?> OpenAsync(SessionScope scope, SessionRecord? record, CancellationToken cancellationToken)
    {
        if (record is null)
            return default;

        if (!scope.TryRead(record, out var data))
            throw new SessionStoreException(nameof(HttpSession), "Load", SessionStoreFault.Unreadable, SessionData.Unreadable);

        return data.AbsoluteExpiresAt is { } end && end <= record.ReadAt(scope.Set.Clock) ? RemoveAsync(scope.Set, record, end, cancellationToken) : new ValueTask<SessionData?>(data);
    }

    private async ValueTask<SessionData?> RemoveAsync(SessionSet set, SessionRecord record, DateTimeOffset end, CancellationToken cancellationToken)
    {
        if (await calls.DestroyAsync(record.Id, cancellationToken))
            await set.Events.ExpiredAsync(record, end, cancellationToken);

        return null;
    }
}
