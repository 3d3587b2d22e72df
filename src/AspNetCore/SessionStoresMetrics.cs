using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace SessionStores.AspNetCore;

/// <summary>The instruments of the meter <c>SessionStores</c>.</summary>
/// <remarks>
/// <list type="bullet">
/// <item><c>sessionstores.loads</c>, by <c>outcome</c>: a <see cref="SessionLoadResult"/>.</item>
/// <item><c>sessionstores.saves</c>, by <c>kind</c>: create, replace, rotate, touch, destroy.</item>
/// <item><c>sessionstores.conflicts.merged</c>: saves that met a change of another request and were merged with it.</item>
/// <item><c>sessionstores.updates.preserved</c>: members that another request had changed and that such a save kept. A store that writes
/// whole records would have lost them.</item>
/// <item><c>sessionstores.clashes</c>: members that two requests assigned differently.</item>
/// <item><c>sessionstores.resurrections.blocked</c>: saves of sessions that had been destroyed meanwhile.</item>
/// <item><c>sessionstores.touches.skipped</c>: reads that did not need to extend the session.</item>
/// <item><c>sessionstores.outages</c>, by <c>stage</c>: load or save, when the outage policy took over.</item>
/// <item><c>sessionstores.store.duration</c> in seconds, by <c>operation</c> and <c>error.type</c>.</item>
/// <item><c>sessionstores.sessions</c>, by <c>sessions</c>, the name of the set where it has one: the live sessions when they were last
/// counted. Off unless <see cref="SessionStoresOptions.CountInterval"/> is set.</item>
/// </list>
/// </remarks>
public sealed class SessionStoresMetrics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "SessionStores";

    private readonly Counter<long> _loads;
    private readonly Counter<long> _saves;
    private readonly Counter<long> _merges;
    private readonly Counter<long> _preserved;
    private readonly Counter<long> _clashes;
    private readonly Counter<long> _resurrections;
    private readonly Counter<long> _skippedTouches;
    private readonly Counter<long> _outages;
    private readonly Histogram<double> _durations;
    private readonly ConcurrentDictionary<string, long> _sessions = new(StringComparer.Ordinal);
    private readonly TimeProvider _clock;

    /// <summary>Makes the instruments.</summary>
    public SessionStoresMetrics(IMeterFactory meters, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(meters);
        _clock = clock;
        var meter = meters.Create(MeterName);
        _loads = meter.CreateCounter<long>("sessionstores.loads", "{session}", "Requests by what became of loading their session.");
        _saves = meter.CreateCounter<long>("sessionstores.saves", "{session}", "Sessions written, by kind.");
        _merges = meter.CreateCounter<long>("sessionstores.conflicts.merged", "{session}", "Saves merged with a change of another request.");
        _preserved = meter.CreateCounter<long>("sessionstores.updates.preserved", "{member}", "Members changed by another request that a merged save kept.");
        _clashes = meter.CreateCounter<long>("sessionstores.clashes", "{member}", "Members that two requests assigned differently.");
        _resurrections = meter.CreateCounter<long>("sessionstores.resurrections.blocked", "{session}", "Saves of sessions that had been destroyed meanwhile.");
        _skippedTouches = meter.CreateCounter<long>("sessionstores.touches.skipped", "{session}", "Reads that did not need to extend the session.");
        _outages = meter.CreateCounter<long>("sessionstores.outages", "{request}", "Requests that the outage policy took over.");
        _durations = meter.CreateHistogram<double>("sessionstores.store.duration", "s", "Durations of calls to the store.");
        meter.CreateObservableGauge("sessionstores.sessions", Sessions, "{session}", "Live sessions when they were last counted.");
    }

    internal bool IsTiming => _durations.Enabled;

    internal void Load(SessionLoadResult outcome)
    {
        if (_loads.Enabled)
            _loads.Add(1, new KeyValuePair<string, object?>("outcome", outcome.ToString()));
    }

    internal void Save(string kind) => _saves.Add(1, new KeyValuePair<string, object?>("kind", kind));

    internal void Merged(int preserved)
    {
        _merges.Add(1);
        if (preserved > 0)
            _preserved.Add(preserved);
    }

    internal void Clash() => _clashes.Add(1);

    internal void ResurrectionBlocked() => _resurrections.Add(1);

    internal void TouchSkipped() => _skippedTouches.Add(1);

    internal void Outage(string stage) => _outages.Add(1, new KeyValuePair<string, object?>("stage", stage));

    /// <summary>Takes the number of live sessions of a set; null when it is not known any more.</summary>
    internal void Counted(string name, long? sessions)
    {
        if (sessions is { } count)
            _sessions[name] = count;
        else
            _sessions.TryRemove(name, out _);
    }

    internal long StartTiming() => _clock.GetTimestamp();

    internal void StoreCall(string operation, long start, string? error)
    {
        var tags = new TagList { { "operation", operation } };
        if (error is not null)
            tags.Add("error.type", error);

        _durations.Record(_clock.GetElapsedTime(start).TotalSeconds, tags);
    }

    private IEnumerable<Measurement<long>> Sessions() => _sessions.Select(set => set.Key.Length == 0
        ? new Measurement<long>(set.Value)
        : new Measurement<long>(set.Value, new KeyValuePair<string, object?>("sessions", set.Key)));
}
