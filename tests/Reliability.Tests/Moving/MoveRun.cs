using System.Diagnostics;
using System.Globalization;
using SessionStores.Backends;
using SessionStores.Moving;

namespace SessionStores.Reliability.Tests.Moving;

/// <summary>Sessions move from Redis to PostgreSQL while clients change them on two nodes, one of which is killed in the middle, as is the mover.</summary>
internal sealed class MoveRun(string redis, string postgres, MoveLength length, ulong seed)
{
    private readonly SiteProcess[] _nodes = new SiteProcess[2];
    private readonly List<SiteProcess> _started = [];

    public async Task<MoveOutcome> RunAsync()
    {
        try
        {
            for (var node = 0; node < _nodes.Length; node++)
                await StartAsync(node, MovingStage.Prepare);

            // Half of the sessions are never touched by a request.
            var sessions = await LogInAsync();
            await using var visitors = new Visitors(_nodes, [.. sessions.Take(sessions.Count / 2)], length.Clients, seed);
            visitors.Start();
            await UntilDoneAsync(visitors, length.Requests);
            var before = visitors.Begin();

            for (var node = 0; node < _nodes.Length; node++)
                await ReplaceAsync(node);

            visitors.Begin();
            var clock = Stopwatch.StartNew();
            var counts = await MoveAsync(visitors);
            var time = clock.Elapsed;
            var during = visitors.Begin();
            await UntilDoneAsync(visitors, length.Requests);
            var after = visitors.Begin();
            await visitors.EndAsync();

            var verified = await VerifyAsync();
            await using var store = MovingSite.OpenStore(redis, postgres, MovingStage.Move);
            var live = await ReadAsync(sessions, visitors.Violations);
            return new MoveOutcome(counts, time, before, during, after, visitors.Failed, verified, live, await store.AllAsync().CountAsync(), visitors.Violations);
        }
        finally
        {
            foreach (var node in _started)
                await node.DisposeAsync();
        }
    }

    private async Task<IReadOnlyList<MovedSession>> LogInAsync()
    {
        var sessions = new MovedSession[length.Sessions];
        await Parallel.ForAsync(0, sessions.Length, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (index, _) =>
            sessions[index] = new MovedSession(await _nodes[index % _nodes.Length].LogInAsync()));
        return sessions;
    }

    /// <summary>Moves the first half; then the mover is cancelled and a node is killed; the rest is moved by a second run, after another node has taken over.</summary>
    private async Task<IReadOnlyList<SessionMoveCounts>> MoveAsync(Visitors visitors)
    {
        await using var store = MovingSite.OpenStore(redis, postgres, MovingStage.Move);
        var mover = new SessionMover(store);
        var enough = await mover.CountOldSideAsync() / 2;
        using var half = new CancellationTokenSource();
        var first = new SessionMoveCounts();
        try
        {
            await mover.MoveAsync(
                counts =>
                {
                    first = counts;
                    if (counts.Seen >= enough)
                        half.Cancel();
                },
                half.Token);
        }
        catch (OperationCanceledException) when (half.IsCancellationRequested)
        {
            // Continued below.
        }

        var failed = visitors.Failed;
        var second = mover.MoveAsync();
        await _nodes[1].KillAsync();
        await Wait.UntilAsync(() => visitors.Failed > failed, length.Patience, "requests of the killed node to fail");
        await ReplaceAsync(1);
        return [first, await second];
    }

    /// <summary>Runs <c>sessionstores move --verify</c> as a person would.</summary>
    private async Task<string> VerifyAsync() => (await DotNetCli.RunAsync(
        Path.Combine(AppContext.BaseDirectory, "SessionStores.Tool.dll"), "move", "--from", "redis", "--from-connection", redis, "--to", "postgres", "--to-connection", postgres, "--yes", "--verify"))
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];

    /// <summary>Starts a node in the stage in which the new side leads, and kills the one whose place it takes.</summary>
    private async Task ReplaceAsync(int node)
    {
        var old = _nodes[node];
        await StartAsync(node, MovingStage.Move);
        await old.KillAsync();
    }

    private async Task StartAsync(int node, MovingStage stage) => _started.Add(_nodes[node] = await SiteProcess.StartAsync(redis, postgres, stage));

    private Task UntilDoneAsync(Visitors visitors, int requests) =>
        Wait.UntilAsync(() => visitors.Done >= requests, length.Patience, $"{requests} requests to be done");

    /// <summary>Reads every session once more, on either node.</summary>
    /// <returns>How many are there.</returns>
    private async Task<int> ReadAsync(IReadOnlyList<MovedSession> sessions, Violations violations)
    {
        var live = 0;
        await Parallel.ForAsync(0, sessions.Count, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (index, _) =>
        {
            var (hasReplied, number) = await _nodes[index % _nodes.Length].SendAsync(Request.Read, sessions[index].Cookie);
            Assert.True(hasReplied, "A node does not reply although nothing is wrong with it.");
            violations.Add(sessions[index].CheckAtEnd(number), $"at the end: saw {number?.ToString(CultureInfo.InvariantCulture) ?? "no session"}, {sessions[index].Acknowledged} additions were acknowledged");
            if (number is not null)
                Interlocked.Increment(ref live);
        });
        return live;
    }
}
