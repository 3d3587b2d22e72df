namespace SessionStores.Postgres;

public sealed partial class PostgresStore
{
    /// <summary>When the sessions that were read lately expire, so that a read can tell beforehand that its slide will not be due.</summary>
    /// <remarks>
    /// The statement that slides costs the server three times as much as a plain read, and fifteen times where it cannot be prepared. A hint
    /// only selects the statement: the record that is read decides. There is one slot per hash, so the newest of two ids that share it wins,
    /// and what was forgotten is read by the statement that slides.
    /// </remarks>
    private sealed class ExpiryHints
    {
        private const int Slots = 1 << 16;

        private readonly long _start = TimeProvider.System.GetTimestamp();

        // The upper half is the hash of the id, the lower half the expiry in seconds since the start.
        private readonly long[] _slots = new long[Slots];

        private TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(_start);

        /// <summary>Notes how long a session has to live, by the server's clock; null for a session that does not expire.</summary>
        public void Note(string id, TimeSpan? remaining)
        {
            var hash = id.GetHashCode();
            var expiresAt = remaining is { } life ? Math.Min(Elapsed.TotalSeconds + life.TotalSeconds, uint.MaxValue) : uint.MaxValue;
            Volatile.Write(ref _slots[hash & (Slots - 1)], ((long)hash << 32) | (uint)Math.Max(expiresAt, 0));
        }

        /// <summary>Whether a session is known to have more than this to live, unless another writer has shortened its life.</summary>
        public bool HasMoreThan(string id, TimeSpan remaining)
        {
            var hash = id.GetHashCode();
            var slot = Volatile.Read(ref _slots[hash & (Slots - 1)]);
            return (int)(slot >> 32) == hash && (uint)slot > (Elapsed + remaining).TotalSeconds;
        }
    }
}
