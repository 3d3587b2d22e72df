using System.Globalization;

namespace SessionStores.Memory;

/// <summary>Limits and housekeeping of a <see cref="MemoryStore"/>.</summary>
public sealed class MemoryStoreOptions
{
    /// <summary>The most sessions kept; above it the least recently used go.</summary>
    /// <value>100,000 by default; 1 to 1,000,000,000.</value>
    public int MaxSessions { get; set; } = 100_000;

    /// <summary>The most memory that sessions take, in bytes, counted as ids, payloads and subjects plus a fixed overhead of
    /// 200 bytes a session; above it the least recently used go.</summary>
    /// <value>268,435,456 (256 MiB) by default; at least <see cref="MaxPayloadBytes"/> plus 2,048.</value>
    public long MaxBytes { get; set; } = 256L << 20;

    /// <summary>The largest payload, in bytes.</summary>
    /// <value>1,048,576 (1 MiB) by default; 2 to 1,073,741,824 (1 GiB).</value>
    public int MaxPayloadBytes { get; set; } = SessionArguments.DefaultMaxPayloadBytes;

    /// <summary>How often expired sessions are removed. They are invisible from the instant they expire; this is when their memory
    /// is given back.</summary>
    /// <value>30 seconds by default; 10 milliseconds to 1 day.</value>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(30);

    internal void Validate()
    {
        var problems = new List<string>();
        if (MaxSessions is < 1 or > 1_000_000_000)
            problems.Add(Invariant($"{nameof(MaxSessions)} must be 1 to 1,000,000,000, but is {MaxSessions}."));

        if (MaxPayloadBytes is < 2 or > 1 << 30)
            problems.Add(Invariant($"{nameof(MaxPayloadBytes)} must be 2 to 1,073,741,824, but is {MaxPayloadBytes}."));
        else if (MaxBytes < MaxPayloadBytes + 2048L)
            problems.Add(Invariant($"{nameof(MaxBytes)} must be at least {nameof(MaxPayloadBytes)} plus 2,048 ({MaxPayloadBytes + 2048L}), but is {MaxBytes}."));

        if (SweepInterval < TimeSpan.FromMilliseconds(10) || SweepInterval > TimeSpan.FromDays(1))
            problems.Add(Invariant($"{nameof(SweepInterval)} must be 10 milliseconds to 1 day, but is {SweepInterval}."));

        if (problems.Count > 0)
            throw new ArgumentException($"{nameof(MemoryStoreOptions)}: {string.Join(' ', problems)}");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
