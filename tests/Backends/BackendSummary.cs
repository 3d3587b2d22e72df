namespace SessionStores.Backends;

/// <summary>
/// One line per backend that this process asked for: what was used, or why it did not run. Written to standard output when the process ends,
/// and to a file of this process in the folder that <c>SESSIONSTORES_REPORTS</c> names, since <c>dotnet test</c> shows no output.
/// </summary>
internal sealed class BackendSummary
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SortedSet<string>> _used = [];
    private readonly Dictionary<string, string> _notRun = [];

    static BackendSummary() => AppDomain.CurrentDomain.ProcessExit += (_, _) => OfProcess.Write();

    public static BackendSummary OfProcess { get; } = new();

    /// <summary>The lines so far, sorted: <c>redis: local binary redis-server 7.0.15</c>. A backend that ran once is not reported as not run.</summary>
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
            (_used.TryGetValue(name, out var all) ? all : _used[name] = new SortedSet<string>(StringComparer.Ordinal)).Add(description);
    }

    /// <summary>Adds the reason of an absent backend; of several the longest is kept.</summary>
    public void AddNotRun(string name, string reason)
    {
        lock (_gate)
            _notRun[name] = _notRun.GetValueOrDefault(name, "").Length > reason.Length ? _notRun[name] : reason;
    }

    private void Write()
    {
        foreach (var line in Lines)
            Console.Out.WriteLine($"backend {line}");
        if (Environment.GetEnvironmentVariable("SESSIONSTORES_REPORTS") is { Length: > 0 } folder && Directory.Exists(folder))
            File.WriteAllLines(Path.Combine(folder, $"backends-{Environment.ProcessId}.txt"), Lines);
    }
}
