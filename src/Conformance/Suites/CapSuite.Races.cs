namespace SessionStores.Conformance.Suites;

/// <content>Many log-ins at once, on more than one node, and calls that are not done at all.</content>
internal sealed partial class CapSuite
{
    private const int LogIns = 200;

    [Clause("L22", "L12", Needs = StoreCapabilities.Caps | StoreCapabilities.Subjects, Race = true)]
    public Task Of_many_log_ins_at_once_no_more_than_the_cap_are_admitted() => RunAsync<ISessionCaps>(async (store, caps) =>
    {
        var statuses = await LogInAsync(store, caps, Refuse);

        Expect.Equal(3, statuses.Count(status => status == SessionWriteStatus.Written), $"the number of {LogIns} log-ins that were admitted");
        Expect.Equal(LogIns - 3, statuses.Count(status => status == SessionWriteStatus.Full), $"the number of {LogIns} log-ins that were refused");
        Expect.Equal(3, (await ListAsync(store.Require<ISessionSubjects>().ListBySubjectAsync("alice"))).Count, $"the number of sessions after {LogIns} log-ins at once");
        await CountsAsync(store, "alice", 3);
    });

    [Clause("L22", "L12", Needs = StoreCapabilities.Caps | StoreCapabilities.Subjects, Race = true)]
    public Task Of_many_log_ins_at_once_as_many_as_the_cap_remain() => RunAsync<ISessionCaps>(async (store, caps) =>
    {
        var statuses = await LogInAsync(store, caps, EndOldest);

        Expect.Equal(LogIns, statuses.Count(status => status == SessionWriteStatus.Written), $"the number of {LogIns} log-ins that were admitted");
        Expect.Equal(3, (await ListAsync(store.Require<ISessionSubjects>().ListBySubjectAsync("alice"))).Count, $"the number of sessions after {LogIns} log-ins at once");
        await CountsAsync(store, "alice", 3);
    });

    [Clause("L22", "L4", Needs = StoreCapabilities.Caps | StoreCapabilities.SharedData)]
    public Task Another_store_on_the_same_data_counts_the_same_sessions() => RunAsync(async () =>
    {
        var (here, there) = (await OpenAsync(), await OpenAsync());
        var ids = await FillAsync(here, 3);
        Expect.Equal(SessionWriteStatus.Full, (await there.Require<ISessionCaps>().CreateAsync(NewId(), Content("in", null, "alice"), Refuse)).Status, "a log-in at the other store");
        Expect.Equal(SessionWriteStatus.Written, (await there.Require<ISessionCaps>().CreateAsync(NewId(), Content("in", null, "alice"), EndOldest)).Status, "a log-in at the other store that ends the oldest");

        await LiveAsync(here, ids, false, true, true);
        await LiveAsync(there, ids, false, true, true);
    });

    [Clause("L22", Needs = StoreCapabilities.Caps | StoreCapabilities.NodeClock | StoreCapabilities.SharedData)]
    public Task The_order_of_joining_is_that_of_the_clock_of_the_server() => RunAsync(async () =>
    {
        var (ahead, behind) = (await Context.OpenSkewedAsync(TimeSpan.FromMinutes(40)), await Context.OpenSkewedAsync(TimeSpan.FromMinutes(-40)));
        var ids = new List<string>();
        foreach (var store in new[] { ahead, behind, ahead })
            ids.AddRange(await FillAsync(store, 1));

        await behind.Require<ISessionCaps>().CreateAsync(NewId(), Content("in", null, "alice"), EndOldest);
        await LiveAsync(ahead, ids, false, true, true);
    });

    [Clause("L22", Needs = StoreCapabilities.Caps)]
    public Task Sessions_of_others_and_of_no_subject_do_not_count() => RunAsync<ISessionCaps>(async (store, caps) =>
    {
        var others = new List<string>();
        foreach (var subject in new[] { null, "bob", "Alice", "alice ", "alic", "alicea", "al%", "*" })
        {
            others.Add(NewId());
            await store.CreateAsync(others[^1], Content("other", null, subject));
        }

        await NextAsync();
        var ids = await FillAsync(store, 2);
        Expect.Equal(SessionWriteStatus.Written, (await caps.CreateAsync(NewId(), Content("in", null, "alice"), Refuse)).Status, "a log-in beside 2 sessions of the subject");
        Expect.Equal(SessionWriteStatus.Full, (await caps.CreateAsync(NewId(), Content("in", null, "alice"), Refuse)).Status, "a log-in beside 3 sessions of the subject");
        Expect.Equal(SessionWriteStatus.Written, (await caps.CreateAsync(NewId(), Content("in", null, "alice"), EndOldest)).Status, "a log-in that ends the oldest");

        await LiveAsync(store, ids, false, true);
        foreach (var other in others)
            await HasAsync(store, other, "other");
    });

    [Clause("L22", "L16", Needs = StoreCapabilities.Caps)]
    public Task A_session_of_a_subject_in_another_case_has_no_place() => RunAsync<ISessionCaps>(async (store, caps) =>
    {
        var ids = await FillAsync(store, 3);
        var (other, newId) = (NewId(), NewId());
        await store.CreateAsync(other, Content("other", null, "Alice"));
        var content = Content("new", null, "alice");

        Expect.Equal(SessionWriteStatus.Full, (await caps.ReplaceAsync(other, SessionVersion.Any, content, Refuse)).Status, "replace of a session of 'Alice', which joins 'alice'");
        Expect.Equal(SessionWriteStatus.Full, (await caps.RotateAsync(other, newId, SessionVersion.Any, content, Refuse)).Status, "rotate of a session of 'Alice', which joins 'alice'");
        Expect.Equal("Alice", (await HasAsync(store, other, "other")).Subject, "the subject of a session that was refused");
        Expect.Equal(SessionWriteStatus.Written, (await caps.RotateAsync(other, newId, SessionVersion.Any, content, EndOldest)).Status, "rotate of a session of 'Alice', which joins 'alice' in place of the oldest");
        await LiveAsync(store, ids, false, true, true);
    });

    [Clause("L22", "L1", Needs = StoreCapabilities.Caps)]
    public Task An_expired_session_does_not_end_in_place_of_a_live_one() => RunAsync<ISessionCaps>(async (store, caps) =>
    {
        var soon = Soon();
        await store.CreateAsync(NewId(), Content("expires", soon, "alice"));
        await store.CreateAsync(NewId(), Content("expires", soon, "alice"));
        await NextAsync();
        var ids = await FillAsync(store, 3);
        await Context.PassAsync(soon);

        Expect.Equal(SessionWriteStatus.Written, (await caps.CreateAsync(NewId(), Content("in", null, "alice"), EndOldest)).Status, "a log-in beside 3 live sessions and 2 that have expired");
        await LiveAsync(store, ids, false, true, true);
        await CountsAsync(store, "alice", 3);
    });

    [Clause("L22", Needs = StoreCapabilities.Caps | StoreCapabilities.Clock)]
    public Task Of_sessions_that_joined_at_once_the_order_of_their_ids_decides() => RunAsync(async () =>
    {
        // The order is that of the stored ids, which a decorator may have changed; it does not depend on the order of the writes.
        var ids = NewIds(3);
        string? first = null;
        foreach (var order in new[] { new[] { 0, 1, 2 }, [2, 1, 0], [1, 0, 2] })
        {
            var store = await Context.OpenAsync(Context.NewNamespace());
            foreach (var i in order)
                await store.CreateAsync(ids[i], Member("there"));

            await store.Require<ISessionCaps>().CreateAsync(NewId(), Content("in", null, "alice"), EndOldest);
            var live = new List<bool>();
            foreach (var id in ids)
                live.Add(await store.GetAsync(id) is not null);

            var left = string.Join(' ', live.Select((each, i) => each ? i : -1).Where(i => i >= 0));
            Expect.Equal(2, live.Count(each => each), "the number of three sessions that are left");
            first ??= left;
            Expect.Equal(first, left, "the sessions of three ids that are left, which were written in another order at the same instant");
        }
    });

    [Clause("L22", Needs = StoreCapabilities.Caps)]
    public Task A_cap_needs_a_subject_and_a_limit() => RunAsync<ISessionCaps>(async (store, caps) =>
    {
        var (id, newId) = (NewId(), NewId());
        await store.CreateAsync(id, Content("one", null, "alice"));
        foreach (var (content, cap, what) in new[] { (Content("two"), Refuse, "content without a subject"), (Content("two", null, "alice"), default(SessionCap), "default(SessionCap)") })
        {
            await Expect.ThrowsAsync<ArgumentException>(() => caps.CreateAsync(newId, content, cap).AsTask(), $"create with {what}");
            await Expect.ThrowsAsync<ArgumentException>(() => caps.ReplaceAsync(id, SessionVersion.Any, content, cap).AsTask(), $"replace with {what}");
            await Expect.ThrowsAsync<ArgumentException>(() => caps.RotateAsync(id, newId, SessionVersion.Any, content, cap).AsTask(), $"rotate with {what}");
        }

        await Expect.ThrowsAsync<ArgumentException>(() => caps.ReplaceAsync(id, default, Content("two", null, "alice"), Refuse).AsTask(), "replace with default(SessionVersion)");
        await HasAsync(store, id, "one");
        Expect.Null(await store.GetAsync(newId), "a session that was not written");
    });

    [Clause("L22", "L18", Needs = StoreCapabilities.Caps)]
    public Task A_cancelled_log_in_throws_and_ends_nothing() => RunAsync<ISessionCaps>(async (store, caps) =>
    {
        var ids = await FillAsync(store, 3);
        var (anonymous, newId) = (NewId(), NewId());
        await store.CreateAsync(anonymous, Content("anonymous"));
        var content = Content("in", null, "alice");
        var cancelled = new CancellationToken(canceled: true);

        await Expect.ThrowsAsync<OperationCanceledException>(() => caps.CreateAsync(newId, content, EndOldest, cancelled).AsTask(), "a cancelled create");
        await Expect.ThrowsAsync<OperationCanceledException>(() => caps.ReplaceAsync(anonymous, SessionVersion.Any, content, EndOldest, cancelled).AsTask(), "a cancelled replace");
        await Expect.ThrowsAsync<OperationCanceledException>(() => caps.RotateAsync(anonymous, newId, SessionVersion.Any, content, EndOldest, cancelled).AsTask(), "a cancelled rotate");

        await LiveAsync(store, ids, true, true, true);
        await HasAsync(store, anonymous, "anonymous");
        Expect.Null(await store.GetAsync(newId), "the session that was not written");
    });

    [Clause("L22", "L14", Needs = StoreCapabilities.Caps | StoreCapabilities.Subjects | StoreCapabilities.StoredCount)]
    public Task Nothing_is_left_of_log_ins_when_their_sessions_were_destroyed() => RunAsync<ISessionCaps>(async (store, caps) =>
    {
        foreach (var way in Enum.GetValues<Way>())
        {
            await FillAsync(store, 3);
            Expect.Equal(SessionWriteStatus.Full, (await caps.CreateAsync(NewId(), Content("in", null, "alice"), Refuse)).Status, "a log-in over the cap");
            Expect.Equal(SessionWriteStatus.Written, (await JoinAsync(store, caps, way, "alice", EndOldest)).Result.Status, $"a log-in by {way} that ends the oldest");
            await store.Require<ISessionSubjects>().DestroyBySubjectAsync("alice");
            Expect.Equal(SessionWriteStatus.Written, (await JoinAsync(store, caps, way, "alice", Refuse)).Result.Status, $"a log-in by {way} within the cap");
            await store.Require<ISessionSubjects>().DestroyBySubjectAsync("alice");
            Expect.Equal(0L, await Fixture.CountStoredAsync(Context.Namespace), $"what is stored when the sessions of log-ins by {way} were destroyed");
        }
    });

    /// <summary>Lets many log in at once, on two nodes in turn where there are two.</summary>
    private async Task<List<SessionWriteStatus>> LogInAsync(ISessionStore store, ISessionCaps caps, SessionCap cap)
    {
        Context.Spreads = true;
        var ways = Enum.GetValues<Way>();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ids = Enumerable.Range(0, LogIns).Select(_ => (Id: NewId(), NewId: NewId())).ToList();
        var logIns = ids.Select((each, i) => Task.Run(async () =>
        {
            var (id, newId) = each;
            var content = Content("in", null, "alice");
            if (ways[i % ways.Length] != Way.Create)
                await store.CreateAsync(id, Content("anonymous"));

            await gate.Task;
            return (ways[i % ways.Length] switch
            {
                Way.Create => await caps.CreateAsync(id, content, cap),
                Way.Replace => await caps.ReplaceAsync(id, SessionVersion.Any, content, cap),
                _ => await caps.RotateAsync(id, newId, SessionVersion.Any, content, cap),
            }).Status;
        })).ToList();
        gate.SetResult();
        return [.. await Task.WhenAll(logIns)];
    }
}
