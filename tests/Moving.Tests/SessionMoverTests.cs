using System.Text;

namespace SessionStores.Moving.Tests;

/// <summary>Sessions that no request touches, and the comparison of both sides.</summary>
public sealed class SessionMoverTests
{
    private static readonly SessionStoreException Away = new("AwayStore", "Rotate", SessionStoreFault.Unavailable, "The server is away.");

    [Fact]
    public async Task A_run_moves_every_session_and_a_second_one_has_nothing_to_do()
    {
        var sides = await StartAsync(250);
        var mover = new SessionMover(sides.Node());
        var shown = new List<long>();

        var counts = await mover.MoveAsync(each => shown.Add(each.Seen));

        Assert.Equal(new SessionMoveCounts { Moved = 250 }, counts with { Reasons = [] });
        Assert.Equal([100, 200, 250], shown);
        Assert.Equal((0, 250), (await sides.Old.LengthAsync(), await sides.New.LengthAsync()));
        Assert.Equal(0, (await mover.MoveAsync()).Seen);
        Assert.True((await mover.CompareAsync()).IsMoved);
    }

    [Fact]
    public async Task A_run_that_was_cancelled_is_continued_by_the_next_one()
    {
        var sides = await StartAsync(500);
        var mover = new SessionMover(sides.Node());
        using var cancellation = new CancellationTokenSource();
        var first = 0L;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => mover.MoveAsync(
            counts =>
            {
                first = counts.Moved;
                cancellation.Cancel();
            },
            cancellation.Token));
        var second = await mover.MoveAsync();

        Assert.InRange(first, 100, 499);
        Assert.Equal((500, 0), (first + second.Moved, second.Left));
        Assert.Equal((0, 500), (await sides.Old.LengthAsync(), await sides.New.LengthAsync()));
    }

    [Fact]
    public async Task Two_runs_at_the_same_time_move_each_session_once()
    {
        var sides = await StartAsync(300);

        var counts = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => new SessionMover(sides.Node()).MoveAsync())));

        Assert.Equal((300, 0), (counts.Sum(each => each.Moved), counts.Sum(each => each.Left)));
        Assert.Equal((0, 300), (await sides.Old.LengthAsync(), await sides.New.LengthAsync()));
    }

    [Fact]
    public async Task What_another_node_has_begun_to_move_is_completed()
    {
        var sides = await StartAsync(1);
        await InterruptAsync(sides);
        Assert.True(MovingRecord.IsMarked((await sides.Old.AllAsync().SingleAsync())));

        var counts = await new SessionMover(sides.Node()).MoveAsync();

        Assert.Equal((1, 0), (counts.Moved, await sides.Old.LengthAsync()));
        Assert.Equal("""{"n":0}""", TextOf(Assert.Single(await sides.New.AllAsync().ToListAsync())));
    }

    [Fact]
    public async Task A_session_that_cannot_be_moved_is_left_and_named_without_its_id()
    {
        var sides = await StartAsync(50);
        await using var store = new MovingStore(sides.Old, new RefusingStore(sides.New, (call, id) => call == 1 ? Away : null));

        var counts = await new SessionMover(store, 1).MoveAsync();

        Assert.Equal((49, 1, 1), (counts.Moved, counts.Failed, counts.Left));
        Assert.Matches("^[0-9a-f]{32}: AwayStore.Rotate: The server is away.$", Assert.Single(counts.Reasons));
        Assert.Equal(1, (await new SessionMover(sides.Node()).MoveAsync()).Moved);
    }

    [Fact]
    public async Task A_run_ends_when_many_sessions_in_a_row_cannot_be_moved()
    {
        var sides = await StartAsync(50);
        var store = new MovingStore(sides.Old, new RefusingStore(sides.New, (_, _) => Away));
        var last = new SessionMoveCounts();

        var failure = await Assert.ThrowsAsync<SessionStoreException>(() => new SessionMover(store, 4).MoveAsync(counts => last = counts));

        Assert.Same(Away, failure);
        Assert.Equal(0, last.Moved);
        Assert.InRange(last.Failed, 8, 11);
        Assert.Equal(50, await sides.Old.LengthAsync());
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_is_left()
    {
        var sides = await StartAsync(3);
        var old = new UnreadableStore(sides.Old, "id-1");
        await using var store = new MovingStore(old, sides.New);
        var mover = new SessionMover(store, 1);

        var counts = await mover.MoveAsync();
        var comparison = await mover.CompareAsync();

        Assert.Equal((2, 1), (counts.Moved, counts.Unreadable));
        Assert.Equal((1, 1, false), (comparison.Unreadable, comparison.OldSide, comparison.IsMoved));
    }

    [Fact]
    public async Task A_comparison_tells_how_each_session_of_the_old_side_is_on_the_new_one()
    {
        var sides = await StartAsync(5);
        await sides.New.SetAsync("id-1", Content(1));
        await sides.New.SetAsync("id-2", Content(99, "user2"));
        await sides.New.SetAsync("id-3", Content(3, "other"));
        await sides.New.SetAsync("id-4", Content(4, life: Sides.Life * 2));

        var comparison = await new SessionMover(sides.Node()).CompareAsync();

        Assert.Equal(
            [SessionDifferenceKind.Missing, SessionDifferenceKind.Same, SessionDifferenceKind.Payload, SessionDifferenceKind.Subject, SessionDifferenceKind.Lifetime],
            comparison.Found.Keys.Order());
        Assert.All(comparison.Found.Values, count => Assert.Equal(1, count));
        Assert.All(comparison.Differences, difference => Assert.Matches("^[0-9a-f]{32}$", difference.Handle));
        Assert.Equal((5, false, false), (comparison.OldSide, comparison.IsMoved, comparison.IsCopied));
    }

    [Fact]
    public async Task Sessions_that_are_equal_on_both_sides_are_copied_and_not_moved()
    {
        var sides = await StartAsync(20);
        for (var number = 0; number < 20; number++)
            await sides.New.SetAsync($"id-{number}", Content(number));

        var comparison = await new SessionMover(sides.Node()).CompareAsync();

        Assert.Equal((true, false), (comparison.IsCopied, comparison.IsMoved));
    }

    [Fact]
    public async Task A_session_whose_move_was_interrupted_is_missing_on_the_new_side()
    {
        var sides = await StartAsync(1);
        await InterruptAsync(sides);

        var comparison = await new SessionMover(sides.Node()).CompareAsync();

        Assert.Equal(SessionDifferenceKind.Missing, Assert.Single(comparison.Differences).Kind);
    }

    [Fact]
    public void What_cannot_work_is_refused_at_once()
    {
        var sides = new Sides();

        Assert.Throws<ArgumentOutOfRangeException>(() => new SessionMover(sides.Node(), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SessionMover(sides.Node(), 257));
        Assert.Throws<ArgumentNullException>(() => new SessionMover(null!));
        Assert.StartsWith("The stage must be Move, but is Prepare:", Assert.Throws<InvalidOperationException>(
            () => new SessionMover(new MovingStore(sides.Old, sides.New, new MovingStoreOptions { Stage = MovingStage.Prepare }))).Message, StringComparison.Ordinal);
        Assert.Contains("does not offer ISessionEnumeration", Assert.Throws<NotSupportedException>(
            () => new SessionMover(new MovingStore(new HidingStore(sides.Old), sides.New))).Message, StringComparison.Ordinal);
    }

    private static async Task<Sides> StartAsync(int sessions)
    {
        var sides = new Sides();
        for (var number = 0; number < sessions; number++)
            await sides.Old.CreateAsync($"id-{number}", Content(number));

        return sides;
    }

    /// <summary>Lets a node mark the session, and fail.</summary>
    private static async Task InterruptAsync(Sides sides)
    {
        var store = new MovingStore(sides.Old, new RefusingStore(sides.New, (_, _) => Away));
        await Assert.ThrowsAsync<SessionStoreException>(() => store.GetAsync("id-0").AsTask());
    }

    private static SessionContent Content(int number, string? subject = null, TimeSpan? life = null) =>
        new(Encoding.UTF8.GetBytes($$"""{"n":{{number}}}"""), life ?? Sides.Life, subject ?? $"user{number}");

    private static string TextOf(SessionRecord record) => Encoding.UTF8.GetString(record.Payload.Span);

    /// <summary>Refuses the arrival of sessions; a call is its number.</summary>
    private sealed class RefusingStore(ISessionStore inner, Func<int, string, SessionStoreException?> refuse) : ForwardingStore(inner)
    {
        private int _calls;

        public override ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default) =>
            refuse(Interlocked.Increment(ref _calls), newId) is { } failure ? throw failure : base.RotateAsync(id, newId, version, content, cancellationToken);
    }

    /// <summary>Cannot read one of its records; a listing shows it until it was read once, as one that was damaged in the meantime.</summary>
    private sealed class UnreadableStore(ISessionStore inner, string unreadable) : ForwardingStore(inner)
    {
        private bool _isKnown;

        public override ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
        {
            _isKnown |= id == unreadable;
            return id != unreadable
                ? base.GetAsync(id, slide, cancellationToken)
                : throw new SessionStoreException(nameof(UnreadableStore), "Get", SessionStoreFault.Unreadable, "The record cannot be read.");
        }

        public override IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, CancellationToken cancellationToken = default) =>
            base.AllAsync(withPayloads, cancellationToken).Where(record => !_isKnown || record.Id != unreadable);
    }

    /// <summary>Offers no capability.</summary>
    private sealed class HidingStore(ISessionStore inner) : ForwardingStore(inner)
    {
        public override TCapability? GetCapability<TCapability>()
            where TCapability : class => null;
    }
}
