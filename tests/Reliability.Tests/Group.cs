using System.Collections.Concurrent;
using SessionStores.Conformance.Histories;

namespace SessionStores.Reliability.Tests;

/// <summary>The sessions of one user for a short time: few enough calls for the checker, which looks at all of them together.</summary>
/// <param name="name">The subject.</param>
/// <param name="start">The expiries of the histories are minutes from here.</param>
/// <param name="isSite">Whether the calls are requests to a site.</param>
/// <param name="endsInSteps">Whether the store ends the sessions of a user in several steps, so that one call may end a session, and once more what was created
/// under its id in the meantime.</param>
internal sealed class Group(string name, DateTimeOffset start, bool isSite, bool endsInSteps)
{
    /// <summary>The session of a log-out everywhere.</summary>
    public const string Everywhere = "all";

    private readonly Lock _gate = new();
    private readonly List<HistoryOperation> _history = [];
    private readonly string[] _once = ["s2", "s3", "s4", "s5"];
    private int _used;

    public string Subject => name;

    public HistoryClock Clock { get; } = new();

    /// <summary>The expiries of the histories are minutes from here.</summary>
    public DateTimeOffset Start => start;

    /// <summary>Ids that are created again and again, and take no part in rotations. A site has none: it takes no id twice.</summary>
    public IReadOnlyList<string> Reused { get; } = isSite ? [] : ["s0", "s1"];

    /// <summary>The ids that are used once, so far: what they are rotated from and to.</summary>
    public IReadOnlyList<string> UsedOnce => [.. _once.Take(_used).Where(id => !isSite || Cookies.ContainsKey(id))];

    /// <summary>The version of the content with a mark, for those who have seen it.</summary>
    public ConcurrentDictionary<string, SessionVersion> Versions { get; } = [];

    public ConcurrentDictionary<string, string> Cookies { get; } = [];

    public IReadOnlyList<HistoryOperation> History
    {
        get
        {
            lock (_gate)
                return [.. _history];
        }
    }

    /// <summary>The id of a session at the store.</summary>
    public string IdOf(string id) => $"{name}-{id}";

    /// <summary>Takes an id that was not used before; null when all were.</summary>
    public string? Fresh()
    {
        var used = Interlocked.Increment(ref _used) - 1;
        return used < _once.Length ? _once[used] : null;
    }

    /// <summary>Records a call; one that concerns all sessions as one call on each, which is exact as long as no id of a rotation is created again.</summary>
    public void Add(HistoryOperation operation)
    {
        lock (_gate)
            _history.AddRange(operation.Id == Everywhere ? Reused.Concat(endsInSteps ? Reused : []).Concat(_once).Select(id => operation with { Id = id }) : [operation]);
    }
}
