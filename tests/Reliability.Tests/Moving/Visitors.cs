using System.Diagnostics;
using SessionStores.Conformance;

namespace SessionStores.Reliability.Tests.Moving;

/// <summary>Clients that change sessions at full speed: each draws a session and sends requests to both nodes for it at the same time.</summary>
/// <param name="nodes">The nodes; one that was killed is replaced by another.</param>
/// <param name="sessions">The sessions.</param>
/// <param name="clients">How many clients there are.</param>
/// <param name="seed">What they draw follows from it.</param>
internal sealed class Visitors(SiteProcess[] nodes, IReadOnlyList<MovedSession> sessions, int clients, ulong seed) : IAsyncDisposable
{
    private readonly Violations _violations = new();
    private readonly List<Task> _running = [];
    private Speed _speed = new();
    private volatile bool _isEnding;
    private long _failed;

    public Violations Violations => _violations;

    /// <summary>Requests without a result.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>Requests with a result since <see cref="Begin"/>.</summary>
    public long Done => _speed.Done;

    public void Start()
    {
        var seeds = new SeededRandom(seed);
        for (var client = 0; client < clients; client++)
        {
            var random = new SeededRandom(seeds.Next());
            _running.Add(Task.Run(() => RunAsync(random)));
        }
    }

    /// <summary>A part of the run begins, whose speed is measured separately.</summary>
    /// <returns>The speed of the part before.</returns>
    public Speed Begin() => Interlocked.Exchange(ref _speed, new Speed()).End();

    public Task EndAsync()
    {
        _isEnding = true;
        return Task.WhenAll(_running);
    }

    public async ValueTask DisposeAsync() => await EndAsync();

    private async Task RunAsync(SeededRandom random)
    {
        while (!_isEnding)
        {
            var session = sessions[random.Below(sessions.Count)];
            await Task.WhenAll(nodes.ToArray().Select(node => SendAsync(node, session, Draw(random))));
        }
    }

    /// <summary>One log-out among 200 requests; of the others every third only reads.</summary>
    private static Request Draw(SeededRandom random) => random.Below(200) == 0 ? Request.LogOut : random.Below(3) == 0 ? Request.Read : Request.Add;

    private async Task SendAsync(SiteProcess node, MovedSession session, Request request)
    {
        var speed = _speed;
        var before = session.Begin(request);
        var began = Stopwatch.GetTimestamp();
        var (hasReplied, number) = await node.SendAsync(request, session.Cookie);
        if (!hasReplied)
        {
            Interlocked.Increment(ref _failed);
            return;
        }

        speed.Add(Stopwatch.GetElapsedTime(began));
        _violations.Add(session.Check(request, before, number), $"{request}: saw {number?.ToString() ?? "no session"}, expected {before}");
    }
}
