namespace SessionStores.Reliability.Tests.Moving;

/// <summary>Counts what was wrong in a move, and keeps the first.</summary>
internal sealed class Violations
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Violation, int> _counts = [];
    private readonly List<string> _first = [];

    public int this[Violation violation]
    {
        get
        {
            lock (_gate)
                return _counts.GetValueOrDefault(violation);
        }
    }

    public void Add(Violation violation, string what)
    {
        if (violation == Violation.None)
            return;

        lock (_gate)
        {
            _counts[violation] = _counts.GetValueOrDefault(violation) + 1;
            if (_first.Count < 10)
                _first.Add($"{violation}: {what}");
        }
    }

    public override string ToString()
    {
        lock (_gate)
            return $"{_counts.GetValueOrDefault(Violation.Lost)} lost, {_counts.GetValueOrDefault(Violation.Resurrected)} resurrected, {_counts.GetValueOrDefault(Violation.Doubled)} doubled"
                + string.Concat(_first.Select(each => $"\n{each}"));
    }
}
