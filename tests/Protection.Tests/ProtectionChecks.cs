using SessionStores.Memory;

namespace SessionStores.Protection.Tests;

/// <summary>What protection promises, as checks of any protected store, so that broken ones can be shown to fail.</summary>
internal static class ProtectionChecks
{
    private static readonly SessionContent Content = new("""{"cookie":{"originalMaxAge":600000},"n":0}"""u8.ToArray(), TimeSpan.FromHours(1), "alice");

    /// <summary>Opens a protected store with keys, the current one first.</summary>
    public delegate ProtectedStore Opening(ISessionStore server, params string[] keys);

    public static async Task A_record_that_was_copied_under_another_id_is_no_session(Opening open)
    {
        var server = new MemoryStore();
        var store = open(server, Keys.Current);
        await store.CreateAsync("mine", Content);
        var mine = Assert.Single(await server.AllAsync().ToListAsync());
        await store.CreateAsync("theirs", Content);
        var theirs = Assert.Single(await server.AllAsync().Where(record => record.Id != mine.Id).ToListAsync());

        await server.SetAsync(mine.Id, new SessionContent(theirs.Payload, theirs.ExpiresAt, theirs.Subject));

        Assert.Null(await store.GetAsync("mine"));
        Assert.NotNull(await store.GetAsync("theirs"));
    }

    public static async Task A_record_that_was_given_to_another_subject_is_no_session(Opening open)
    {
        var server = new MemoryStore();
        var store = open(server, Keys.Current);
        await store.CreateAsync("mine", Content);
        var mine = Assert.Single(await server.AllAsync().ToListAsync());

        await server.SetAsync(mine.Id, new SessionContent(mine.Payload, mine.ExpiresAt, "administrator"));

        Assert.Null(await store.GetAsync("mine"));
    }

    public static async Task A_record_without_protection_is_no_session(Opening open)
    {
        var server = new MemoryStore();
        var store = open(server, Keys.Current);
        await store.CreateAsync("mine", Content);
        var mine = Assert.Single(await server.AllAsync().ToListAsync());

        await server.SetAsync(mine.Id, new SessionContent(Content.Payload, mine.ExpiresAt, mine.Subject));

        Assert.Null(await store.GetAsync("mine"));
    }

    public static async Task Whoever_knows_an_id_but_no_key_does_not_find_its_record(Opening open)
    {
        var server = new MemoryStore();
        await open(server, Keys.Current).CreateAsync("mine", Content);
        await open(server, Keys.Old).CreateAsync("mine", Content);

        Assert.Equal(2, await server.LengthAsync());
    }

    public static async Task An_older_key_protects_nothing_once_its_sessions_were_written(Opening open)
    {
        var server = new MemoryStore();
        await open(server, Keys.Old).CreateAsync("mine", Content);
        var store = open(server, Keys.Current, Keys.Old);

        var loaded = Assert.IsType<SessionRecord>(await store.GetAsync("mine"));
        Assert.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync("mine", loaded.Version, Content)).Status);

        Assert.Equal(0, (await store.CountByKeyAsync())[new DerivedKey(Keys.Old).Id]);
        Assert.NotNull(await open(server, Keys.Current).GetAsync("mine"));
    }

    public static async Task The_same_session_is_sealed_to_the_same_bytes(Opening open)
    {
        var store = open(new MemoryStore(), Keys.Current);
        var created = await store.CreateAsync("mine", Content);

        await store.SetAsync("mine", Content);

        Assert.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync("mine", created.Version, Content)).Status);
    }
}
