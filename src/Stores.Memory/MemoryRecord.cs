namespace SessionStores.Memory;

/// <summary>One stored session. Only the holder of the lock of its shard reads or changes it.</summary>
internal sealed class MemoryRecord(string id, byte[] payload, long expiresAt, string? subject, string? key = null)
{
    /// <summary>What a session takes beside its id, payload, subject and key: this object, the two array headers, its places in the
    /// table and in the heap.</summary>
    private const int Overhead = 208;

    public readonly string Id = id;
    public byte[] Payload = payload;

    /// <summary>UTC ticks, or those of <see cref="SessionExpiry.Never"/>.</summary>
    public long ExpiresAt = expiresAt;

    public string? Subject = subject;

    public string? Key = key;

    /// <summary>When it got its subject, in UTC ticks.</summary>
    public long JoinedAt;

    /// <summary>Neighbours in order of use; null in both directions when it is the only one.</summary>
    public MemoryRecord? MoreRecent;
    public MemoryRecord? LessRecent;

    /// <summary>The place in the heap of the shard, or -1 when it never expires.</summary>
    public int HeapIndex = -1;

    /// <summary>Read since its turn to go came last; see <see cref="UseOrder.Victim"/>.</summary>
    public bool IsMarked;

    public long Bytes => Overhead + (2L * Id.Length) + Payload.Length + (2L * ((Subject?.Length ?? 0) + (Key?.Length ?? 0)));

    public bool IsLive(long now) => now < ExpiresAt;

    public SessionVersion Version => VersionOf(Payload, Subject, Key);

    /// <summary>The version of content: of one with a key, both are told apart by a character that neither has.</summary>
    public static SessionVersion VersionOf(byte[] payload, string? subject, string? key) =>
        SessionVersion.Of(payload, key is null ? subject : subject + KeyIndex.NameOf(key));

    public SessionRecord ToSessionRecord(DateTimeOffset now)
    {
        var expiresAt = new DateTimeOffset(ExpiresAt, TimeSpan.Zero);
        return new SessionRecord(Id, Payload, expiresAt, SessionExpiry.Remaining(expiresAt, now), Subject, Version, Key);
    }
}
