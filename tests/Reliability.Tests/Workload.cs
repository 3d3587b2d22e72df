using SessionStores.Backends;
using SessionStores.Conformance;
using SessionStores.Conformance.Histories;

namespace SessionStores.Reliability.Tests;

/// <summary>Teams of clients on several nodes, each team on one group of sessions after the other, until they are told to stop.</summary>
internal sealed class Workload(IReadOnlyList<INode> nodes, int teams, ulong seed)
{
    private const int ClientsOfTeam = 3;
    private const int CallsOfClient = 8;

    private static readonly DateTimeOffset Tomorrow = new(TimeProvider.System.GetUtcNow().Date.AddDays(2), TimeSpan.Zero);

    private readonly SeededRandom _random = new(seed);
    private readonly List<Group> _groups = [];
    private readonly List<Task> _running = [];
    private volatile bool _isEnding;

    public Counts Counts { get; } = new();

    /// <summary>The first histories that no order explains.</summary>
    public List<string> Pieces { get; } = [];

    public void Start()
    {
        for (var team = 0; team < teams; team++)
        {
            var random = new SeededRandom(_random.Next());
            _running.Add(Task.Run(() => RunTeamAsync(random)));
        }
    }

    /// <summary>Ends the calls, reads every session once more, and judges all histories.</summary>
    public async Task EndAsync()
    {
        _isEnding = true;
        await Task.WhenAll(_running);
        foreach (var group in _groups)
        {
            await ReadAsync(group);
            var history = group.History;
            var verdict = Verdict.Of(history);
            Counts.Lost += verdict.Lost ? 1 : 0;
            Counts.Resurrected += verdict.Resurrected ? 1 : 0;
            Counts.Stale += verdict.Stale;
            if (verdict != Verdict.Explained && Pieces.Count < 3)
                Pieces.Add($"{verdict}: {HistoryChecker.Check(history)}");
        }
    }

    private async Task RunTeamAsync(SeededRandom random)
    {
        while (!_isEnding)
        {
            var group = new Group($"g{random.Next():x}", Tomorrow, nodes[0].IsSite, endsInSteps: !nodes[0].Kinds.Contains(OperationKind.Rotate));
            lock (_groups)
                _groups.Add(group);

            await Task.WhenAll(Enumerable.Range(0, ClientsOfTeam).Select(number =>
                new Client(number, group, nodes[number % nodes.Count], new SeededRandom(random.Next()), Counts).RunAsync(CallsOfClient)));
        }
    }

    private async Task ReadAsync(Group group)
    {
        var client = new Client(Verdict.Last, group, nodes[0], _random, new Counts());
        foreach (var id in group.Reused.Concat(group.UsedOnce))
        {
            var read = new HistoryOperation { Client = Verdict.Last, Kind = OperationKind.Get, Id = id };
            await Wait.UntilAsync(_ => client.CallAsync(read), TimeSpan.FromMinutes(2), "a session to be read");
        }
    }
}
