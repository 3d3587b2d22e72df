namespace SessionStores.Conformance.Suites;

/// <summary>All sessions of a subject are void at once, by the clock of the server.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed partial class EpochSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    private const string Subject = "alice";

    [Clause("L23", "L3", "L6", "L8", "L9", "L10", Needs = StoreCapabilities.Epochs)]
    public Task A_void_session_is_no_session_however_it_was_written() => RunAsync<ISessionEpochs>(async (store, epochs) =>
    {
        var written = new List<(string Path, string Id, SessionVersion Version)>();
        foreach (var (path, writeAsync) in ContentPaths)
        {
            var id = await writeAsync(store, Content("there", null, Subject));
            written.Add((path, id, (await HasAsync(store, id, "there")).Version));
        }

        await epochs.VoidBySubjectAsync(Subject);

        foreach (var (path, id, version) in written)
            await IsVoidAsync(store, id, version, $"a void session that was written by {path}");
    });

    [Clause("L23", "L13", "L14", Needs = StoreCapabilities.Epochs)]
    public Task Void_sessions_are_neither_listed_nor_counted() => RunAsync<ISessionEpochs>(async (store, epochs) =>
    {
        await CreateManyAsync(store, NewIds(20), Content("there", null, Subject));
        var left = await CreateAsync(store, Content("left", null, "bob"));

        await epochs.VoidBySubjectAsync(Subject);

        await ListsAsync(store, Subject);
        await ListsAsync(store, "bob", left);
        if (store.GetCapability<ISessionEnumeration>() is { } many)
        {
            Expect.Equal(1L, await many.LengthAsync(), "the number of live sessions");
            foreach (var withPayloads in new[] { true, false })
                Expect.Equal(left, string.Join(' ', (await ListAsync(many.AllAsync(withPayloads))).Select(record => record.Id)), "the sessions that All lists");
        }

        if (store.GetCapability<ISessionSubjects>() is { } subjects)
            Expect.Equal(0L, await subjects.DestroyBySubjectAsync(Subject), "how many void sessions were destroyed");

        await HasAsync(store, left, "left");
    });

    [Clause("L23", "L16", Needs = StoreCapabilities.Epochs)]
    public Task Sessions_of_others_and_of_no_subject_live() => RunAsync<ISessionEpochs>(async (store, epochs) =>
    {
        var ids = new List<string>();
        foreach (var subject in new[] { null, "bob", "Alice", "alice ", "alice2", "alic", "*", "'; --" })
            ids.Add(await CreateAsync(store, Content("there", null, subject)));

        await CreateAsync(store, Content("void", null, Subject));

        await epochs.VoidBySubjectAsync(Subject);
        await epochs.VoidBySubjectAsync("carol");

        foreach (var id in ids)
            await HasAsync(store, id, "there");
    });

    [Clause("L23", "L5", "L7", "L10", Needs = StoreCapabilities.Epochs)]
    public Task Later_log_ins_of_the_subject_live() => RunAsync<ISessionEpochs>(async (store, epochs) =>
    {
        var content = Content("later", null, Subject);
        var (voidIds, anonymous) = (NewIds(3), NewIds(2));
        foreach (var id in voidIds)
            await store.CreateAsync(id, Content("void", null, Subject));

        foreach (var id in anonymous)
            await store.CreateAsync(id, Content("anonymous"));

        await VoidAsync(epochs);

        // Its id does not belong to a void session any longer.
        Expect.Equal(SessionWriteStatus.Written, (await store.CreateAsync(voidIds[0], content)).Status, "create under the id of a void session");
        await store.SetAsync(voidIds[1], content);
        Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(anonymous[0], voidIds[2], SessionVersion.Any, content)).Status, "rotate to the id of a void session");
        Expect.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync(anonymous[1], SessionVersion.Any, content)).Status, "replace of an anonymous session");
        var fresh = await CreateAsync(store, content);

        string[] live = [.. voidIds, anonymous[1], fresh];
        foreach (var id in live)
            await HasAsync(store, id, "later");

        await ListsAsync(store, Subject, live);
    });

    [Clause("L23", Needs = StoreCapabilities.Epochs)]
    public Task Later_log_ins_keep_what_they_change() => RunAsync<ISessionEpochs>(async (store, epochs) =>
    {
        await CreateAsync(store, Content("void", null, Subject));
        await VoidAsync(epochs);
        foreach (var (path, writeAsync) in ContentPaths)
        {
            var (id, newId) = (await writeAsync(store, Content("in", null, Subject)), NewId());
            var version = (await HasAsync(store, id, "in")).Version;
            var replaced = await store.ReplaceAsync(id, version, Content("changed", null, Subject));
            Expect.Equal(SessionWriteStatus.Written, replaced.Status, $"replace of a later log-in by {path}");
            Expect.True(await store.TouchAsync(id, Later.AddHours(1)), $"touch of a later log-in by {path} returns true");
            Expect.Found(await store.GetAsync(id, new SlidingExpiry(AlwaysDue, Later.AddHours(2))), $"a later log-in by {path} that slides");
            Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(id, newId, replaced.Version, Content("rotated", null, Subject))).Status, $"rotate of a later log-in by {path}");
            await HasAsync(store, newId, "rotated");
            Expect.True(await store.DestroyAsync(newId), $"destroy of a later log-in by {path} returns true");
        }
    });

    [Clause("L23", Needs = StoreCapabilities.Epochs)]
    public Task A_session_is_void_with_the_subject_that_it_has() => RunAsync<ISessionEpochs>(async (store, epochs) =>
    {
        var (left, came) = (NewId(), NewId());
        await store.CreateAsync(left, Content("one", null, Subject));
        await store.CreateAsync(came, Content("one", null, "bob"));
        await store.ReplaceAsync(left, SessionVersion.Any, Content("left", null, "bob"));
        await store.ReplaceAsync(came, SessionVersion.Any, Content("came", null, Subject));

        await epochs.VoidBySubjectAsync(Subject);

        await HasAsync(store, left, "left");
        Expect.Null(await store.GetAsync(came), "a session that had got the subject");
    });

    [Clause("L23", Needs = StoreCapabilities.Epochs)]
    public Task Each_epoch_voids_what_has_joined_since_the_one_before() => RunAsync<ISessionEpochs>(async (store, epochs) =>
    {
        for (var i = 1; i <= 3; i++)
        {
            var id = await CreateAsync(store, Content("in", null, Subject));
            await HasAsync(store, id, "in");
            await VoidAsync(epochs);
            Expect.Null(await store.GetAsync(id), $"a session from before epoch {i}");
        }
    });

    [Clause("L23", Needs = StoreCapabilities.Epochs)]
    public Task An_epoch_voids_more_than_a_thousand_sessions() => RunAsync<ISessionEpochs>(async (store, epochs) =>
    {
        var ids = NewIds(1050);
        await CreateManyAsync(store, ids, Content("there", null, Subject));

        await epochs.VoidBySubjectAsync(Subject);

        var left = 0;
        foreach (var id in ids)
            left += await store.GetAsync(id) is null ? 0 : 1;

        Expect.Equal(0, left, $"the number of {ids.Count} sessions that are live after the epoch");
    });

    [Clause("L23", "L15", Needs = StoreCapabilities.Epochs | StoreCapabilities.Pruning)]
    public Task Pruning_brings_no_void_session_back() => RunAsync<ISessionEpochs>(async (store, epochs) =>
    {
        var ids = NewIds(20);
        await CreateManyAsync(store, ids, Content("there", null, Subject));
        await VoidAsync(epochs);
        var later = await CreateAsync(store, Content("later", null, Subject));

        for (var i = 0; i < 2; i++)
        {
            await store.Require<ISessionPruning>().PruneAsync();
            foreach (var id in ids)
                Expect.Null(await store.GetAsync(id), "a void session after pruning");

            await HasAsync(store, later, "later");
            await ListsAsync(store, Subject, later);
        }
    });

    [Clause("L23", "L15", Needs = StoreCapabilities.Epochs | StoreCapabilities.Pruning | StoreCapabilities.StoredCount)]
    public Task Pruning_removes_void_sessions() => RunAsync<ISessionEpochs>(async (store, epochs) =>
    {
        await store.CreateAsync(NewId(), Content("there"));
        var before = await Fixture.CountStoredAsync(Context.Namespace);
        await CreateManyAsync(store, NewIds(20), Content("void", SessionExpiry.Never, Subject));
        await VoidAsync(epochs);

        await store.Require<ISessionPruning>().PruneAsync(7);

        var left = await Fixture.CountStoredAsync(Context.Namespace) - before;
        Expect.True(left is 0 or 1, $"no more than an epoch is left of 20 void sessions, not {left} records");
    });

    /// <summary>Voids, and lets the clock of the store move, so that what joins next joins later.</summary>
    private async Task VoidAsync(ISessionEpochs epochs)
    {
        await epochs.VoidBySubjectAsync(Subject);
        await Context.PassAsync(Context.Now.AddMilliseconds(2));
    }

    private async Task IsVoidAsync(ISessionStore store, string id, SessionVersion version, string what)
    {
        var content = Content("revived", null, Subject);
        Expect.Null(await store.GetAsync(id), what);
        Expect.Null(await store.GetAsync(id, new SlidingExpiry(AlwaysDue, Later.AddHours(1))), $"a slide of {what}");
        Expect.True(!await store.TouchAsync(id, Later.AddHours(1)), $"touch of {what} returns false");
        foreach (var loaded in new[] { version, SessionVersion.Any })
        {
            Expect.Equal(SessionWriteStatus.Gone, (await store.ReplaceAsync(id, loaded, content)).Status, $"replace of {what}");
            Expect.Equal(SessionWriteStatus.Gone, (await store.RotateAsync(id, NewId(), loaded, content)).Status, $"rotate of {what}");
        }

        Expect.True(!await store.DestroyAsync(id), $"destroy of {what} returns false");
        Expect.Null(await store.GetAsync(id), $"{what}, after calls that found none");
    }

    private static async Task ListsAsync(ISessionStore store, string subject, params string[] ids)
    {
        if (store.GetCapability<ISessionSubjects>() is not { } subjects)
            return;

        Expect.Equal((long)ids.Length, await subjects.CountBySubjectAsync(subject), $"the number of live sessions of '{subject}'");
        foreach (var withPayloads in new[] { true, false })
        {
            var listed = (await subjects.PageBySubjectAsync(subject, SessionPage.MaxSize, null, withPayloads)).Sessions.Select(record => record.Id);
            Expect.Equal(string.Join(' ', ids.Order(StringComparer.Ordinal)), string.Join(' ', listed.Order(StringComparer.Ordinal)), $"the sessions of '{subject}'");
        }
    }
}
