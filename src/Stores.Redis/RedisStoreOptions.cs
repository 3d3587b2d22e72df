using System.Globalization;

namespace SessionStores.Redis;

/// <summary>Where and how a <see cref="RedisStore"/> keeps its sessions.</summary>
public sealed class RedisStoreOptions
{
    private const int MaxPrefixLength = 128;

    /// <summary>What stands before the id in the key of a record; connect-redis calls it <c>prefix</c>.</summary>
    /// <value><c>sess:</c> by default; at most 128 characters without control characters. The empty text is taken as it is in
    /// connect-redis: then every key of the database belongs to this store.</value>
    public string KeyPrefix { get; set; } = "sess:";

    /// <summary>What stands before the subject in the key of its index.</summary>
    /// <value>Null by default, which is <c>subject:</c> followed by <see cref="KeyPrefix"/>; otherwise 1 to 128 characters without
    /// control characters. Neither of the two prefixes may begin with the other: connect-redis takes every key under
    /// <see cref="KeyPrefix"/> for a session.</value>
    public string? SubjectPrefix { get; set; }

    /// <summary>The number of the database.</summary>
    /// <value>-1 by default, which is the default database of the connection; -1 to 65,535.</value>
    public int Database { get; set; } = -1;

    /// <summary>Nothing extends a session but a write; <c>disableTouch</c> of connect-redis.</summary>
    /// <value>False by default.</value>
    public bool DisableTouch { get; set; }

    /// <summary>Records are stored without an expiry; <c>disableTTL</c> of connect-redis. Somebody else has to remove them.</summary>
    /// <value>False by default. A write whose expiry has already passed still removes the record.</value>
    public bool DisableExpiry { get; set; }

    /// <summary>How many keys one step of an enumeration looks at; <c>scanCount</c> of connect-redis.</summary>
    /// <value>100 by default; 1 to 100,000.</value>
    public int ScanCount { get; set; } = 100;

    /// <summary>The largest payload, in bytes.</summary>
    /// <value>1,048,576 (1 MiB) by default; 2 to 268,435,456 (256 MiB).</value>
    public int MaxPayloadBytes { get; set; } = SessionArguments.DefaultMaxPayloadBytes;

    /// <summary>The time within which a command ends, connecting included.</summary>
    /// <value>5 seconds by default; 10 milliseconds to 1 minute.</value>
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Encrypts, compresses or otherwise changes what is stored; <c>serializer</c> of connect-redis.</summary>
    /// <value>Null by default: the payload is stored as it is.</value>
    public IPayloadTransform? PayloadTransform { get; set; }

    /// <summary>How many replicas must have received a write before it counts as done (the command WAIT).</summary>
    /// <value>0 by default: the primary alone; 0 to 16. Not for Redis Cluster.</value>
    public int MinReplicas { get; set; }

    /// <summary>How long a write waits for <see cref="MinReplicas"/>.</summary>
    /// <value>1 second by default; 1 millisecond to <see cref="OperationTimeout"/>.</value>
    public TimeSpan ReplicaTimeout { get; set; } = TimeSpan.FromSeconds(1);

    internal string SubjectPrefixOrDefault => SubjectPrefix ?? "subject:" + KeyPrefix;

    internal RedisStoreOptions Copy() => (RedisStoreOptions)MemberwiseClone();

    internal void Validate()
    {
        var problems = new List<string>();
        CheckPrefixes(problems);
        if (Database is < -1 or > 65_535)
            problems.Add(Invariant($"{nameof(Database)} must be -1 to 65,535, but is {Database}."));

        if (ScanCount is < 1 or > 100_000)
            problems.Add(Invariant($"{nameof(ScanCount)} must be 1 to 100,000, but is {ScanCount}."));

        if (MaxPayloadBytes is < 2 or > 1 << 28)
            problems.Add(Invariant($"{nameof(MaxPayloadBytes)} must be 2 to 268,435,456, but is {MaxPayloadBytes}."));

        if (OperationTimeout < TimeSpan.FromMilliseconds(10) || OperationTimeout > TimeSpan.FromMinutes(1))
            problems.Add(Invariant($"{nameof(OperationTimeout)} must be 10 milliseconds to 1 minute, but is {OperationTimeout}."));

        if (MinReplicas is < 0 or > 16)
            problems.Add(Invariant($"{nameof(MinReplicas)} must be 0 to 16, but is {MinReplicas}."));
        else if (MinReplicas > 0 && (ReplicaTimeout < TimeSpan.FromMilliseconds(1) || ReplicaTimeout > OperationTimeout))
            problems.Add(Invariant($"{nameof(ReplicaTimeout)} must be 1 millisecond to {nameof(OperationTimeout)} ({OperationTimeout}), but is {ReplicaTimeout}."));

        if (problems.Count > 0)
            throw new ArgumentException($"{nameof(RedisStoreOptions)}: {string.Join(' ', problems)}");
    }

    private void CheckPrefixes(List<string> problems)
    {
        var known = problems.Count;
        CheckPrefix(nameof(KeyPrefix), KeyPrefix, 0, problems);
        if (SubjectPrefix is not null)
            CheckPrefix(nameof(SubjectPrefix), SubjectPrefix, 1, problems);

        if (problems.Count > known || KeyPrefix.Length == 0)
            return;

        var subjects = SubjectPrefixOrDefault;
        if (subjects.StartsWith(KeyPrefix, StringComparison.Ordinal) || KeyPrefix.StartsWith(subjects, StringComparison.Ordinal))
            problems.Add($"{nameof(SubjectPrefix)} ('{subjects}') and {nameof(KeyPrefix)} ('{KeyPrefix}') must not begin with one another.");
    }

    private static void CheckPrefix(string option, string? prefix, int minimum, List<string> problems)
    {
        if (prefix is null || prefix.Length < minimum || prefix.Length > MaxPrefixLength)
            problems.Add(Invariant($"{option} must be {minimum} to {MaxPrefixLength} characters, but {(prefix is null ? "is null" : $"has {prefix.Length}")}."));
        else if (prefix.Any(char.IsControl))
            problems.Add($"{option} must not contain control characters.");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
