using System.Text;

namespace SessionStores.Postgres.Tests;

/// <summary>The key of a session at the server: a member of the payload, and a column for the index.</summary>
public sealed class KeyTests(PostgresServerFixture server)
{
    private const string Columns = "SELECT count(*) FROM pg_attribute WHERE attrelid = 'session'::regclass AND attname = 'key'";

    [Fact]
    public async Task A_table_gets_the_column_and_its_index_only_with_the_option()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(NodeSql.CreateTable("session"));
        await using (var without = database.Store())
        {
            await without.CreateAsync("old", Database.Content(subject: "user"));
            Assert.Equal(0L, await database.ScalarAsync<long>(Columns));
            await Assert.ThrowsAsync<ArgumentException>(() => without.CreateAsync("id", Content("k")).AsTask());
            await Assert.ThrowsAsync<NotSupportedException>(() => without.DestroyByKeyAsync("k").AsTask());
            Assert.Null(((ISessionStore)without).GetCapability<ISessionKeys>());
        }

        await using var store = database.Store(options => options.Keys = true);
        Assert.Contains("-- 6. key column", await store.ScriptAsync(), StringComparison.Ordinal);
        await store.CreateAsync("id", Content("k"));

        Assert.Equal(1L, await database.ScalarAsync<long>(Columns));
        Assert.Equal("k", await database.ScalarAsync<string>("SELECT key FROM session WHERE sid = 'id'"));
        Assert.Equal("CREATE INDEX session_key_idx ON public.session USING btree (key) WHERE (key IS NOT NULL)", await database.ScalarAsync<string>("SELECT indexdef FROM pg_indexes WHERE indexname = 'session_key_idx'"));
        Assert.Equal("", await store.ScriptAsync());
        Assert.Null((await store.GetAsync("old"))!.Key);
    }

    [Fact]
    public async Task A_missing_column_is_reported_where_the_store_creates_nothing()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using (var without = database.Store())
            await without.SetUpAsync();

        await using var store = database.Store(options => (options.Keys, options.CreateIfMissing) = (true, false));

        var failure = await Assert.ThrowsAsync<SessionStoreException>(() => store.GetAsync("id").AsTask());
        Assert.Equal(SessionStoreFault.Misconfigured, failure.Fault);
        Assert.Contains("The option Keys is true", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Node_peer_passes_the_key_through()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store(options => options.Keys = true);
        await store.CreateAsync("id", Content("k\"ö"));
        var stored = await database.ScalarAsync<string>("SELECT sess::text FROM session WHERE sid = 'id'");
        Assert.Equal("""{"cookie":{"originalMaxAge":null},"__key":"k\"ö"}""", stored);

        await WriteAsNodeAsync(database, "id", """{"cookie":{"originalMaxAge":null},"__key":"k\"ö","views":1}""");

        var record = Assert.Single(await store.ListByKeyAsync("k\"ö").ToListAsync());
        Assert.Equal("""{"cookie":{"originalMaxAge":null},"views":1}""", Encoding.UTF8.GetString(record.Payload.Span));
        Assert.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync("id", record.Version, Content("k2"))).Status);
        Assert.Equal("k2", await database.ScalarAsync<string>("SELECT key FROM session WHERE sid = 'id'"));
    }

    [Fact]
    public async Task A_session_from_which_a_Node_peer_took_its_key_is_not_listed_and_still_ended()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store(options => options.Keys = true);
        await store.CreateAsync("id", Content("k"));

        await WriteAsNodeAsync(database, "id", """{"cookie":{"originalMaxAge":null}}""");

        Assert.Null((await store.GetAsync("id"))!.Key);
        Assert.Empty(await store.ListByKeyAsync("k").ToListAsync());
        Assert.Equal(1, await store.DestroyByKeyAsync("k"));
    }

    [Fact]
    public async Task A_store_without_the_option_reads_the_key_that_another_has_written()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store(options => options.Keys = true);
        await store.CreateAsync("id", Content("k"));
        await using var without = database.Store();

        var record = (await without.GetAsync("id"))!;

        Assert.Equal("k", record.Key);
        Assert.Equal((await store.GetAsync("id"))!.Version, record.Version);
        Assert.Equal("k", Assert.Single(await without.AllAsync().ToListAsync()).Key);
    }

    [Fact]
    public async Task The_largest_payload_has_room_for_the_longest_key()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store(options => (options.Keys, options.MaxPayloadBytes) = (true, 1000));
        var payload = Encoding.UTF8.GetBytes($$"""{"a":"{{new string('x', 1000 - 8)}}"}""");
        foreach (var key in new[] { new string('語', 256), new string('"', 256), new string('\\', 256) })
        {
            await store.SetAsync("id", new SessionContent(payload, SessionLifetime.For(TimeSpan.FromHours(1)), null, key));

            Assert.Equal(key, (await store.GetAsync("id"))!.Key);
            Assert.True((await store.GetAsync("id"))!.Payload.Span.SequenceEqual(payload));
        }
    }

    private static SessionContent Content(string key) => new("""{"cookie":{"originalMaxAge":null}}"""u8.ToArray(), SessionLifetime.For(TimeSpan.FromHours(1)), "user", key);

    private static async Task WriteAsNodeAsync(Database database, string id, string json)
    {
        await using var command = database.Source.CreateCommand(NodeSql.Set("session"));
        NodeSql.Bind(command, id, json, DateTimeOffset.UtcNow.AddHours(1));
        await command.ExecuteNonQueryAsync();
    }
}
