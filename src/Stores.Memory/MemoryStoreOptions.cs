namespace SessionStores.Memory;

/// <summary>The limits of a <see cref="MemoryStore"/>.</summary>
public sealed class MemoryStoreOptions
{
    /// <summary>The most sessions kept; above it the least recently used are evicted, those without a subject first.</summary>
    /// <value>100,000 by default; 1 to 1,000,000,000.</value>
    public int MaxSessions { get; set; } = 100_000;

    /// <summary>The most memory that sessions take, in bytes, counted as ids, payloads and subjects plus a fixed overhead of
    /// 200 bytes a session; above it the least recently used are evicted.</summary>
    /// <value>268,435,456 (256 MiB) by default; at least <see cref="MaxPayloadBytes"/> plus 2,048.</value>
    public long MaxBytes { get; set; } = 256L << 20;

    /// <summary>The largest payload, in bytes.</summary>
    /// <value>1,048,576 (1 MiB) by default; 2 to 1,073,741,824 (1 GiB).</value>
    public int MaxPayloadBytes { get; set; } = SessionArguments.DefaultMaxPayloadBytes;

    internal MemoryStoreOptions Copy() => (MemoryStoreOptions)MemberwiseClone();

    internal void Validate()
    {
        var problems = new OptionProblems(nameof(MemoryStoreOptions));
        problems.CheckRange(nameof(MaxSessions), MaxSessions, 1, 1_000_000_000);
        problems.CheckMaxPayloadBytes(MaxPayloadBytes, 1 << 30);
        if (MaxBytes < MaxPayloadBytes + 2048L)
            problems.Add(nameof(MaxBytes), $"at least {nameof(MaxPayloadBytes)} plus 2,048", MaxBytes);

        problems.ThrowIfAny();
    }
}
