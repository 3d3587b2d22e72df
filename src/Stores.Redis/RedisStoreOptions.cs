namespace SessionStores.Redis;

/// <summary>Where and how a <see cref="RedisStore"/> keeps its sessions.</summary>
public sealed class RedisStoreOptions
{
    private const int MaxPrefixLength = 128;
    private const int LargestPayload = 1 << 28;
    private const int MostReplicas = 16;

    /// <summary>The part of the key of a record before the id; connect-redis calls it <c>prefix</c>.</summary>
    /// <value><c>sess:</c> by default; at most 128 characters without control characters. An empty prefix means what it means in
    /// connect-redis: every key of the database belongs to this store.</value>
    public string KeyPrefix { get; set; } = "sess:";

    /// <summary>The part of the key of an index before the subject.</summary>
    /// <value>Null by default, which is <c>subject:</c> followed by <see cref="KeyPrefix"/>; otherwise 1 to 128 characters without
    /// control characters. Neither of the two prefixes may begin with the other: connect-redis takes every key under
    /// <see cref="KeyPrefix"/> for a session.</value>
    public string? SubjectPrefix { get; set; }

    /// <summary>The number of the database.</summary>
    /// <value>-1 by default, which is the default database of the connection; -1 to 65,535.</value>
    public int Database { get; set; } = -1;

    /// <summary>Only a write extends a session; <c>disableTouch</c> of connect-redis.</summary>
    /// <value>False by default.</value>
    public bool DisableTouch { get; set; }

    /// <summary>Stores records without an expiry; <c>disableTTL</c> of connect-redis. Another process has to remove them.</summary>
    /// <value>False by default. A write whose expiry has already passed still removes the record.</value>
    public bool DisableExpiry { get; set; }

    /// <summary>Keeps a copy of each session until its expiry was claimed, so that the application learns of it (<see cref="ISessionExpirations"/>).</summary>
    /// <value>False by default. Needs twice the memory, and a <see cref="KeyPrefix"/>; not for Redis Cluster. To be the same on all nodes: a session that was written without it
    /// expires unnoticed.</value>
    public bool KeepExpired { get; set; }

    /// <summary>How many keys one step of an enumeration examines; <c>scanCount</c> of connect-redis.</summary>
    /// <value>100 by default; 1 to 100,000.</value>
    public int ScanCount { get; set; } = 100;

    /// <summary>The largest payload, in bytes.</summary>
    /// <value>1,048,576 (1 MiB) by default; 2 to 268,435,456 (256 MiB).</value>
    public int MaxPayloadBytes { get; set; } = SessionArguments.DefaultMaxPayloadBytes;

    /// <summary>The time within which a command ends, connecting included.</summary>
    /// <value>5 seconds by default; 10 milliseconds to 1 hour.</value>
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether calls that wait at the same time share a script, up to 64 of them: reads, and changes of up to 16 KiB where the server
    /// cannot compare and set and <see cref="MinReplicas"/> is 0.</summary>
    /// <value>True by default. A call never waits for others to come: one that finds fewer than two of its kind under way leaves at once, by
    /// itself. With false, and on Redis Cluster, each call is sent by itself.</value>
    public bool ShareRoundTrips { get; set; } = true;

    /// <summary>Whether each call that can share a script does, even if no other waits; for tests.</summary>
    internal bool SharesAlways { get; set; }

    /// <summary>Encrypts, compresses or otherwise changes what is stored; <c>serializer</c> of connect-redis.</summary>
    /// <value>Null by default: the payload is stored as it is.</value>
    public IPayloadTransform? PayloadTransform { get; set; }

    /// <summary>How many replicas must have received a write before it counts as done (the command WAIT).</summary>
    /// <value>0 by default: the primary only; 0 to 16. Not for Redis Cluster.</value>
    public int MinReplicas { get; set; }

    /// <summary>How long a write waits for <see cref="MinReplicas"/>.</summary>
    /// <value>1 second by default; 1 millisecond to <see cref="OperationTimeout"/>.</value>
    public TimeSpan ReplicaTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Provides the user and password of each new connection, so that they can change while the application runs.</summary>
    /// <value>Null by default: those of the configuration. Called before each connection signs in, from several threads at once; not for a
    /// connection of the application.</value>
    public Func<CancellationToken, ValueTask<RedisCredential>>? Credentials { get; set; }

    internal string SubjectPrefixOrDefault => SubjectPrefix ?? "subject:" + KeyPrefix;

    internal RedisStoreOptions Copy() => (RedisStoreOptions)MemberwiseClone();

    /// <exception cref="ArgumentException">An option is out of its range; every such option is named.</exception>
    internal void Validate()
    {
        var problems = new OptionProblems(nameof(RedisStoreOptions));
        CheckPrefixes(problems);
        problems.CheckRange(nameof(Database), Database, -1, 65_535);
        problems.CheckRange(nameof(ScanCount), ScanCount, 1, 100_000);
        problems.CheckMaxPayloadBytes(MaxPayloadBytes, LargestPayload);
        problems.CheckOperationTimeout(OperationTimeout);
        problems.CheckRange(nameof(MinReplicas), MinReplicas, 0, MostReplicas);
        if (MinReplicas is >= 1 and <= MostReplicas)
            problems.CheckRange(nameof(ReplicaTimeout), ReplicaTimeout, TimeSpan.FromMilliseconds(1), OperationTimeout);

        problems.ThrowIfAny();
    }

    private void CheckPrefixes(OptionProblems problems)
    {
        var areValid = CheckPrefix(nameof(KeyPrefix), KeyPrefix, 0, problems)
            & (SubjectPrefix is null || CheckPrefix(nameof(SubjectPrefix), SubjectPrefix, 1, problems));
        if (!areValid)
            return;

        foreach (var prefix in new[] { KeyPrefix, SubjectPrefixOrDefault })
        {
            if (prefix.Length > 0 && (prefix.StartsWith(RedisCommands.LinkPrefix, StringComparison.Ordinal) || RedisCommands.LinkPrefix.StartsWith(prefix, StringComparison.Ordinal)))
                problems.Add($"A prefix ('{prefix}') and '{RedisCommands.LinkPrefix}', where the store keeps what a rotated id became, must not begin with one another.");
        }

        CheckExpiring(problems);
        if (KeyPrefix.Length == 0)
            return;

        var subjects = SubjectPrefixOrDefault;
        if (subjects.StartsWith(KeyPrefix, StringComparison.Ordinal) || KeyPrefix.StartsWith(subjects, StringComparison.Ordinal))
            problems.Add($"{nameof(SubjectPrefix)} ('{subjects}') and {nameof(KeyPrefix)} ('{KeyPrefix}') must not begin with one another.");
    }

    private void CheckExpiring(OptionProblems problems)
    {
        if (!KeepExpired)
            return;

        if (KeyPrefix.Length == 0)
            problems.Add($"{nameof(KeepExpired)} needs a {nameof(KeyPrefix)} of at least 1 character, which tells the keys of sessions from those of copies.");

        foreach (var prefix in new[] { KeyPrefix, SubjectPrefixOrDefault })
        {
            if (prefix.Length > 0 && (prefix.StartsWith(RedisCommands.ExpiringPrefix, StringComparison.Ordinal) || RedisCommands.ExpiringPrefix.StartsWith(prefix, StringComparison.Ordinal)))
                problems.Add($"A prefix ('{prefix}') and '{RedisCommands.ExpiringPrefix}', where {nameof(KeepExpired)} keeps copies, must not begin with one another.");
        }
    }

    private static bool CheckPrefix(string option, string? prefix, int minimum, OptionProblems problems)
    {
        if (prefix is null || prefix.Length < minimum || prefix.Length > MaxPrefixLength)
            problems.Add($"{option} must be {minimum} to {MaxPrefixLength} characters, but {(prefix is null ? "is null" : $"has {prefix.Length}")}.");
        else if (prefix.Any(char.IsControl))
            problems.Add($"{option} must not contain control characters.");
        else
            return true;

        return false;
    }
}
