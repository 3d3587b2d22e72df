using StackExchange.Redis;

namespace SessionStores.Redis;

/// <summary>What differs between a single server and Redis Cluster, where a record and the index of its subject may be on different nodes.</summary>
/// <remarks>
/// <para>The index of a subject is a sorted set of ids, whose scores are the expiries last known. The record is the truth; an entry is a hint
/// where to look. An entry is due when its score has passed: then it is removed if the record is gone, and gets the record's expiry if it was
/// extended since.</para>
/// <para>The link of an id says for 5 minutes that it was rotated, and to which id.</para>
/// <para>Commands for one key are the same everywhere and are not here.</para>
/// </remarks>
internal interface IRedisTopology
{
    /// <summary>Creates, replaces or sets a record and its entry in the index.</summary>
    ValueTask<SessionWriteStatus> WriteAsync(RedisWrite write, CancellationToken cancellationToken);

    /// <summary>Moves a session to a new id. <see cref="RedisWrite.Id"/> is the old one.</summary>
    ValueTask<SessionWriteStatus> RotateAsync(RedisWrite write, string newId, CancellationToken cancellationToken);

    /// <summary>Removes a session and its entry in the index; when the id was rotated, those of the session that it became.</summary>
    ValueTask<bool> DestroyAsync(string operation, string id, CancellationToken cancellationToken);

    /// <summary>Removes a record and its entry in the index, and not what it became.</summary>
    /// <param name="operation">The operation, for exceptions.</param>
    /// <param name="id">The id.</param>
    /// <param name="expected">Removes the record only while it has this value; empty for any.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Written, Conflict or Gone.</returns>
    ValueTask<SessionWriteStatus> TakeAsync(string operation, string id, RedisValue expected, CancellationToken cancellationToken);

    /// <summary>Removes the sessions of a subject in one step.</summary>
    /// <returns>False where that cannot be done: nothing was.</returns>
    ValueTask<bool> TryVoidAsync(string operation, string subject, CancellationToken cancellationToken);

    /// <summary>Reads a page of the index of a subject (<see cref="RedisCommands.Page"/>).</summary>
    ValueTask<RedisResult> PageAsync(string operation, string subject, string position, int size, CancellationToken cancellationToken);

    /// <summary>Removes keys.</summary>
    Task UnlinkAsync(string operation, IEnumerable<RedisKey> keys, CancellationToken cancellationToken);

    /// <summary>The key of the link of an id, which is in the slot of its record.</summary>
    RedisKey LinkOf(string id);

    /// <summary>The pattern of all links.</summary>
    /// <param name="prefix">The pattern of the prefix of records.</param>
    string LinksOf(string prefix);

    /// <summary>Removes entries of a subject whose record is gone; on a cluster also those whose record has another subject.</summary>
    /// <returns>How many were removed.</returns>
    ValueTask<long> RemoveEntriesAsync(string operation, string subject, string[] ids, CancellationToken cancellationToken);

    /// <summary>Reviews entries of a subject, each an id followed by its score: removes those whose record is gone.</summary>
    /// <returns>How many were removed.</returns>
    ValueTask<long> ReviewEntriesAsync(string operation, string subject, string[] entries, CancellationToken cancellationToken);

    /// <summary>One key for each primary that can have keys of a prefix. It begins with the prefix, so that a user whose rights end there can
    /// use it, and need not exist.</summary>
    ValueTask<IReadOnlyList<RedisKey>> RoutesAsync(string operation, string prefix, CancellationToken cancellationToken);
}

/// <summary>A write of a record.</summary>
/// <param name="Operation">The operation, for exceptions.</param>
/// <param name="Script">The script that writes.</param>
/// <param name="Id">The id.</param>
/// <param name="Stored">The bytes to store.</param>
/// <param name="Lifetime">How long the session lives.</param>
/// <param name="Subject">The subject, or null.</param>
/// <param name="Expected">The value that the record must have; empty for any.</param>
/// <param name="Cap">How many sessions the subject may have; null for any number.</param>
internal readonly record struct RedisWrite(
    string Operation, RedisScript Script, string Id, byte[] Stored, SessionLifetime Lifetime, string? Subject, RedisValue Expected, SessionCap? Cap = null);
