using System.Diagnostics;
using System.Globalization;

namespace SessionStores.Reliability.Tests.Moving;

/// <summary>How fast requests were in a part of the run.</summary>
internal sealed class Speed
{
    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _times = [];
    private readonly long _began = Stopwatch.GetTimestamp();
    private TimeSpan? _length;

    public long Done
    {
        get
        {
            lock (_gate)
                return _times.Count;
        }
    }

    public void Add(TimeSpan time)
    {
        lock (_gate)
            _times.Add(time);
    }

    /// <summary>The part has ended: requests that are still under way count for their times, not for its length.</summary>
    public Speed End()
    {
        _length = Stopwatch.GetElapsedTime(_began);
        return this;
    }

    public override string ToString()
    {
        lock (_gate)
        {
            if (_times.Count == 0)
                return "no requests";

            _times.Sort();
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{_times.Count:N0} requests, {_times.Count / (_length ?? Stopwatch.GetElapsedTime(_began)).TotalSeconds:N0} a second, median {At(0.5):0.0} ms, 99 % below {At(0.99):0.0} ms");
        }
    }

    private double At(double part) => _times[(int)((_times.Count - 1) * part)].TotalMilliseconds;
}
