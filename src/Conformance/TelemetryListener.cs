using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace SessionStores.Conformance;

/// <summary>Takes the tags of all metrics and the text of all traces of the process, until it is disposed. Any thread.</summary>
internal sealed class TelemetryListener : IDisposable
{
    private readonly MeterListener _meters = new() { InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
    private readonly ActivityListener _traces;
    private readonly Action<string> _take;

    public TelemetryListener(Action<string> take)
    {
        _take = take;
        _meters.SetMeasurementEventCallback<long>((_, _, tags, _) => Take(tags));
        _meters.SetMeasurementEventCallback<int>((_, _, tags, _) => Take(tags));
        _meters.SetMeasurementEventCallback<double>((_, _, tags, _) => Take(tags));
        _meters.Start();
        _traces = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => take(
                $"{activity.OperationName} {activity.DisplayName} {activity.StatusDescription} {string.Join(' ', activity.TagObjects)} {string.Join(' ', activity.Events.Select(each => each.Name + string.Join(' ', each.Tags)))}"),
        };
        ActivitySource.AddActivityListener(_traces);
    }

    public void Dispose()
    {
        _meters.RecordObservableInstruments();
        _meters.Dispose();
        _traces.Dispose();
    }

    private void Take(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var tag in tags)
            _take($"{tag.Key}={tag.Value}");
    }
}
