namespace SessionStores.Conformance.Suites;

/// <content>Pages in an order that no write changes, and that tells apart what ids tell apart.</content>
internal sealed partial class SubjectSuite
{
    [Clause("L14", "L16", Needs = StoreCapabilities.Subjects)]
    public Task Pages_of_sessions_whose_ids_look_alike_list_each_once() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var begin = NewId().ToLowerInvariant();
        var ids = new[] { "", "a", "A", "a ", "\u00E4", "a\u0308", "\u00C4", "b", "B", " ", "_", "%", "aa", "aA", "AA", "Aa" }.Select(end => begin + end).ToList();
        await CreateManyAsync(store, ids, Content("one", null, "alice"));

        foreach (var size in new[] { 1, 2, 3, 5 })
            await ListsEachOnceAsync(subjects, ids, size);
    });

    [Clause("L14", "L3", "L6", "L7", "L8", Needs = StoreCapabilities.Subjects)]
    public Task A_session_that_is_written_between_two_pages_is_listed_once() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        foreach (var (name, writeAsync) in new (string, Func<string, int, Task>)[]
        {
            ("a set", async (id, round) => await store.SetAsync(id, Content($"r{round}", Later.AddHours(round), "alice"))),
            ("a replace", async (id, round) => await store.ReplaceAsync(id, SessionVersion.Any, Content($"r{round}", Later.AddHours(round), "alice"))),
            ("a touch", async (id, round) => await store.TouchAsync(id, Later.AddHours(10 + round))),
            ("a slide", async (id, round) => await store.GetAsync(id, new SlidingExpiry(AlwaysDue, Later.AddHours(20 + round)))),
        })
        {
            var ids = await FillAsync(store, 12, "alice");
            var listed = new List<SessionRecord>();
            string? continuation = null;
            for (var round = 1; ; round++)
            {
                Expect.True(round <= 30, "pages of 12 sessions have an end");
                var page = await subjects.PageBySubjectAsync("alice", 3, continuation);
                listed.AddRange(page.Sessions);
                continuation = page.Continuation;
                if (continuation is null)
                    break;

                // Those that were listed, those that were not, and the last of the page, in another order than that of their ids.
                foreach (var id in ids.OrderBy(_ => Random.Below(1000)).ToList())
                    await writeAsync(id, round);
            }

            foreach (var id in ids)
                Expect.Equal(1, listed.Count(record => record.Id == id), $"how often a session is listed when {name} comes between two pages");

            await subjects.DestroyBySubjectAsync("alice");
        }
    });

    [Clause("L14", "L19", Needs = StoreCapabilities.Subjects | StoreCapabilities.UnreadableRecords)]
    public Task A_page_of_records_that_cannot_be_read_ends_no_listing() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var (first, middle, last) = (NewIds(4).ConvertAll(id => "a" + id), NewIds(16).ConvertAll(id => "m" + id), NewIds(4).ConvertAll(id => "z" + id));
        foreach (var ids in new[] { first, middle, last })
            await CreateManyAsync(store, ids, Content("one", null, "alice"));

        foreach (var id in middle)
            await Fixture.PlantUnreadableAsync(Context.Namespace, id);

        foreach (var size in new[] { 1, 3, 5 })
        {
            var listed = new List<string>();
            var pages = 0;
            string? continuation = null;
            do
            {
                Expect.True(++pages <= 26, $"24 records have an end of pages of {size}");
                var page = await subjects.PageBySubjectAsync("alice", size, continuation);
                listed.AddRange(page.Sessions.Select(record => record.Id));
                continuation = page.Continuation;
            }
            while (continuation is not null);

            foreach (var id in first.Concat(last))
                Expect.Equal(1, listed.Count(each => each == id), $"how often a readable session is listed on pages of {size}");
        }
    });
}
