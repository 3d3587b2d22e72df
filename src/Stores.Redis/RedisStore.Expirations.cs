using System.Security.Cryptography;
using StackExchange.Redis;

namespace SessionStores.Redis;

/// <content>Expired sessions that are claimed.</content>
public sealed partial class RedisStore
{
    /// <inheritdoc/>
    /// <remarks>Needs <see cref="RedisStoreOptions.KeepExpired"/>. One script; a claim that is not full also removes what is left of ended sessions in the index of subjects.</remarks>
    public async ValueTask<IReadOnlyList<ExpiredSession>> ClaimExpiredAsync(int size, TimeSpan lease, CancellationToken cancellationToken = default)
    {
        const string operation = "ClaimExpired";
        ExpiredSession.ThrowIfInvalid(size, lease);
        ThrowIfExpiredAreNotKept();
        var claimed = new List<ExpiredSession>();
        bool isFull;
        do
        {
            // Entries that a peer has extended give no session, and are not due any longer.
            var reply = await ExpiredAsync(operation, size, lease, RandomNumberGenerator.GetHexString(32), cancellationToken).ConfigureAwait(false);
            isFull = (int)reply[0] == size;
            for (var i = 1; i < reply.Length; i++)
                claimed.Add(SessionOf(operation, reply[i]));
        }
        while (isFull && claimed.Count == 0);

        if (!isFull)
            await PruneIndexAsync(operation, Batch, cancellationToken).ConfigureAwait(false);

        return claimed;
    }

    /// <inheritdoc/>
    public async ValueTask ConfirmExpiredAsync(IReadOnlyCollection<ExpiredSession> sessions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sessions);
        ThrowIfExpiredAreNotKept();
        const string operation = "ConfirmExpired";
        if (_topology is null)
            await FindTopologyAsync(operation, cancellationToken).ConfigureAwait(false);

        if (sessions.Count > 0)
            await _connection.EvaluateAsync(operation, RedisCommands.ConfirmExpired, _records.ExpiringKeys, [.. sessions.Select(static session => (RedisValue)session.Claim)], cancellationToken, writes: true).ConfigureAwait(false);
    }

    /// <summary>Removes what waits to be claimed: whoever prunes does not want it.</summary>
    private async ValueTask RemoveExpiredAsync(string operation, CancellationToken cancellationToken)
    {
        while ((int)(await ExpiredAsync(operation, ExpiredSession.MaxSize, TimeSpan.Zero, "", cancellationToken).ConfigureAwait(false))[0] == ExpiredSession.MaxSize)
            cancellationToken.ThrowIfCancellationRequested();
    }

    private async ValueTask<RedisResult> ExpiredAsync(string operation, int size, TimeSpan lease, string claim, CancellationToken cancellationToken)
    {
        if (_topology is null)
            await FindTopologyAsync(operation, cancellationToken).ConfigureAwait(false);

        RedisValue[] values = [size, (long)lease.TotalMilliseconds, claim, _options.KeyPrefix];
        return await _connection.EvaluateAsync(operation, RedisCommands.ClaimExpired, _records.ExpiringKeys, values, cancellationToken, writes: true).ConfigureAwait(false);
    }

    private ExpiredSession SessionOf(string operation, RedisResult reply)
    {
        var id = (string)reply[3]!;
        var expiresAt = (long)reply[2];
        SessionRecord? record = null;
        try
        {
            // As it was a moment before it expired.
            record = _records.Decode(operation, id, new RedisReading((byte[])reply[1]!, expiresAt, Left: 1, IsWhole: true));
        }
        catch (SessionStoreException exception) when (exception.Fault == SessionStoreFault.Unreadable)
        {
            LogSkipped(1);
        }

        var session = new SessionRecord(id, record?.Payload ?? default, EpochTime.FromMilliseconds(expiresAt), TimeSpan.Zero, record?.Subject, default);
        return new ExpiredSession(session, (int)reply[4], (string)reply[0]!);
    }

    private void ThrowIfExpiredAreNotKept()
    {
        if (!_options.KeepExpired)
            throw new NotSupportedException($"A RedisStore hands out expired sessions only with {nameof(RedisStoreOptions)}.{nameof(_options.KeepExpired)}: the server removes them otherwise.");
    }
}
