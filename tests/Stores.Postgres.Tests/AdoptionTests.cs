using System.Text;

namespace SessionStores.Postgres.Tests;

/// <summary>Tables that others created or altered: those of connect-pg-simple, those of another shape, those that change while the store is in use.</summary>
public sealed class AdoptionTests(PostgresServerFixture server)
{
    [Fact]
    public async Task A_table_of_connect_pg_simple_is_adopted_as_it_is()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(NodeSql.CreateTable("session"));
        const string Json = """{"cookie":{"originalMaxAge":3600000,"expires":"2026-11-20T16:25:16.755Z","httpOnly":true,"path":"/"},"views":1,"user":{"b":1,"a":2},"s":"é\"\u0000"}""";
        await NodeSetAsync(database, "theirs", Json, DateTimeOffset.UtcNow.AddHours(1));
        await using var store = database.Store();

        var record = (await store.GetAsync("theirs"))!;

        Assert.Equal(Json, Encoding.UTF8.GetString(record.Payload.Span));
        Assert.Null(record.Subject);
        Assert.Equal("timestamp without time zone", await database.ScalarAsync<string>("SELECT data_type::text FROM information_schema.columns WHERE table_name = 'session' AND column_name = 'expire'"));
        Assert.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync("theirs", record.Version, Database.Content("""{"n":1}""", subject: "user"))).Status);

        await NodeSetAsync(database, "theirs", """{"n":2}""", DateTimeOffset.UtcNow.AddHours(1));
        var rewritten = (await store.GetAsync("theirs"))!;
        Assert.Equal("""{"n":2}""", Encoding.UTF8.GetString(rewritten.Payload.Span));
        Assert.Equal("user", rewritten.Subject);
        Assert.Equal(SessionWriteStatus.Conflict, (await store.ReplaceAsync("theirs", record.Version, Database.Content())).Status);
        await database.ExecuteAsync(NodeSql.Destroy("session"), "theirs");
        Assert.Equal(SessionWriteStatus.Gone, (await store.ReplaceAsync("theirs", rewritten.Version, Database.Content())).Status);
    }

    [Fact]
    public async Task The_statements_of_a_node_peer_work_on_a_table_of_the_store()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        await store.CreateAsync("id", Database.Content("""{"n":1}""", subject: "user"));
        var now = NodeSql.Seconds(DateTimeOffset.UtcNow);

        Assert.Equal("""{"n":1}""", await database.ScalarAsync<string>(NodeSql.Get("session"), "id", now));
        await NodeSetAsync(database, "id", """{"n":2}""", DateTimeOffset.UtcNow.AddHours(2));
        await database.ExecuteAsync(NodeSql.Touch("session"), now + 9000, "id");
        await database.ExecuteAsync(NodeSql.Prune("session"), now);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds((long)now + 9000), (await store.GetAsync("id"))!.ExpiresAt);
        await database.ExecuteAsync(NodeSql.Prune("session"), now + 9001);
        Assert.Null(await store.GetAsync("id"));
    }

    [Theory]
    [InlineData("sid varchar PRIMARY KEY, expire timestamptz NOT NULL", "column sess is missing")]
    [InlineData("sid varchar PRIMARY KEY, sess json NOT NULL", "column expire is missing")]
    [InlineData("id varchar PRIMARY KEY, data json NOT NULL", "column sid is missing; column sess is missing; column expire is missing")]
    [InlineData("sid varchar PRIMARY KEY, sess jsonb NOT NULL, expire timestamptz NOT NULL", "column sess must be of type json, but is jsonb")]
    [InlineData("sid uuid PRIMARY KEY, sess json NOT NULL, expire timestamptz NOT NULL", "column sid must be of type varchar or text, but is uuid")]
    [InlineData("sid varchar, sess json NOT NULL, expire timestamptz NOT NULL", "sid needs a primary key or unique index of its own")]
    [InlineData("sid varchar PRIMARY KEY, sess json NOT NULL, expire timestamptz NOT NULL, tenant int NOT NULL", "column tenant must be nullable or have a default")]
    [InlineData("sid varchar PRIMARY KEY, sess json NOT NULL, expire timestamptz NOT NULL, subject int", "column subject must be of type varchar or text, but is int4")]
    public async Task A_table_of_another_shape_is_refused_and_left_alone(string columns, string problem)
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync($"CREATE TABLE session ({columns})");
        await using var store = database.Store();
        var before = await ColumnsAsync(database);

        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("id"));

        Assert.Equal(SessionStoreFault.Misconfigured, exception.Fault);
        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, await ColumnsAsync(database));
    }

    [Theory]
    [InlineData("sid varchar PRIMARY KEY, sess jsonb NOT NULL, expire timestamp(6) NOT NULL", "column sess must be of type json, but is jsonb")]
    [InlineData("sid varchar PRIMARY KEY, sess text NOT NULL, expire timestamp(6) NOT NULL", "column sess must be of type json, but is text")]
    [InlineData("sid char(64) PRIMARY KEY, sess json NOT NULL, expire timestamp(6) NOT NULL", "column sid must be of type varchar or text, but is bpchar")]
    [InlineData("sid varchar(255) PRIMARY KEY, sess json NOT NULL, expire timestamp(6) NOT NULL", "column sid must hold 256 characters, but holds 255")]
    [InlineData("sid varchar COLLATE folds PRIMARY KEY, sess json NOT NULL, expire timestamp(6) NOT NULL", "column sid has a nondeterministic collation")]
    [InlineData("sid varchar PRIMARY KEY, sess json NOT NULL, expire timestamp(6) NOT NULL, subject text COLLATE folds", "column subject has a nondeterministic collation")]
    public async Task A_table_that_breaks_the_contract_is_refused_with_the_statement_that_mends_it(string columns, string problem)
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE COLLATION folds (provider = icu, locale = 'und-u-ks-level2', deterministic = false)");
        await database.ExecuteAsync($"CREATE TABLE session ({columns})");
        await NodeSetAsync(database, "theirs", """{"b":1,"a":2}""", DateTimeOffset.UtcNow.AddHours(1));
        await using var store = database.Store();

        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.SetUpAsync());
        Assert.Equal(SessionStoreFault.Misconfigured, exception.Fault);
        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
        var mend = exception.Message[(exception.Message.IndexOf('(', exception.Message.IndexOf(problem, StringComparison.Ordinal) + problem.Length) + 1)..exception.Message.LastIndexOf(')')];
        await database.ExecuteAsync(mend);

        Assert.Contains("\"a\"", Encoding.UTF8.GetString((await store.GetAsync("theirs"))!.Payload.Span), StringComparison.Ordinal);
        await store.CreateAsync("aBc", Database.Content(subject: "user"));
        Assert.Null(await store.GetAsync("AbC"));
        Assert.Empty(await store.ListBySubjectAsync("USER").ToListAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData(false)]
    public async Task A_column_whose_type_changes_while_the_store_is_in_use_is_noticed(bool? prepares)
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(NodeSql.CreateTable("session"));
        await using var store = database.Store(options => options.PrepareStatements = prepares);
        await store.CreateAsync("id", new SessionContent("{}"u8.ToArray(), TimeSpan.FromHours(1)));
        await WarmAsync(store, connections: 20);

        await database.ExecuteAsync("ALTER TABLE session ALTER COLUMN subject TYPE text");
        for (var n = 0; n < 20; n++)
            Assert.NotNull(await store.GetAsync("id"));

        await database.ExecuteAsync("ALTER TABLE session ALTER COLUMN expire TYPE timestamptz(6) USING expire AT TIME ZONE current_setting('TimeZone')");
        await EventuallyAsync(async () => Assert.InRange((await store.GetAsync("id"))!.Remaining!.Value, TimeSpan.FromMinutes(50), TimeSpan.FromMinutes(61)));
        await store.CreateAsync("other", new SessionContent("{}"u8.ToArray(), TimeSpan.FromHours(2)));
        Assert.True(await database.ScalarAsync<bool>("SELECT expire BETWEEN now() + interval '1 hour 50 minutes' AND now() + interval '2 hours 1 minute' FROM session WHERE sid = 'other'"));

        await database.ExecuteAsync("ALTER TABLE session ALTER COLUMN sess TYPE jsonb");
        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => { await EventuallyAsync(async () => await store.GetAsync("id")); });
        Assert.Contains("ALTER COLUMN sess TYPE json", exception.Message, StringComparison.Ordinal);

        // Without prepared statements the call that notices it fails, and the next one looks at the table.
        async Task EventuallyAsync(Func<Task> read)
        {
            try
            {
                await read();
            }
            catch (SessionStoreException notice) when (prepares == false && notice.Fault == SessionStoreFault.Misconfigured)
            {
                await read();
            }
        }
    }

    [Fact]
    public async Task A_column_that_vanishes_is_noticed_and_its_return_too()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        await store.CreateAsync("id", Database.Content());
        await database.ExecuteAsync("ALTER TABLE session RENAME COLUMN sess TO other");

        var first = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("id"));
        var second = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("id"));
        await database.ExecuteAsync("ALTER TABLE session RENAME COLUMN other TO sess");

        Assert.Equal(SessionStoreFault.Misconfigured, first.Fault);
        Assert.Contains("column sess is missing", second.Message, StringComparison.Ordinal);
        Assert.NotNull(await store.GetAsync("id"));
    }

    private static async Task WarmAsync(PostgresStore store, int connections)
    {
        for (var round = 0; round < 3; round++)
            await Task.WhenAll(Enumerable.Range(0, connections * 2).Select(_ => Task.Run(async () => await store.GetAsync("id"))));
    }

    private static async Task NodeSetAsync(Database database, string id, string json, DateTimeOffset expiresAt)
    {
        await using var command = database.Source.CreateCommand(NodeSql.Set("session"));
        NodeSql.Bind(command, id, json, expiresAt);
        await command.ExecuteNonQueryAsync();
    }

    private static Task<string> ColumnsAsync(Database database) => database.ScalarAsync<string>(
        "SELECT string_agg(column_name || ' ' || data_type, ',' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_name = 'session'");
}
