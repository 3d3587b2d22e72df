using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace SessionStores.Protection;

/// <summary>Counts what a protected store opens and refuses, and logs it at most once a minute for each reason.</summary>
internal sealed class ProtectionReport : IDisposable
{
    /// <summary>The tag of records without protection.</summary>
    public const string NoKey = "none";

    private static readonly string[] Reasons =
    [
        "", "they were stored without protection", "they are not in the format of a protected record",
        "the key that protected them is unknown here, because they belong to another application or their key was removed", "their content was altered",
        "they were copied from another session", "their subject was altered", "the store cannot read them",
    ];

    private readonly ILogger _logger;
    private readonly TimeProvider _clock;
    private readonly Meter _meter;
    private readonly Counter<long> _opened;
    private readonly Counter<long> _refused;
    private readonly long[] _unreported = new long[Reasons.Length];
    private readonly long[] _reportedAt = new long[Reasons.Length];
    private volatile IReadOnlyDictionary<string, long> _byKey = new Dictionary<string, long>();

    public ProtectionReport(ProtectedStore store, ILogger logger, TimeProvider clock)
    {
        _meter = new Meter("SessionStores.Protection", null, null, scope: store);
        _logger = logger;
        _clock = clock;
        _opened = _meter.CreateCounter<long>("sessionstores.protection.opened", "{record}", "Records that were opened, by key; key 'none' is a record without protection.");
        _refused = _meter.CreateCounter<long>("sessionstores.protection.refused", "{record}", "Stored records that are no sessions, by reason.");
        _meter.CreateObservableGauge(
            "sessionstores.protection.records", () => _byKey.Select(pair => new Measurement<long>(pair.Value, new KeyValuePair<string, object?>("key", pair.Key))),
            "{record}", "Stored records by key when CountByKeyAsync or ResealAsync last counted them; key 'none' are records without protection.");
    }

    public void Opened(string key)
    {
        if (_opened.Enabled)
            _opened.Add(1, new KeyValuePair<string, object?>("key", key));
    }

    public void AcceptedUnprotected()
    {
        Opened(NoKey);
        if (IsDue(Refusal.None, out var records))
            Log.UnprotectedAccepted(_logger, records);
    }

    public void Refused(Refusal reason)
    {
        _refused.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString()));
        if (IsDue(reason, out var records))
            Log.RecordsRefused(_logger, records, Reasons[(int)reason]);
    }

    public void Counted(IReadOnlyDictionary<string, long> byKey) => _byKey = byKey;

    public void Dispose() => _meter.Dispose();

    private bool IsDue(Refusal reason, out long records)
    {
        Interlocked.Increment(ref _unreported[(int)reason]);
        records = 0;
        var now = _clock.GetTimestamp();
        var reported = Interlocked.Read(ref _reportedAt[(int)reason]);
        if (reported != 0 && _clock.GetElapsedTime(reported, now) < TimeSpan.FromMinutes(1))
            return false;

        if (Interlocked.CompareExchange(ref _reportedAt[(int)reason], Math.Max(now, 1), reported) != reported)
            return false;

        records = Interlocked.Exchange(ref _unreported[(int)reason], 0);
        return true;
    }
}
