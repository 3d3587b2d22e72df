using System.Globalization;
using StackExchange.Redis;

namespace SessionStores.Redis;

/// <remarks>The index and the records are on different nodes. A writer enters the id, writes the record and enters the id once more; whatever
/// removes an entry reads the record afterwards and enters it again if it is there. So no order of the two ends with a session that the index
/// does not show.</remarks>
internal sealed partial class RedisCluster
{
    /// <inheritdoc/>
    public async ValueTask<long> RemoveEntriesAsync(string operation, string subject, string[] ids, CancellationToken cancellationToken)
    {
        var removed = await Task.WhenAll(ids.Select(id => RemoveEntryAsync(operation, subject, id, cancellationToken))).ConfigureAwait(false);
        return removed.LongCount(static wasRemoved => wasRemoved);
    }

    /// <inheritdoc/>
    public async ValueTask<long> ReviewEntriesAsync(string operation, string subject, string[] entries, CancellationToken cancellationToken)
    {
        var removed = await Task.WhenAll(entries.Chunk(2).Select(entry => ReviewEntryAsync(operation, subject, entry[0], entry[1], cancellationToken))).ConfigureAwait(false);
        return removed.LongCount(static wasRemoved => wasRemoved);
    }

    /// <summary>The key of the instants at which the sessions of a subject joined it, in the slot of its index.</summary>
    private RedisKey JoinedOf(string subject) => BesideIndexOf(subject, "\u0001");

    /// <summary>A key in the slot of the index of a subject. A prefix with half a tag would hide the tag behind it.</summary>
    private string BesideIndexOf(string subject, string what)
    {
        var prefix = options.SubjectPrefixOrDefault;
        var index = prefix + subject;
        var start = prefix.Contains('{', StringComparison.Ordinal) && !ClusterSlots.HasTag(prefix) ? RedisCommands.LinkPrefix : prefix;
        return $"{start}{what}{{{ClusterSlots.TagOf(index)}}}{index}";
    }

    /// <summary>Enters an id before its record is written, and reviews up to 10 entries that are due.</summary>
    /// <param name="write">The write.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    /// <param name="placeOf">The id whose place it takes; null for none.</param>
    private async ValueTask EnterAsync(RedisWrite write, CancellationToken cancellationToken, string? placeOf = null)
    {
        var due = await EnterAsync(write.Operation, write.Subject!, write.Id, write.Lifetime, 10, cancellationToken, placeOf).ConfigureAwait(false);
        await ReviewEntriesAsync(write.Operation, write.Subject!, (string[])due!, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Enters an id after its record was written.</summary>
    private ValueTask<RedisResult> EnterAgainAsync(string operation, string subject, string id, SessionLifetime lifetime, CancellationToken cancellationToken) =>
        EnterAsync(operation, subject, id, lifetime, 0, cancellationToken);

    private ValueTask<RedisResult> EnterAsync(string operation, string subject, string id, SessionLifetime lifetime, int due, CancellationToken cancellationToken, string? placeOf = null)
    {
        if (options.DisableExpiry)
            lifetime = SessionLifetime.Never;

        RedisValue[] values = [id, RedisCommands.IdleOf(lifetime), RedisCommands.EndOf(lifetime), due, placeOf ?? ""];
        return connection.EvaluateAsync(operation, ClusterCommands.Enter, [records.IndexOf(subject), JoinedOf(subject)], values, cancellationToken, writes: true);
    }

    private Task<bool> RemoveEntryAsync(string operation, string subject, string id, CancellationToken cancellationToken) =>
        RemoveEntryAsync(operation, subject, id, isRotated: false, cancellationToken);

    /// <summary>Removes an entry unless its record is there and has this subject or cannot be read, or was rotated: then a log-out everywhere needs
    /// the entry until the new one is there, and the rotation removes it.</summary>
    private async Task<bool> RemoveEntryAsync(string operation, string subject, string id, bool isRotated, CancellationToken cancellationToken)
    {
        if (!isRotated)
        {
            var current = await read(operation, id, cancellationToken).ConfigureAwait(false);
            if (current?.Subject == subject)
                return false;

            if (current is null && (long)await connection.ExecuteAsync(operation, "EXISTS", [records.KeyOf(id), LinkOf(id)], cancellationToken).ConfigureAwait(false) > 0)
                return false;
        }

        // A caller that cancels now must not leave a session without its entry: a later change that keeps the subject does not enter it.
        var removed = await connection.EvaluateAsync(
            operation, ClusterCommands.Remove, [records.IndexOf(subject), JoinedOf(subject)], [id], CancellationToken.None, writes: true).ConfigureAwait(false);
        var record = await read(operation, id, CancellationToken.None).ConfigureAwait(false);
        if (record?.Subject != subject)
            return (bool)removed;

        await EnterAgainAsync(operation, subject, id, record.ExpiresAt, CancellationToken.None).ConfigureAwait(false);
        return false;
    }

    private async Task<bool> ReviewEntryAsync(string operation, string subject, string id, string score, CancellationToken cancellationToken)
    {
        var expiry = (long)await connection.ExecuteAsync(operation, "PEXPIRETIME", [records.KeyOf(id)], cancellationToken).ConfigureAwait(false);
        if (expiry == -2)
            return await RemoveEntryAsync(operation, subject, id, cancellationToken).ConfigureAwait(false);

        if (Score(expiry) != score)
            await connection.ExecuteAsync(operation, "ZADD", [records.IndexOf(subject), "XX", Score(expiry), id], cancellationToken).ConfigureAwait(false);

        return false;
    }

    /// <summary>A score as the server writes it.</summary>
    private static string Score(long expiry) => expiry < 0 ? "inf" : expiry.ToString(CultureInfo.InvariantCulture);
}
