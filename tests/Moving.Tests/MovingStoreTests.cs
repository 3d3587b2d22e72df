using Microsoft.Extensions.DependencyInjection;
using SessionStores.Memory;
using SessionStores.Protection;

namespace SessionStores.Moving.Tests;

/// <summary>What a moving store offers, refuses and reports.</summary>
public sealed class MovingStoreTests
{
    [Fact]
    public async Task A_session_moves_with_its_content_subject_and_expiry_when_it_is_read()
    {
        var sides = await Sides.StartAsync();
        var before = Assert.IsType<SessionRecord>(await sides.Old.GetAsync(Sides.Id));
        sides.Clock.Advance(TimeSpan.FromMinutes(20));

        var record = Assert.IsType<SessionRecord>(await sides.Node().GetAsync(Sides.Id));

        Assert.Equal(before.Payload.ToArray(), record.Payload.ToArray());
        Assert.Equal((before.Subject, before.ExpiresAt, TimeSpan.FromMinutes(40)), (record.Subject, record.ExpiresAt, record.Remaining));
        Assert.Equal(before.Version, record.Version);
        Assert.Null(await sides.Old.GetAsync(Sides.Id));
        Assert.Equal(record.ExpiresAt, (await sides.New.GetAsync(Sides.Id))?.ExpiresAt);
        Assert.Equal(1, await sides.New.LengthAsync());
    }

    [Fact]
    public async Task A_version_that_was_loaded_from_the_old_side_is_valid_after_the_move()
    {
        var sides = await Sides.StartAsync();

        Assert.Equal(SessionWriteStatus.Written, (await sides.Node().ReplaceAsync(Sides.Id, sides.Loaded, Sides.Content("mine"))).Status);
        Assert.Equal(SessionWriteStatus.Conflict, (await sides.Node().ReplaceAsync(Sides.Id, sides.Loaded, Sides.Content("again"))).Status);
    }

    [Fact]
    public async Task A_version_of_another_form_is_valid_for_the_write_that_moves_the_session()
    {
        var old = new MemoryStore();
        var loaded = (await old.CreateAsync(Sides.Id, Sides.Content())).Version;
        await using var store = new MovingStore(old, Protected(new MemoryStore()));

        Assert.Equal(SessionWriteStatus.Written, (await store.RotateAsync(Sides.Id, Sides.NewId, loaded, Sides.Content("mine"))).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_session_that_arrives_while_a_store_decides_is_no_conflict(bool any)
    {
        var sides = await Sides.StartAsync();
        await using var node = new MovingStore(sides.Old, new DecidingInTwoStepsStore(sides.New, sides));

        Assert.Equal(SessionWriteStatus.Written, (await node.ReplaceAsync(Sides.Id, any ? SessionVersion.Any : sides.Loaded, Sides.Content("two"))).Status);
        Assert.Equal(SessionWriteStatus.Conflict, (await node.ReplaceAsync(Sides.Id, sides.Loaded, Sides.Content("three"))).Status);
    }

    [Theory]
    [InlineData(-40)]
    [InlineData(40)]
    public async Task Where_the_clocks_of_the_servers_differ_the_life_that_remains_is_moved(int minutes)
    {
        var sides = await Sides.StartAsync();
        var ahead = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(sides.Clock.GetUtcNow().AddMinutes(minutes));
        await using var store = new MovingStore(sides.Old, new MemoryStore(null, ahead));

        Assert.Equal(Sides.Life, (await store.GetAsync(Sides.Id))?.Remaining);
    }

    [Theory]
    [InlineData("old")]
    [InlineData("new")]
    public async Task A_side_that_is_away_fails_the_call_and_is_never_no_session(string away)
    {
        // To find an id taken, or to end a session that has not moved, takes the old side only.
        foreach (var operation in Operation.All.Where(operation => away == "old" || operation.Name is not ("create" or "destroy")))
        {
            var sides = await Sides.StartAsync();
            ISessionStore old = away == "old" ? new AwayStore(sides.Old) : sides.Old;
            ISessionStore current = away == "new" ? new AwayStore(sides.New) : sides.New;
            var node = new MovingStore(old, current);

            var failure = await Assert.ThrowsAsync<SessionStoreException>(() => operation.RunAsync(node, sides));

            Assert.Equal(SessionStoreFault.Unavailable, failure.Fault);
            if (operation.Name == "void by subject" && away == "new")
                Assert.True(failure.MayHaveWritten); // the old side is the first
            else
                Assert.Equal([(Sides.Id, "one")], await sides.ListAsync());
        }
    }

    [Fact]
    public async Task A_session_of_the_new_side_is_read_while_the_old_side_is_away()
    {
        var sides = await Sides.StartAsync();
        await sides.Node().GetAsync(Sides.Id);
        var node = new MovingStore(new AwayStore(sides.Old), sides.New);

        Assert.Equal("one", Sides.MarkOf(await node.GetAsync(Sides.Id)));
        Assert.Equal(SessionWriteStatus.Written, (await node.ReplaceAsync(Sides.Id, sides.Loaded, Sides.Content("two"))).Status);
    }

    [Fact]
    public async Task An_old_side_that_takes_no_writes_leaves_no_reservations()
    {
        var sides = await Sides.StartAsync();
        var node = new MovingStore(new ReadOnlyStore(sides.Old), sides.New);

        for (var i = 0; i < 10; i++)
            Assert.Equal(SessionStoreFault.ReadOnly, (await Assert.ThrowsAsync<SessionStoreException>(() => node.GetAsync(Sides.Id).AsTask())).Fault);

        Assert.Equal(0, await sides.New.LengthAsync());
    }

    [Fact]
    public async Task A_session_at_the_limit_of_the_old_side_says_what_to_raise()
    {
        var old = new MemoryStore(new MemoryStoreOptions { MaxPayloadBytes = Sides.Content().Payload.Length });
        await old.CreateAsync(Sides.Id, Sides.Content());
        var current = new MemoryStore();
        await using var store = new MovingStore(old, current);

        var failure = await Assert.ThrowsAsync<SessionStoreException>(() => store.GetAsync(Sides.Id).AsTask());

        Assert.Equal(SessionStoreFault.Misconfigured, failure.Fault);
        Assert.EndsWith($"Raise MaxPayloadBytes of the old side by {MovingRecord.MarkBytes}.", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, await current.LengthAsync());
    }

    [Theory]
    [InlineData(4000)]
    [InlineData(40_000)]
    public async Task A_session_that_the_new_side_does_not_take_says_what_to_raise_and_stays(int length)
    {
        var old = new MemoryStore();
        await old.CreateAsync(Sides.Id, new SessionContent(System.Text.Encoding.UTF8.GetBytes($"{{\"text\":\"{new string('x', length)}\"}}"), Sides.Life));
        var current = new MemoryStore(new MemoryStoreOptions { MaxPayloadBytes = length });
        await using var store = new MovingStore(old, current);

        for (var i = 0; i < 2; i++)
        {
            var failure = await Assert.ThrowsAsync<SessionStoreException>(() => store.GetAsync(Sides.Id).AsTask());
            Assert.Equal(SessionStoreFault.Misconfigured, failure.Fault);
            Assert.EndsWith("Raise MaxPayloadBytes of the new side.", failure.Message, StringComparison.Ordinal);
        }

        Assert.Equal(length > 4096, !MovingRecord.IsMarked((await old.GetAsync(Sides.Id))!));
        Assert.Equal(1, await old.LengthAsync());
    }

    [Fact]
    public async Task A_write_of_a_node_that_knows_only_the_old_side_is_reported()
    {
        var lines = new List<string>();
        var sides = await Sides.StartAsync();
        var steps = new Steps { HeldBefore = 6 };
        ISessionStore old = steps.Side("old", sides.Old), current = steps.Side("new", sides.New);
        var node = new MovingStore(old, current, null, new ForwardingLogger<MovingStore>(lines.Add));
        var call = node.GetAsync(Sides.Id).AsTask();
        await steps.Reached;
        Assert.True(MovingRecord.IsMarked((await sides.Old.GetAsync(Sides.Id))!));

        await sides.Old.ReplaceAsync(Sides.Id, SessionVersion.Any, new SessionContent(MovingRecord.Mark("""{"mark":"lost"}"""u8.ToArray(), MovingRecord.MoveOf((await sides.Old.GetAsync(Sides.Id))!)!), Sides.Life));
        steps.Release();

        Assert.Equal("one", Sides.MarkOf(await call));
        Assert.Contains(lines, line => line.Contains("a node runs that knows only the old side", StringComparison.Ordinal));
    }

    [Fact]
    public void Both_sides_at_one_place_are_refused()
    {
        var store = new MemoryStore();
        Assert.Throws<ArgumentException>(() => new MovingStore(store, store));
        Assert.Throws<ArgumentException>(() => new MovingStore(new PlacedStore("Redis a:1 x:*"), new PlacedStore("Redis a:1 x:*")));
        Assert.Equal("Redis a:1 y:*", new MovingStore(new PlacedStore("Redis a:1 x:*"), new PlacedStore("Redis a:1 y:*")).KeySpace);
    }

    [Fact]
    public void A_stage_that_does_not_exist_is_refused() =>
        Assert.Throws<ArgumentException>(() => new MovingStore(new MemoryStore(), new MemoryStore(), new MovingStoreOptions { Stage = (MovingStage)7 }));

    [Fact]
    public async Task A_payload_that_ends_with_the_mark_is_refused()
    {
        await using var store = new MovingStore(new MemoryStore(), new MemoryStore());
        var content = new SessionContent(MovingRecord.Mark("{}"u8.ToArray(), MovingRecord.NewMove()), Sides.Life);

        await Assert.ThrowsAsync<ArgumentException>(() => store.CreateAsync("a", content).AsTask());
    }

    [Fact]
    public void It_offers_what_both_sides_offer()
    {
        var store = new MovingStore(new CoreStore(new MemoryStore()), new MemoryStore());

        Assert.Null(store.GetCapability<ISessionEnumeration>());
        Assert.Null(store.GetCapability<ISessionSubjects>());
        Assert.Same(store, store.GetCapability<ISessionPruning>());
        Assert.NotNull(store.GetCapability<MemoryStore>());
        Assert.Same(store, store.GetCapability<MovingStore>());
        Assert.Null(new MovingStore(new CoreStore(new MemoryStore()), new CoreStore(new MemoryStore())).GetCapability<ISessionPruning>());
    }

    [Fact]
    public async Task A_move_says_what_it_found()
    {
        var sides = await Sides.StartAsync();

        Assert.Equal(MoveStep.Moved, await sides.Node().MoveAsync(Sides.Id, CancellationToken.None));
        Assert.Equal(MoveStep.AlreadyThere, await sides.Node().MoveAsync(Sides.Id, CancellationToken.None));
        await sides.Node().DestroyAsync(Sides.Id);
        Assert.Equal(MoveStep.Ended, await sides.Node().MoveAsync(Sides.Id, CancellationToken.None));
    }

    private static ProtectedStore Protected(ISessionStore store)
    {
        var options = new SessionProtectionOptions();
        options.Keys.Add(new SessionProtectionKey(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)));
        return new ProtectedStore(store, options);
    }

    private sealed class AwayStore(ISessionStore inner) : ForwardingStore(inner)
    {
        public override IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, CancellationToken cancellationToken = default) => throw Away();

        protected override ValueTask<T> RunAsync<T>(string operation, Func<ValueTask<T>> call) => throw Away();

        private static SessionStoreException Away() => new(nameof(AwayStore), "Call", SessionStoreFault.Unavailable, "The server cannot be reached.");
    }

    private sealed class ReadOnlyStore(ISessionStore inner) : ForwardingStore(inner)
    {
        protected override ValueTask<T> RunAsync<T>(string operation, Func<ValueTask<T>> call) => operation == "Get"
            ? call()
            : throw new SessionStoreException(nameof(ReadOnlyStore), operation, SessionStoreFault.ReadOnly, "The server takes no writes.", mayHaveWritten: false);
    }

    /// <summary>Finds nothing to replace, and then, when another node has moved the session, that it is there.</summary>
    private sealed class DecidingInTwoStepsStore(ISessionStore inner, Sides sides) : ForwardingStore(inner)
    {
        private bool _hasArrived;

        public override async ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
        {
            if (_hasArrived || id != Sides.Id)
                return await base.ReplaceAsync(id, version, content, cancellationToken);

            _hasArrived = true;
            await sides.Node().GetAsync(id, null, cancellationToken);
            return SessionWriteResult.NotWritten(SessionWriteStatus.Conflict);
        }
    }

    private sealed class PlacedStore(string place) : ForwardingStore(new MemoryStore())
    {
        public override string? KeySpace => place;
    }

    private sealed class CoreStore(ISessionStore inner) : ForwardingStore(inner)
    {
        public override TCapability? GetCapability<TCapability>()
            where TCapability : class => typeof(TCapability).IsInterface ? null : base.GetCapability<TCapability>();
    }
}
