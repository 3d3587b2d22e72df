using Xunit;

namespace SessionStores.Conformance;

/// <summary>Create stores under a free id, and only there.</summary>
/// <param name="fixture">The fixture of the store.</param>
public class CreationSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    [Fact, Clause("L5")]
    public Task Create_of_a_free_id_answers_created() => RunAsync(async () =>
    {
        var store = await OpenAsync();

        var result = await store.CreateAsync(NewId(), Content());

        Expect.Equal(SessionWriteStatus.Written, result.Status);
    });

    [Fact, Clause("L5")]
    public Task Create_of_a_taken_id_answers_taken() => RunAsync(async () =>
    {
        var store = await OpenAsync();
        var id = NewId();
        await StoredAsync(store, id, Content());

        var result = await store.CreateAsync(id, Content("two"));

        Expect.Equal(SessionWriteStatus.Taken, result.Status);
    });

    [Fact, Clause("L5")]
    public Task Create_of_a_taken_id_leaves_the_session_as_it_was() => RunAsync(async () =>
    {
        var store = await OpenAsync();
        var id = NewId();
        var before = await StoredAsync(store, id, Content("one", null, "alice"));

        await store.CreateAsync(id, Content("two", Round(before.ExpiresAt.AddHours(3)), "mallory"));

        var record = await HasAsync(store, id, "one");
        Expect.Equal(before.ExpiresAt, record.ExpiresAt);
        Expect.Equal("alice", record.Subject);
        Expect.True(before.Version == record.Version, "the version is as it was");
    });

    [Fact, Clause("L5")]
    public Task Create_with_the_same_content_is_taken_too() => RunAsync(async () =>
    {
        var store = await OpenAsync();
        var id = NewId();
        var content = Content();
        await StoredAsync(store, id, content);

        Expect.Equal(SessionWriteStatus.Taken, (await store.CreateAsync(id, content)).Status, "the status of a repeated create");
    });

    [Fact, Clause("L5", "L1")]
    public Task An_expired_session_does_not_hold_its_id() => RunAsync(async () =>
    {
        var store = await OpenAsync();
        var id = NewId();
        var soon = Soon();
        await store.CreateAsync(id, Content("old", soon, "alice"));
        await Context.PassAsync(soon);

        var record = await StoredAsync(store, id, Content("new"));

        Expect.Bytes(Payload("new"), record.Payload);
        Expect.Null(record.Subject, "the subject of the new session");
    });

    [Fact, Clause("L5", "L6")]
    public Task The_version_of_a_create_is_that_of_the_next_read() => RunAsync(async () =>
    {
        var store = await OpenAsync();
        var id = NewId();

        var result = await store.CreateAsync(id, Content("one", null, "alice"));

        Expect.True(result.Version == (await HasAsync(store, id, "one")).Version, "create and the next read return equal versions");
    });

    [Fact, Clause("L5", "L11")]
    public Task Create_of_a_taken_id_with_expired_content_is_taken() => RunAsync(async () =>
    {
        var store = await OpenAsync();
        var id = NewId();
        await StoredAsync(store, id, Content());

        var result = await store.CreateAsync(id, Content("two", Round(Context.Now.AddHours(-1))));

        Expect.Equal(SessionWriteStatus.Taken, result.Status);
        await HasAsync(store, id, "one");
    });

    [Fact, Clause("L5", "L17")]
    public Task Many_sessions_are_kept_apart() => RunAsync(async () =>
    {
        var store = await OpenAsync();
        var ids = Enumerable.Range(0, 200).Select(_ => NewId()).ToList();
        for (var i = 0; i < ids.Count; i++)
            await store.CreateAsync(ids[i], Content($"m{i}"));

        for (var i = 0; i < ids.Count; i++)
            await HasAsync(store, ids[i], $"m{i}");
    });
}
