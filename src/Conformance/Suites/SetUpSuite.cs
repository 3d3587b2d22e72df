namespace SessionStores.Conformance.Suites;

/// <summary>A store prepares its server itself: once, at any number of nodes, also over what an older version left.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed class SetUpSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    [Clause("L20", Needs = StoreCapabilities.SetUp)]
    public Task A_store_prepares_what_it_needs_on_first_use() => RunAsync(async () =>
    {
        var store = await OpenUnpreparedAsync();

        await StoredAsync(store, NewId(), Content("one", null, "alice"));
    });

    [Clause("L20", "L12", Needs = StoreCapabilities.SetUp, Race = true)]
    public Task Many_nodes_can_start_for_the_first_time_at_once() => RunAsync(async () =>
    {
        for (var round = 0; round < 5; round++)
        {
            var name = Context.NewNamespace();
            var stores = new List<ISessionStore>();
            for (var i = 0; i < 6; i++)
                stores.Add(Context.Own(await Fixture.CreateUnpreparedAsync(name)));

            var ids = stores.ConvertAll(_ => NewId());
            await TogetherAsync(2, [.. stores.Select((store, i) => (Func<Task>)(async () =>
                Expect.Equal(SessionWriteStatus.Written, (await store.CreateAsync(ids[i], Content($"m{i}"))).Status, "the first create of a node")))]);

            for (var i = 0; i < ids.Count; i++)
                await HasAsync(stores[(i + 1) % stores.Count], ids[i], $"m{i}");
        }
    });

    [Clause("L20", Needs = StoreCapabilities.SetUp | StoreCapabilities.SetUpDescription)]
    public Task A_second_start_changes_nothing() => RunAsync(async () =>
    {
        var id = NewId();
        await StoredAsync(await OpenUnpreparedAsync(), id, Content());
        var before = await Fixture.DescribeSetUpAsync(Context.Namespace);

        var second = await OpenUnpreparedAsync();
        await HasAsync(second, id, "one");
        await StoredAsync(second, NewId(), Content());

        Expect.True(before.Length > 0, "the description of the set-up is not empty");
        Expect.Equal(before, await Fixture.DescribeSetUpAsync(Context.Namespace), "the set-up after a second start");
    });

    [Clause("L20", "L2", Needs = StoreCapabilities.SetUp | StoreCapabilities.OlderSetUp)]
    public Task What_an_older_version_or_a_peer_set_up_is_used_and_its_sessions_live_on() => RunAsync(async () =>
    {
        var (id, expiresAt) = (NewId(), Later);
        await Fixture.PrepareOlderAsync(Context.Namespace, id, Payload("older"), expiresAt);

        var store = await OpenUnpreparedAsync();

        var record = await HasAsync(store, id, "older");
        Expect.Equal(expiresAt, record.ExpiresAt);
        Expect.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync(id, record.Version, Content("newer", null, "alice"))).Status, "replace of the older session");
        Expect.Equal("alice", (await HasAsync(store, id, "newer")).Subject, "the subject of the older session");
        await StoredAsync(store, NewId(), Content("new", null, "bob"));
    });

    [Clause("L20", "L12", Needs = StoreCapabilities.SetUp | StoreCapabilities.OlderSetUp, Race = true)]
    public Task Many_nodes_can_start_over_an_older_set_up_at_once() => RunAsync(async () =>
    {
        var id = NewId();
        await Fixture.PrepareOlderAsync(Context.Namespace, id, Payload("older"), Later);
        var stores = new List<ISessionStore>();
        for (var i = 0; i < 6; i++)
            stores.Add(await OpenUnpreparedAsync());

        await TogetherAsync(2, [.. stores.Select(store => (Func<Task>)(async () => await HasAsync(store, id, "older")))]);
    });

    [Clause("L19", Needs = StoreCapabilities.LeastPrivilege)]
    public Task A_user_with_the_documented_rights_can_do_everything() => RunAsync(async () =>
    {
        var store = Context.Own(await Fixture.CreateLeastPrivilegedAsync(Context.Namespace));
        var (id, newId) = (NewId(), NewId());

        var record = await StoredAsync(store, id, Content("one", null, "alice"));
        Expect.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync(id, record.Version, Content("two", null, "alice"))).Status, "replace");
        Expect.True(await store.TouchAsync(id, Later.AddHours(1)), "touch returns true");
        await store.SetAsync(id, Content("three", null, "alice"));
        Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(id, newId, SessionVersion.Any, Content("four", null, "alice"))).Status, "rotate");
        if (store.GetCapability<ISessionSubjects>() is { } subjects)
            Expect.Equal(1, (await ListAsync(subjects.ListBySubjectAsync("alice"))).Count, "the number of sessions of the subject");

        if (store.GetCapability<ISessionPruning>() is { } pruning)
            await pruning.PruneAsync();

        if (store.GetCapability<ISessionEnumeration>() is { } many)
        {
            Expect.Equal(1L, await many.LengthAsync(), "the length");
            Expect.Equal(1, (await ListAsync(many.AllAsync())).Count, "the number of sessions");
            await many.ClearAsync();
        }
        else
        {
            await store.DestroyAsync(newId);
        }

        Expect.Null(await store.GetAsync(newId), "the session at the end");
    });

    [Clause("L19", Needs = StoreCapabilities.BrokenSetUp)]
    public Task A_set_up_that_was_broken_is_a_typed_fault() => RunAsync(async (store, id) =>
    {
        await StoredAsync(store, id, Content());
        await Fixture.BreakSetUpAsync(Context.Namespace);

        var fault = await Expect.ThrowsAsync<SessionStoreException>(() => store.SetAsync(id, Content("two", null, "alice")).AsTask(), "set over a broken set-up");

        Expect.Equal(SessionStoreFault.Misconfigured, fault.Fault);
    });

    [Clause("L19", Needs = StoreCapabilities.BrokenSetUp)]
    public Task Over_a_set_up_that_was_broken_each_call_works_or_is_a_typed_fault() => RunAsync(async (store, id) =>
    {
        var calls = new List<(string Name, Func<Task> Call)>
        {
            ("get", () => store.GetAsync(id).AsTask()),
            ("a sliding get", () => store.GetAsync(id, new SlidingExpiry(AlwaysDue, Later.AddHours(1))).AsTask()),
            ("create", () => store.CreateAsync(NewId(), Content()).AsTask()),
            ("replace", () => store.ReplaceAsync(id, SessionVersion.Any, Content("two")).AsTask()),
            ("set", () => store.SetAsync(id, Content("two")).AsTask()),
            ("touch", () => store.TouchAsync(id, Later.AddHours(2)).AsTask()),
            ("rotate", () => store.RotateAsync(id, NewId(), SessionVersion.Any, Content("two")).AsTask()),
            ("destroy", () => store.DestroyAsync(id).AsTask()),
        };
        if (store.GetCapability<ISessionSubjects>() is { } subjects)
        {
            calls.Add(("a page of a subject", () => subjects.PageBySubjectAsync("alice", 10).AsTask()));
            calls.Add(("a count of a subject", () => subjects.CountBySubjectAsync("alice").AsTask()));
            calls.Add(("destroy by subject", () => subjects.DestroyBySubjectAsync("alice", [NewId()]).AsTask()));
        }

        if (store.GetCapability<ISessionSuccessors>() is { } successors)
            calls.Add(("find successor", () => successors.FindSuccessorAsync(id).AsTask()));

        if (store.GetCapability<ISessionPruning>() is { } pruning)
            calls.Add(("prune", () => pruning.PruneAsync().AsTask()));

        if (store.GetCapability<ISessionEnumeration>() is { } many)
        {
            calls.Add(("all", () => ListAsync(many.AllAsync())));
            calls.Add(("length", () => many.LengthAsync().AsTask()));
            calls.Add(("clear", () => many.ClearAsync().AsTask()));
        }

        await StoredAsync(store, id, Content("one", null, "alice"));
        await Fixture.BreakSetUpAsync(Context.Namespace);
        foreach (var (name, call) in calls)
        {
            try
            {
                await call();
            }
            catch (SessionStoreException)
            {
                // What is missing may not be needed for every call.
            }
            catch (Exception raw)
            {
                throw new ConformanceException($"Expected that {name} over a broken set-up works or throws SessionStoreException, but got {raw.GetType().Name}: {raw.Message}", raw);
            }
        }
    });

    [Clause("L20", "L12", Needs = StoreCapabilities.SetUp, Race = true)]
    public Task The_first_calls_of_a_node_wait_for_its_set_up() => RunAsync(async () =>
    {
        for (var round = 0; round < 10; round++)
        {
            var store = Context.Own(await Fixture.CreateUnpreparedAsync(Context.NewNamespace()));
            var id = NewId();
            await TogetherAsync(2,
                async () => await StoredAsync(store, id, Content()),
                async () => Expect.Null(await store.GetAsync(NewIdOf(round)), "an absent session at the first call"),
                async () => Expect.True(!await store.TouchAsync(NewIdOf(round), Later), "touch of an absent session at the first call returns false"),
                async () => Expect.True(!await store.DestroyAsync(NewIdOf(round)), "destroy of an absent session at the first call returns false"),
                async () => await (store.GetCapability<ISessionEnumeration>()?.LengthAsync().AsTask() ?? Task.CompletedTask));

            await HasAsync(store, id, "one");
        }
    });

    private static string NewIdOf(int round) => $"absent{round}";

    private async Task<ISessionStore> OpenUnpreparedAsync() => Context.Own(await Fixture.CreateUnpreparedAsync(Context.Namespace));
}
