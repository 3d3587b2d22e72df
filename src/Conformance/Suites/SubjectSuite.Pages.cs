namespace SessionStores.Conformance.Suites;

/// <content>Pages of the sessions of a subject, and their count.</content>
internal sealed partial class SubjectSuite
{
    [Clause("L14", Needs = StoreCapabilities.Subjects)]
    public Task Pages_of_any_size_list_each_session_once() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var ids = await FillAsync(store, 23, "alice");
        await FillAsync(store, 3, "bob");

        foreach (var size in new[] { 1, 7, 22, 23, 24, SessionPage.MaxSize })
            await ListsEachOnceAsync(subjects, ids, size);
    });

    [Clause("L14", Needs = StoreCapabilities.Subjects)]
    public Task Pages_list_more_than_a_thousand_sessions_once_each() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var ids = await FillAsync(store, 1050, "alice");

        await ListsEachOnceAsync(subjects, ids, SessionPage.MaxSize);
        Expect.Equal(1050L, await subjects.CountBySubjectAsync("alice"), "the number of sessions of the subject");
    });

    [Clause("L14", Needs = StoreCapabilities.Subjects)]
    public Task A_session_that_stays_is_on_one_page_while_others_come_and_go() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var ids = await FillAsync(store, 24, "alice");
        var page = await subjects.PageBySubjectAsync("alice", 4);
        var staying = ids.Except(page.Sessions.Select(record => record.Id)).ToList();
        foreach (var record in page.Sessions)
            await store.DestroyAsync(record.Id);

        var listed = new List<string>();
        for (var pages = 1; page.Continuation is not null; pages++)
        {
            Expect.True(pages < 40, "pages of at most 36 sessions have an end");
            page = await subjects.PageBySubjectAsync("alice", 4, page.Continuation);
            listed.AddRange(page.Sessions.Select(record => record.Id));

            // Those that come may be before or behind the pages that were read, whatever the order of the store is.
            if (pages <= 6)
                await FillAsync(store, 2, "alice");

            foreach (var id in staying)
                await store.TouchAsync(id, Later.AddHours(pages));
        }

        foreach (var id in staying)
            Expect.Equal(1, listed.Count(each => each == id), "how often a session that was there throughout is listed");
    });

    [Clause("L14", Needs = StoreCapabilities.Subjects | StoreCapabilities.SharedData)]
    public Task Another_store_on_the_same_data_continues_a_listing() => RunAsync(async () =>
    {
        var (here, there) = (await OpenAsync(), await OpenAsync());
        var ids = await FillAsync(here, 5, "alice");

        var listed = new List<SessionRecord>();
        string? continuation = null;
        for (var pages = 0; pages == 0 || continuation is not null; pages++)
        {
            Expect.True(pages < 10, "pages of 5 sessions have an end");
            var page = await (pages % 2 == 0 ? here : there).Require<ISessionSubjects>().PageBySubjectAsync("alice", 3, continuation);
            listed.AddRange(page.Sessions);
            continuation = page.Continuation;
        }

        IsSame(ids, listed);
    });

    [Clause("L14", "L16", Needs = StoreCapabilities.Subjects)]
    public Task A_continuation_of_another_subject_and_a_size_out_of_range_are_refused() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        await FillAsync(store, 3, "alice");
        await FillAsync(store, 3, "bob");
        var continuation = (await subjects.PageBySubjectAsync("alice", 1)).Continuation;
        Expect.True(continuation is not null, "there is a page after the first of three sessions");

        foreach (var wrong in new[] { continuation!, "", "none", "?", new string('A', 40) })
            await Expect.ThrowsAsync<ArgumentException>(() => subjects.PageBySubjectAsync("bob", 1, wrong).AsTask(), "a page with a continuation that is not one of its subject");

        foreach (var size in new[] { int.MinValue, -1, 0, SessionPage.MaxSize + 1, int.MaxValue })
            await Expect.ThrowsAsync<ArgumentOutOfRangeException>(() => subjects.PageBySubjectAsync("bob", size).AsTask(), $"a page of {size} sessions");
    });

    [Clause("L14", "L1", "L9", Needs = StoreCapabilities.Subjects)]
    public Task Only_live_sessions_of_the_subject_are_counted() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var soon = Soon();
        Expect.Equal(0L, await subjects.CountBySubjectAsync("alice"), "the number of sessions before the first");
        await store.CreateAsync(NewId(), Content("one", soon, "alice"));
        var ids = await FillAsync(store, 4, "alice");
        await FillAsync(store, 2, "bob");
        await StoredAsync(store, NewId(), Content());
        await Context.PassAsync(soon);
        Expect.Equal(4L, await subjects.CountBySubjectAsync("alice"), "the number of sessions of which one has expired");

        await store.DestroyAsync(ids[0]);
        await store.RotateAsync(ids[1], NewId(), SessionVersion.Any, Content("two", null, "alice"));
        await store.SetAsync(ids[2], Content("two", null, "bob"));

        Expect.Equal(2L, await subjects.CountBySubjectAsync("alice"), "the number of sessions of which one was destroyed, one rotated and one moved to another subject");
        Expect.Equal(3L, await subjects.CountBySubjectAsync("bob"), "the number of sessions of the other subject");
    });

    [Clause("L14", "L2", Needs = StoreCapabilities.Subjects)]
    public Task A_page_without_payloads_has_everything_else() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var record = await StoredAsync(store, NewId(), Content("one", null, "alice"));

        var listed = await ListAsync(subjects.ListBySubjectAsync("alice", withPayloads: false));

        Expect.Equal(1, listed.Count, "the number of sessions");
        IsWithoutPayload(record, listed[0]);
    });

    private static async Task ListsEachOnceAsync(ISessionSubjects subjects, List<string> ids, int size)
    {
        var listed = new List<SessionRecord>();
        var pages = 0;
        string? continuation = null;
        do
        {
            var page = await subjects.PageBySubjectAsync("alice", size, continuation);
            Expect.True(page.Sessions.Count <= size, $"a page has at most {size} sessions, not {page.Sessions.Count}");
            Expect.True(++pages <= ids.Count + 1, $"{ids.Count} sessions have an end of pages of {size}");
            listed.AddRange(page.Sessions);
            continuation = page.Continuation;
        }
        while (continuation is not null);

        IsSame(ids, listed);
    }

    private static void IsSame(List<string> ids, List<SessionRecord> listed)
    {
        Expect.Equal(listed.Count, listed.DistinctBy(record => record.Id).Count(), "the number of listed sessions that differ");
        Expect.Equal(ids.Count, listed.Count(record => ids.Contains(record.Id)), "the number of sessions on all pages");
        Expect.Equal(ids.Count, listed.Count, "the number of listed sessions");
    }
}
