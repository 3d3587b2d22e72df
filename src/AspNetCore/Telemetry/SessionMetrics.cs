using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace SessionStores.AspNetCore;

/// <summary>The instruments of the meter; <see cref="SessionStoresTelemetry"/> documents them.</summary>
internal sealed class SessionMetrics
{
    private readonly Counter<long> _loads;
    private readonly Counter<long> _saves;
    private readonly Counter<long> _merges;
    private readonly Counter<long> _preserved;
    private readonly Counter<long> _clashes;
    private readonly Counter<long> _resurrections;
    private readonly Counter<long> _skippedTouches;
    private readonly Counter<long> _outages;
    private readonly Counter<long> _moves;
    private readonly Counter<long> _reusedIds;
    private readonly Counter<long> _events;
    private readonly Counter<long> _failedEvents;
    private readonly Counter<long> _repeatedEvents;
    private readonly Histogram<double> _durations;
    private readonly ConcurrentDictionary<string, long> _sessions = new(StringComparer.Ordinal);
    private readonly TimeProvider _clock;

    public SessionMetrics(IMeterFactory meters, TimeProvider clock)
    {
        _clock = clock;
        var meter = meters.Create(SessionStoresTelemetry.MeterName);
        _loads = meter.CreateCounter<long>("sessionstores.loads", "{session}", "Requests by the result of loading their session.");
        _saves = meter.CreateCounter<long>("sessionstores.saves", "{session}", "Sessions written, by kind.");
        _merges = meter.CreateCounter<long>("sessionstores.conflicts.merged", "{session}", "Saves merged with a change of another request.");
        _preserved = meter.CreateCounter<long>("sessionstores.updates.preserved", "{member}", "Members changed by another request that a merged save kept.");
        _clashes = meter.CreateCounter<long>("sessionstores.clashes", "{member}", "Members to which two requests assigned different values.");
        _resurrections = meter.CreateCounter<long>("sessionstores.resurrections.blocked", "{session}", "Saves of sessions that had been destroyed in the meantime.");
        _skippedTouches = meter.CreateCounter<long>("sessionstores.touches.skipped", "{session}", "Reads that did not need to extend the session.");
        _outages = meter.CreateCounter<long>("sessionstores.outages", "{request}", "Requests in which the outage policy took over.");
        _moves = meter.CreateCounter<long>("sessionstores.moves", "{record}", "Sessions and sign-ins moved into the store from where the application kept them before.");
        _events = meter.CreateCounter<long>("sessionstores.events", "{event}", "Events of sessions that the application has taken, by kind and reason.");
        _failedEvents = meter.CreateCounter<long>("sessionstores.events.failed", "{event}", "Deliveries of events that a handler of the application did not take.");
        _reusedIds = meter.CreateCounter<long>("sessionstores.ids.reused", "{request}", "Requests with an id that had been replaced longer ago than a request takes.");
        _repeatedEvents = meter.CreateCounter<long>("sessionstores.events.repeated", "{event}", "Expiries that were delivered again, because a handler or a node had failed.");
        _durations = meter.CreateHistogram<double>("sessionstores.store.duration", "s", "Durations of calls to the store.");
        meter.CreateObservableGauge("sessionstores.sessions", Sessions, "{session}", "Live sessions at the last count.");
    }

    public bool IsTiming => _durations.Enabled;

    public void Load(SessionLoadResult outcome)
    {
        if (_loads.Enabled)
            _loads.Add(1, new KeyValuePair<string, object?>("outcome", outcome.ToString()));
    }

    public void Save(string kind) => _saves.Add(1, new KeyValuePair<string, object?>("kind", kind));

    public void Merged(int preserved)
    {
        _merges.Add(1);
        if (preserved > 0)
            _preserved.Add(preserved);
    }

    public void Clash() => _clashes.Add(1);

    public void ResurrectionBlocked() => _resurrections.Add(1);

    public void TouchSkipped() => _skippedTouches.Add(1);

    public void Outage(string stage) => _outages.Add(1, new KeyValuePair<string, object?>("stage", stage));

    public void IdReused() => _reusedIds.Add(1);

    public void Moved(string kind) => _moves.Add(1, new KeyValuePair<string, object?>("kind", kind));

    public void Event(SessionEvent sessionEvent)
    {
        var tags = new TagList { { "kind", sessionEvent.Kind.ToString() } };
        if (sessionEvent.Reason is { } reason)
            tags.Add("reason", reason.ToString());

        _events.Add(1, tags);
    }

    public void EventRepeated() => _repeatedEvents.Add(1);

    public void EventFailed(SessionEventKind kind, string error) =>
        _failedEvents.Add(1, new KeyValuePair<string, object?>("kind", kind.ToString()), new KeyValuePair<string, object?>("error.type", error));

    /// <summary>Reports the number of live sessions of a set; null when it is unknown.</summary>
    public void Counted(string name, long? sessions)
    {
        if (sessions is { } count)
            _sessions[name] = count;
        else
            _sessions.TryRemove(name, out _);
    }

    public long StartTiming() => _clock.GetTimestamp();

    public void StoreCall(string operation, long start, string? error)
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
