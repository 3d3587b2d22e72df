using System.Diagnostics;

namespace SessionStores.Conformance.Suites;

/// <summary>The clock of a node decides nothing: a store whose node is 40 minutes ahead of the server, or behind it, works like any other.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed class NodeClockSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(30);

    [Clause("L1", "L5", Needs = StoreCapabilities.NodeClock)]
    public Task A_log_in_lives_as_long_as_was_asked() => RunAsync(() => SkewedAsync(async (store, node) =>
    {
        var id = NewId();
        var from = Context.Now;
        Expect.Equal(SessionWriteStatus.Written, (await store.CreateAsync(id, new SessionContent(Payload(), Idle))).Status, $"create on a node {node}");

        ExpectLife(await HasAsync(store, id, "one"), Idle, from, $"create on a node {node}");
        Expect.Equal(SessionWriteStatus.Taken, (await store.CreateAsync(id, Content())).Status, $"create of a taken id on a node {node}");
    }));

    [Clause("L1", "L6", "L7", "L10", Needs = StoreCapabilities.NodeClock)]
    public Task A_change_lives_as_long_as_was_asked() => RunAsync(() => SkewedAsync(async (store, node) =>
    {
        var (id, newId) = (NewId(), NewId());
        var version = (await store.CreateAsync(id, Content())).Version;
        var from = Context.Now;
        var replaced = await store.ReplaceAsync(id, version, new SessionContent(Payload("two"), Idle));
        Expect.Equal(SessionWriteStatus.Written, replaced.Status, $"replace on a node {node}");
        ExpectLife(await HasAsync(store, id, "two"), Idle, from, $"replace on a node {node}");

        from = Context.Now;
        await store.SetAsync(id, new SessionContent(Payload("three"), Idle));
        ExpectLife(await HasAsync(store, id, "three"), Idle, from, $"set on a node {node}");

        from = Context.Now;
        Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(id, newId, SessionVersion.Any, new SessionContent(Payload("four"), Idle))).Status, $"rotate on a node {node}");
        ExpectLife(await HasAsync(store, newId, "four"), Idle, from, $"rotate on a node {node}");
    }));

    [Clause("L1", "L10", Needs = StoreCapabilities.NodeClock | StoreCapabilities.Successors)]
    public Task A_rotation_is_as_old_as_the_clock_of_the_server_says() => RunAsync(() => SkewedAsync(async (store, node) =>
    {
        var (id, newId) = (NewId(), NewId());
        var watch = Stopwatch.StartNew();
        await store.CreateAsync(id, Content());
        await store.RotateAsync(id, newId, SessionVersion.Any, Content());
        var successor = await store.Require<ISessionSuccessors>().FindSuccessorAsync(id);

        Expect.True(successor?.Age >= TimeSpan.Zero && successor.Age <= watch.Elapsed + TimeSpan.FromSeconds(1), $"the age of a rotation on a node {node} is at most that of the case, not {successor?.Age}");
    }));

    [Clause("L1", "L8", Needs = StoreCapabilities.NodeClock)]
    public Task A_touch_extends_as_long_as_was_asked() => RunAsync(() => SkewedAsync(async (store, node) =>
    {
        var id = NewId();
        await store.CreateAsync(id, Content("one", In(TimeSpan.FromMinutes(10))));
        var from = Context.Now;
        Expect.True(await store.TouchAsync(id, Idle), $"touch on a node {node} returns true");
        ExpectLife(await HasAsync(store, id, "one"), Idle, from, $"touch on a node {node}");
    }));

    [Clause("L1", "L3", Needs = StoreCapabilities.NodeClock)]
    public Task A_slide_that_is_due_extends_as_long_as_was_asked() => RunAsync(() => SkewedAsync(async (store, node) =>
    {
        var id = NewId();
        await store.CreateAsync(id, Content("one", In(TimeSpan.FromMinutes(10))));
        var from = Context.Now;
        ExpectLife(Expect.Found(await store.GetAsync(id, new SlidingExpiry(TimeSpan.FromMinutes(15), Idle))), Idle, from, $"a slide on a node {node}");
        ExpectLife(await HasAsync(store, id, "one"), Idle, from, $"a slide on a node {node}");
    }));

    [Clause("L1", "L3", Needs = StoreCapabilities.NodeClock)]
    public Task A_slide_is_due_by_the_clock_of_the_server() => RunAsync(() => SkewedAsync(async (store, node) =>
    {
        var id = NewId();
        var before = await StoredAsync(store, id, Content("one", In(TimeSpan.FromMinutes(20))));
        await store.GetAsync(id);
        Expect.Equal(before.ExpiresAt, Expect.Found(await store.GetAsync(id, new SlidingExpiry(TimeSpan.FromMinutes(15), Idle))).ExpiresAt, $"the expiry after a slide that is not due, on a node {node}");

        await store.GetAsync(id, new SlidingExpiry(TimeSpan.FromMinutes(25), TimeSpan.FromMinutes(5)));
        Expect.Equal(before.ExpiresAt, (await HasAsync(store, id, "one")).ExpiresAt, $"the expiry after a slide that would shorten, on a node {node}");
    }));

    [Clause("L1", "L3", Needs = StoreCapabilities.NodeClock)]
    public Task The_limits_of_a_record_count_by_the_clock_of_the_server() => RunAsync(() => SkewedAsync(async (store, node) =>
    {
        var (idle, absolute) = (NewId(), NewId());
        var limit = In(TimeSpan.FromMinutes(25));
        await store.CreateAsync(idle, new SessionContent(Json("""{"cookie":{"originalMaxAge":1200000}}"""), In(TimeSpan.FromMinutes(10))));
        await store.CreateAsync(absolute, new SessionContent(Json($$"""{"cookie":{},"__absolute":{{limit.ToUnixTimeMilliseconds()}}}"""), In(TimeSpan.FromMinutes(10))));
        var slide = new SlidingExpiry(TimeSpan.FromMinutes(15), Idle);
        var from = Context.Now;

        ExpectLife(Expect.Found(await store.GetAsync(idle, slide)), TimeSpan.FromMinutes(20), from, $"a slide up to the idle time of the record, on a node {node}");
        Expect.Equal(limit, Expect.Found(await store.GetAsync(absolute, slide)).ExpiresAt, $"the expiry after a slide up to the absolute limit of the record, on a node {node}");
    }));

    [Clause("L1", "L2", Needs = StoreCapabilities.NodeClock)]
    public Task An_end_is_the_instant_that_was_asked() => RunAsync(() => SkewedAsync(async (store, node) =>
    {
        var end = In(TimeSpan.FromMinutes(20));
        var (id, newId) = (NewId(), NewId());
        await store.CreateAsync(id, Content("one", end));
        Expect.Equal(end, (await HasAsync(store, id, "one")).ExpiresAt, $"the expiry after create on a node {node}");
        await store.RotateAsync(id, newId, SessionVersion.Any, Content("two", end));
        Expect.Equal(end, (await HasAsync(store, newId, "two")).ExpiresAt, $"the expiry after rotate on a node {node}");
    }));

    [Clause("L1", Needs = StoreCapabilities.NodeClock)]
    public Task A_live_session_is_live_for_every_operation() => RunAsync(() => SkewedAsync(async (store, node) =>
    {
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add(NewId());
            await store.CreateAsync(ids[i], Content("one", In(TimeSpan.FromMinutes(20)), "alice"));
        }

        if (store.GetCapability<ISessionPruning>() is { } pruning)
            Expect.Equal(0L, await pruning.PruneAsync(), $"the number of records that prune removes on a node {node}");

        await IsSeenAsync(store, 3, node);
        Expect.True(await store.TouchAsync(ids[0], In(TimeSpan.FromMinutes(20))), $"touch on a node {node} returns true");
        Expect.True(await store.DestroyAsync(ids[0]), $"destroy on a node {node} returns true");
        Expect.Equal(SessionWriteStatus.Taken, (await store.RotateAsync(ids[1], ids[2], SessionVersion.Any, Content())).Status, $"rotate to a taken id on a node {node}");
        if (store.GetCapability<ISessionSubjects>() is { } subjects)
            Expect.Equal(2L, await subjects.DestroyBySubjectAsync("alice"), $"the number of sessions destroyed on a node {node}");
    }));

    [Clause("L1", Needs = StoreCapabilities.NodeClock)]
    public Task An_expired_session_is_gone_for_every_operation() => RunAsync(() => SkewedAsync(async (store, node) =>
    {
        var ids = new List<string>();
        var soon = Soon();
        for (var i = 0; i < 6; i++)
        {
            ids.Add(NewId());
            await store.CreateAsync(ids[i], Content("one", soon, "alice"));
        }

        await Context.PassAsync(soon);

        await IsSeenAsync(store, 0, node);
        Expect.Null(await store.GetAsync(ids[0]), $"the expired session on a node {node}");
        Expect.Null(await store.GetAsync(ids[0], new SlidingExpiry(TimeSpan.FromDays(1), Idle)), $"the expired session, with a slide, on a node {node}");
        Expect.True(!await store.TouchAsync(ids[1], Idle), $"touch of an expired session on a node {node} returns false");
        Expect.Equal(SessionWriteStatus.Gone, (await store.ReplaceAsync(ids[2], SessionVersion.Any, Content())).Status, $"replace of an expired session on a node {node}");
        Expect.Equal(SessionWriteStatus.Gone, (await store.RotateAsync(ids[3], NewId(), SessionVersion.Any, Content())).Status, $"rotate of an expired session on a node {node}");
        Expect.True(!await store.DestroyAsync(ids[4]), $"destroy of an expired session on a node {node} returns false");
        if (store.GetCapability<ISessionSubjects>() is { } subjects)
            Expect.Equal(0L, await subjects.DestroyBySubjectAsync("alice"), $"the number of sessions destroyed on a node {node}");

        Expect.Equal(SessionWriteStatus.Written, (await store.CreateAsync(ids[5], Content())).Status, $"create under an expired id on a node {node}");
        await store.DestroyAsync(ids[5]);
    }));

    [Clause("L15", "L1", Needs = StoreCapabilities.NodeClock | StoreCapabilities.Pruning | StoreCapabilities.StoredCount)]
    public Task Pruning_goes_by_the_clock_of_the_server() => RunAsync(() => SkewedAsync(async (store, node) =>
    {
        var (soon, id) = (Soon(), NewId());
        await store.CreateAsync(NewId(), Content("one", soon));
        await store.CreateAsync(id, Content("two", In(TimeSpan.FromMinutes(20))));
        await Context.PassAsync(soon);

        await Context.UntilAsync(
            async () =>
            {
                await store.Require<ISessionPruning>().PruneAsync();
                return await Fixture.CountStoredAsync(Context.Namespace) == 1;
            },
            $"only the live session is stored after prune on a node {node}");
        await HasAsync(store, id, "two");
        await store.DestroyAsync(id);
    }));

    [Clause("L9", "L1", "L10", Needs = StoreCapabilities.NodeClock)]
    public Task A_log_out_follows_a_rotation() => RunAsync(() => SkewedAsync(async (store, node) =>
    {
        var (id, newId) = (NewId(), NewId());
        await store.CreateAsync(id, Content());
        await store.RotateAsync(id, newId, SessionVersion.Any, Content());

        Expect.True(await store.DestroyAsync(id), $"destroy of a rotated id on a node {node} returns true");
        Expect.Null(await store.GetAsync(newId), $"the session under its new id on a node {node}");
    }));

    [Clause("L4", "L1", Needs = StoreCapabilities.NodeClock | StoreCapabilities.SharedData)]
    public Task Nodes_that_are_ahead_and_behind_share_their_sessions() => RunAsync(async () =>
    {
        var ahead = await Context.OpenSkewedAsync(TimeSpan.FromMinutes(40));
        var behind = await Context.OpenSkewedAsync(TimeSpan.FromMinutes(-40));
        foreach (var (here, there) in new[] { (ahead, behind), (behind, ahead) })
        {
            var id = NewId();
            var from = Context.Now;
            await here.CreateAsync(id, new SessionContent(Payload(), Idle));
            ExpectLife(await HasAsync(there, id, "one"), Idle, from, "create on another node");

            await there.GetAsync(id, new SlidingExpiry(TimeSpan.FromMinutes(20), Idle));
            ExpectLife(await HasAsync(here, id, "one"), Idle, from, "a slide on another node that is not due");
        }
    });

    private static async Task IsSeenAsync(ISessionStore store, int count, string node)
    {
        if (store.GetCapability<ISessionEnumeration>() is { } enumeration)
        {
            Expect.Equal((long)count, await enumeration.LengthAsync(), $"the length on a node {node}");
            Expect.Equal(count, (await ListAsync(enumeration.AllAsync())).Count, $"the number of sessions listed on a node {node}");
        }

        if (store.GetCapability<ISessionSubjects>() is { } subjects)
            Expect.Equal(count, (await ListAsync(subjects.ListBySubjectAsync("alice"))).Count, $"the number of sessions of the subject on a node {node}");
    }

    /// <summary>Runs a check on a node that is ahead of the server, and on one that is behind it. What it leaves is removed.</summary>
    private async Task SkewedAsync(Func<ISessionStore, string, Task> check)
    {
        foreach (var minutes in new[] { 40, -40 })
        {
            var store = await Context.OpenSkewedAsync(TimeSpan.FromMinutes(minutes));
            await check(store, minutes > 0 ? "40 minutes ahead" : "40 minutes behind");
            if (store.GetCapability<ISessionEnumeration>() is { } enumeration)
                await enumeration.ClearAsync();
        }
    }
}
