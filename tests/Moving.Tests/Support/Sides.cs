using System.Text;
using Microsoft.Extensions.Time.Testing;
using SessionStores.Memory;

namespace SessionStores.Moving.Tests;

/// <summary>Two stores in memory with one clock, and nodes on them. Each begins with one session on the old side.</summary>
internal sealed class Sides
{
    public const string Id = "session";
    public const string NewId = "rotated";
    public const string Subject = "alice";

    public static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private readonly Func<ISessionStore, ISessionStore, MovingReport, Lead> _lead;

    public Sides(Func<ISessionStore, ISessionStore, MovingReport, Lead>? lead = null)
    {
        _lead = lead ?? Move;
        Old = new MemoryStore(null, Clock);
        New = new MemoryStore(null, Clock);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public MemoryStore Old { get; }

    public MemoryStore New { get; }

    /// <summary>The version of the session as it was created on the old side.</summary>
    public SessionVersion Loaded { get; private set; }

    public static SessionContent Content(string mark = "one", TimeSpan? life = null) =>
        new(Encoding.UTF8.GetBytes($$"""{"cookie":{"originalMaxAge":3600000},"mark":"{{mark}}"}"""), life ?? Life, Subject);

    public static string? MarkOf(SessionRecord? record) => record is null ? null : System.Text.Json.JsonDocument.Parse(record.Payload).RootElement.GetProperty("mark").GetString();

    public static async Task<Sides> StartAsync(Func<ISessionStore, ISessionStore, MovingReport, Lead>? lead = null)
    {
        var sides = new Sides(lead);
        sides.Loaded = (await sides.Old.CreateAsync(Id, Content())).Version;
        return sides;
    }

    /// <summary>A node in the stage Move, or in what a test puts in its place.</summary>
    public MovingStore Node(Steps? steps = null, Func<ISessionStore, ISessionStore, MovingReport, Lead>? lead = null)
    {
        ISessionStore old = new Kept(Old), current = new Kept(New);
        if (steps is not null)
            (old, current) = (steps.Side("old", old), steps.Side("new", current));

        lead ??= _lead;
        return new MovingStore(old, current, null, null, report => lead(old, current, report));
    }

    /// <summary>A node in the stage Prepare.</summary>
    public MovingStore PreparingNode(Steps? steps = null) => Node(steps, (old, current, report) => new OldSideLeads(StepsOf(old, current, report)));

    public static MovingSteps StepsOf(ISessionStore old, ISessionStore current, MovingReport report) => new(old, current, report) { ArrivalLimit = TimeSpan.FromMilliseconds(20) };

    /// <summary>Every session on either side, as one more node sees them: its id and mark.</summary>
    public async Task<List<(string Id, string? Mark)>> ListAsync() =>
        [.. (await Node(null, Move).AllAsync().ToListAsync()).Select(record => (record.Id, MarkOf(record)))];

    private static NewSideLeads Move(ISessionStore old, ISessionStore current, MovingReport report) => new(StepsOf(old, current, report));

    /// <summary>Stays when a node is disposed, as a server does.</summary>
    private sealed class Kept(ISessionStore inner) : ForwardingStore(inner);
}
