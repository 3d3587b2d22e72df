using SessionStores.Backends;

namespace SessionStores.Reliability.Tests;

/// <summary>The workloads of one round, on the store and over HTTP, as those see them who strike: faults begin and end by what was counted.</summary>
internal sealed class Load(IReadOnlyList<Workload> workloads)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);
    private readonly List<Counts> _counts = [.. workloads.Select(workload => workload.Counts)];
    private List<long> _failed = [];
    private List<long> _written = [];

    /// <summary>A strike begins: failures and changes are counted from here.</summary>
    public void Begin()
    {
        _failed = [.. _counts.Select(counts => counts.Failed)];
        _written = [.. _counts.Select(counts => counts.Written)];
    }

    /// <summary>Waits until so many more calls were made, in all.</summary>
    public Task CallsAsync(long more)
    {
        var enough = _counts.Sum(counts => counts.Operations) + more;
        return Wait.UntilAsync(() => _counts.Sum(counts => counts.Operations) >= enough, Deadline, $"{more} calls to be made");
    }

    /// <summary>Waits until calls of each workload have failed since the strike began.</summary>
    public Task FailuresAsync(long number) => Wait.UntilAsync(() => HaveFailed(number), Deadline, $"{number} calls on the store and over HTTP to fail");

    /// <summary>Waits until changes of each workload were acknowledged since the strike began.</summary>
    public Task WritesAsync(long number) => Wait.UntilAsync(() => HaveWritten(number), Deadline, $"{number} changes on the store and over HTTP to be acknowledged");

    /// <summary>Waits until so many changes were acknowledged, or calls have failed since the store acknowledges none.</summary>
    public Task WritesOrFailuresAsync(long writes, long failures) =>
        Wait.UntilAsync(() => HaveWritten(writes) || HaveFailed(failures), Deadline, $"{writes} changes to be acknowledged, or {failures} calls to fail");

    private bool HaveFailed(long number) => _counts.Zip(_failed).All(pair => pair.First.Failed - pair.Second >= number);

    private bool HaveWritten(long number) => _counts.Zip(_written).All(pair => pair.First.Written - pair.Second >= number);
}
