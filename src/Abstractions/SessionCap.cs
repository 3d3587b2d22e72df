namespace SessionStores;

/// <summary>How many live sessions a subject may have, and what happens when one more joins it.</summary>
public readonly record struct SessionCap
{
    /// <summary>The largest limit: 1,000.</summary>
    public const int MaxSessions = 1000;

    private SessionCap(int most, bool endsOldest)
    {
        if (most is < 1 or > MaxSessions)
            throw new ArgumentOutOfRangeException(nameof(most), most, $"A subject may have 1 to {MaxSessions} sessions.");

        Most = most;
        EndsOldest = endsOldest;
    }

    /// <summary>The most live sessions of a subject, the new one included: 1 to 1,000. 0 only for <c>default(SessionCap)</c>.</summary>
    public int Most { get; }

    /// <summary>Whether the sessions that joined first end when there are too many. Otherwise the new one is refused.</summary>
    public bool EndsOldest { get; }

    /// <summary>Creates a limit that refuses a session above it.</summary>
    /// <param name="most">The most live sessions of a subject: 1 to 1,000.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="most"/> is out of range.</exception>
    public static SessionCap Refuse(int most) => new(most, endsOldest: false);

    /// <summary>Creates a limit for which the sessions end that joined first, as many as needed. Of two that joined at the same instant, the one whose
    /// stored id is less.</summary>
    /// <param name="most">The most live sessions of a subject, the new one included: 1 to 1,000.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="most"/> is out of range.</exception>
    public static SessionCap EndOldest(int most) => new(most, endsOldest: true);
}
