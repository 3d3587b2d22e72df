namespace SessionStores.Conformance.Tests.Reference;

/// <summary>The records of a namespace and its index of subjects.</summary>
public sealed class ReferenceTable
{
    public Dictionary<string, ReferenceRow> Rows { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, HashSet<string>> Subjects { get; } = new(StringComparer.Ordinal);

    /// <summary>What rotated ids became, and until when that is remembered.</summary>
    public Dictionary<string, (string Key, DateTimeOffset Until)> Links { get; } = new(StringComparer.Ordinal);

    /// <summary>Claimed sessions by the names of their claims.</summary>
    public Dictionary<string, ReferenceClaim> Claims { get; } = new(StringComparer.Ordinal);

    /// <summary>Since when the sessions of a subject are void that joined it by then.</summary>
    public Dictionary<string, DateTimeOffset> Epochs { get; } = new(StringComparer.Ordinal);

    /// <summary>How often the table was set up; more than once is a fault of the store.</summary>
    public int SetUps { get; set; }

    public bool IsBroken { get; set; }

    public long Stored => Rows.Count + Epochs.Count + Subjects.Sum(pair => pair.Value.Count);

    public void Index(string subject, string key)
    {
        if (!Subjects.TryGetValue(subject, out var keys))
            Subjects[subject] = keys = new HashSet<string>(StringComparer.Ordinal);

        keys.Add(key);
    }

    public void Unindex(string subject, string key)
    {
        if (Subjects.TryGetValue(subject, out var keys) && keys.Remove(key) && keys.Count == 0)
            Subjects.Remove(subject);
    }
}

/// <summary>A claimed session, how often it was claimed, and until when.</summary>
public sealed record ReferenceClaim(ReferenceRow Row, int Claims, DateTimeOffset Until);

/// <summary>A stored record.</summary>
public sealed class ReferenceRow(string id, byte[] payload, DateTimeOffset expiresAt, string? subject)
{
    public string Id { get; } = id;

    public byte[] Payload { get; set; } = payload;

    public DateTimeOffset ExpiresAt { get; set; } = expiresAt;

    public string? Subject { get; set; } = subject;

    public string? Key { get; set; }

    public bool IsUnreadable { get; init; }

    /// <summary>When the session joined its subject.</summary>
    public DateTimeOffset JoinedAt { get; set; }

    /// <summary>Where it is stored.</summary>
    public ReferenceTable? Table { get; init; }

    /// <summary>A counter beside the content, as a store must not use it for its versions.</summary>
    public int Counter { get; set; }
}
