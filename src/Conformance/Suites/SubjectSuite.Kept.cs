namespace SessionStores.Conformance.Suites;

/// <content>The sessions that are kept when those of a subject are destroyed.</content>
internal sealed partial class SubjectSuite
{
    [Clause("L14", Needs = StoreCapabilities.Subjects)]
    public Task Destroy_by_subject_can_keep_several() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var mine = await FillAsync(store, 10, "alice");
        var other = NewId();
        await store.CreateAsync(other, Content("other", null, "bob"));

        Expect.Equal(7L, await subjects.DestroyBySubjectAsync("alice", [mine[2], mine[7], other, mine[9], mine[2], NewId()]), "the number of sessions destroyed");

        await ListsAsync(subjects, "alice", mine[2], mine[7], mine[9]);
        await HasAsync(store, other, "other");
    });

    [Clause("L14", Needs = StoreCapabilities.Subjects)]
    public Task An_empty_list_of_ids_keeps_none() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        await FillAsync(store, 3, "alice");

        Expect.Equal(3L, await subjects.DestroyBySubjectAsync("alice", []), "the number of sessions destroyed");
        await ListsAsync(subjects, "alice");
    });

    [Clause("L14", "L16", Needs = StoreCapabilities.Subjects)]
    public Task Ids_to_keep_are_compared_ordinally() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var id = NewId();
        string[] ids = [$"{id}aB", $"{id}AB", $"{id}ab", $"{id}ab ", $"{id}\u00E4", $"{id}a\u0308", $"{id}*", $"{id}a"];
        foreach (var each in ids)
            await store.CreateAsync(each, Content("one", null, "alice"));

        Expect.Equal(6L, await subjects.DestroyBySubjectAsync("alice", [ids[0], ids[4]]), "the number of sessions destroyed");
        await ListsAsync(subjects, "alice", ids[0], ids[4]);
        Expect.Equal(2L, await subjects.DestroyBySubjectAsync("alice", [ids[1], ids[7]]), "the number of sessions destroyed but ids that differ");
    });
}
