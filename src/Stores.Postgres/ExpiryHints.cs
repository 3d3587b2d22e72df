namespace SessionStores.Postgres;

/// <summary>When the sessions that were read lately expire, so that a read can tell beforehand that its slide will not be due.</summary>
/// <remarks>
/// A hint, never an answer: the record that is read says what is true. One slot per hash, so the newest of two that share it wins, and what
/// was forgotten is read by the statement that slides.
/// </remarks>
internal sealed class ExpiryHints
{
    private const int Slots = 1 << 16;

    private readonly long _start = TimeProvider.System.GetTimestamp();

    // The upper half is the hash of the id, the lower half the expiry in seconds since the start.
    private readonly long[] _slots = new long[Slots];

    /// <summary>Notes how long a session has to live.</summary>
    public void Note(string id, TimeSpan remaining)
    {
        var hash = id.GetHashCode();
        var expiresAt = Math.Min((Elapsed + remaining).TotalSeconds, uint.MaxValue);
        Volatile.Write(ref _slots[hash & (Slots - 1)], ((long)hash << 32) | (uint)Math.Max(expiresAt, 0));
    }

    /// <summary>Whether a session is known to have more than this to live, unless somebody else has shortened its life.</summary>
    public bool HasMoreThan(string id, TimeSpan remaining)
    {
        var hash = id.GetHashCode();
        var slot = Volatile.Read(ref _slots[hash & (Slots - 1)]);
        return (int)(slot >> 32) == hash && (uint)slot > (Elapsed + remaining).TotalSeconds;
    }

    private TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(_start);
}
