namespace SessionStores.Backends;

/// <summary>What backends were asked for. A backend that ran once is not reported as not run; of several reasons the longest is kept.</summary>
internal sealed class BackendSummaryList
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, SortedSet<string>> _used = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _notRun = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
            {
                var used = _used.SelectMany(pair => pair.Value.Select(description => $"{pair.Key}: {description}"));
                var notRun = _notRun.Where(pair => !_used.ContainsKey(pair.Key)).Select(pair => $"{pair.Key}: not run: {pair.Value}");
                return [.. used.Concat(notRun).Order(StringComparer.Ordinal)];
            }
        }
    }

    public void AddUsed(string name, string description)
    {
        lock (_gate)
        {
            if (!_used.TryGetValue(name, out var descriptions))
                _used[name] = descriptions = new SortedSet<string>(StringComparer.Ordinal);
            descriptions.Add(description);
        }
    }

    public void AddNotRun(string name, string reason)
    {
        lock (_gate)
        {
            if (!_notRun.TryGetValue(name, out var other) || other.Length < reason.Length)
                _notRun[name] = reason;
        }
    }
}
