using System.Text;
using System.Transactions;
using Npgsql;

namespace SessionStores.Postgres.Tests;

/// <summary>Set-up: creation, adoption, identifiers, rights, tables of another shape.</summary>
public sealed class SetUpTests(PostgresServerFixture server)
{
    public static TheoryData<string?, string> OddNames { get; } = new()
    {
        { null, "Sessions of \"today\"" },
        { "schéma.ä", "tab le.with;--dots" },
        { "S\"Q", "'; DROP TABLE x; --" },
        { null, new string('l', 63) },
        { "Übung", string.Concat(Enumerable.Repeat("ß", 31)) },
        { null, "select" },
        { null, "a@b{0}%s:c$1" },
    };

    [Fact]
    public async Task Ten_nodes_that_start_at_once_set_the_table_up_once()
    {
        await using var database = await server.CreateDatabaseAsync();
        for (var round = 0; round < 5; round++)
        {
            var stores = Enumerable.Range(0, 10).Select(_ => database.Store(options => options.Table = $"round{round}")).ToArray();
            using var gate = new Barrier(stores.Length);
            await Task.WhenAll(stores.Select((store, i) => Task.Run(async () =>
            {
                gate.SignalAndWait();
                await store.CreateAsync($"id{i}", Database.Content(subject: "user"));
            })));
            Assert.Equal(10, await stores[0].LengthAsync());
            foreach (var store in stores)
                await store.DisposeAsync();

            Assert.Equal(2, await database.ScalarAsync<long>("SELECT count(*) FROM pg_indexes WHERE tablename = $1", $"round{round}"));
        }
    }

    [Theory]
    [MemberData(nameof(OddNames))]
    public async Task Odd_names_work(string? schema, string table)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store(options => (options.Schema, options.Table) = (schema, table));

        await store.CreateAsync("id", Database.Content(subject: "user"));
        await store.SetAsync("gone", Database.Content(life: TimeSpan.FromHours(-1)));
        var loaded = (await store.GetAsync("id", new SlidingExpiry(TimeSpan.FromDays(1), DateTimeOffset.UtcNow.AddDays(1))))!;
        Assert.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync("id", loaded.Version, Database.Content(subject: "user"))).Status);
        Assert.Equal(SessionWriteStatus.Written, (await store.RotateAsync("id", "id2", null, Database.Content(subject: "user"))).Status);
        Assert.True(await store.TouchAsync("id2", DateTimeOffset.UtcNow.AddDays(2)));
        Assert.Equal(1, await store.PruneAsync());
        Assert.Single(await store.ListBySubjectAsync("user").ToListAsync());
        Assert.Single(await store.AllAsync().ToListAsync());
        Assert.Equal(1, await store.DestroyBySubjectAsync("user"));
        await store.ClearAsync();

        Assert.Equal(table, await database.ScalarAsync<string>("SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relname = $1", table));
        Assert.Equal("", await store.ScriptAsync());
    }

    [Fact]
    public async Task Two_tables_live_in_one_schema()
    {
        await using var database = await server.CreateDatabaseAsync();
        var common = new string('t', 62);
        await using var first = database.Store(options => options.Table = common + "1");
        await using var second = database.Store(options => options.Table = common + "2");

        await first.CreateAsync("id", Database.Content(subject: "first"));
        await second.CreateAsync("id", Database.Content(subject: "second"));
        await first.ClearAsync();

        Assert.Equal(0, await first.LengthAsync());
        Assert.Equal("second", (await second.GetAsync("id"))!.Subject);
        Assert.Equal(4, await database.ScalarAsync<long>("SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'"));
    }

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

    [Fact]
    public async Task Without_the_right_to_create_the_four_row_rights_are_enough()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using (var administrator = database.Store())
            await administrator.SetUpAsync();

        await using var store = database.Store(options => options.CreateIfMissing = false, await RoleAsync(database, "SELECT, INSERT, UPDATE, DELETE"));

        await UseEverythingAsync(store, "user");
    }

    [Fact]
    public async Task Without_a_right_the_store_is_refused()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using (var administrator = database.Store())
            await administrator.SetUpAsync();

        await using var store = database.Store(options => options.CreateIfMissing = false, await RoleAsync(database, "SELECT"));

        Assert.Null(await store.GetAsync("id"));
        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.CreateAsync("id", Database.Content()));
        Assert.Equal(SessionStoreFault.Refused, exception.Fault);
    }

    [Fact]
    public async Task Without_the_subject_column_all_but_subjects_works()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(NodeSql.CreateTable("session"));
        await using var store = database.Store(options => options.CreateIfMissing = false, await RoleAsync(database, "SELECT, INSERT, UPDATE, DELETE"));

        await UseEverythingAsync(store, subject: null);

        foreach (var operation in new Func<Task>[]
        {
            async () => await store.CreateAsync("id", Database.Content(subject: "user")),
            async () => await store.DestroyBySubjectAsync("user"),
            async () => await store.ListBySubjectAsync("user").ToListAsync(),
        })
        {
            var exception = await Assert.ThrowsAsync<SessionStoreException>(operation);
            Assert.Equal(SessionStoreFault.Misconfigured, exception.Fault);
            Assert.Contains("column subject", exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_missing_table_is_named_and_the_script_brings_it()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store(options => (options.Schema, options.Table, options.CreateIfMissing) = ("web", "people's", false));

        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("id"));
        Assert.Equal(SessionStoreFault.Misconfigured, exception.Fault);
        Assert.Contains("\"people's\"", exception.Message, StringComparison.Ordinal);

        var script = await store.ScriptAsync();
        await database.ExecuteAsync(script);
        await database.ExecuteAsync(script);
        Assert.Equal("", await store.ScriptAsync());
        await UseEverythingAsync(store, "user");
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

    private static async Task WarmAsync(PostgresStore store, int connections)
    {
        for (var round = 0; round < 3; round++)
            await Task.WhenAll(Enumerable.Range(0, connections * 2).Select(_ => Task.Run(async () => await store.GetAsync("id"))));
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

    [Fact]
    public async Task A_table_that_is_dropped_is_set_up_again()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        await store.CreateAsync("id", Database.Content());
        await database.ExecuteAsync("DROP TABLE session");

        await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("id"));

        Assert.Null(await store.GetAsync("id"));
        await UseEverythingAsync(store, "user");
    }

    [Fact]
    public async Task The_applications_own_transaction_does_not_take_a_session_with_it()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var store = new PostgresStore(source);

        using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
            await store.CreateAsync("id", Database.Content());

        Assert.NotNull(await store.GetAsync("id"));
    }

    [Fact]
    public async Task The_applications_data_source_outlives_the_store()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        var store = new PostgresStore(source);
        await store.CreateAsync("id", Database.Content());
        await store.DisposeAsync();

        await using var command = source.CreateCommand("SELECT count(*) FROM session");
        Assert.Equal(1L, await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task After_disposal_every_call_throws_also_on_the_applications_data_source()
    {
        await using var source = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=none");
        var store = new PostgresStore(source);
        await store.DisposeAsync();
        var content = Database.Content();

        foreach (var call in new Func<Task>[]
        {
            async () => await store.SetUpAsync(),
            async () => await store.ScriptAsync(),
            async () => await store.GetAsync("id"),
            async () => await store.CreateAsync("id", content),
            async () => await store.ReplaceAsync("id", default, content),
            async () => await store.SetAsync("id", content),
            async () => await store.TouchAsync("id", DateTimeOffset.UtcNow),
            async () => await store.DestroyAsync("id"),
            async () => await store.RotateAsync("id", "new", null, content),
            async () => await store.LengthAsync(),
            async () => await store.ClearAsync(),
            async () => await store.DestroyBySubjectAsync("user"),
            async () => await store.PruneAsync(),
        })
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(call);
        }

        Assert.Throws<ObjectDisposedException>(() => store.AllAsync());
        Assert.Throws<ObjectDisposedException>(() => store.ListBySubjectAsync("user"));
    }

    [Fact]
    public async Task Options_that_change_after_the_store_was_created_have_no_effect()
    {
        await using var database = await server.CreateDatabaseAsync();
        var options = new PostgresStoreOptions { Table = "before", OperationTimeout = TimeSpan.FromMinutes(1) };
        await using var store = new PostgresStore(database.ConnectionString, options);
        options.Table = "after";

        await store.SetUpAsync();

        Assert.True(await database.ScalarAsync<bool>("SELECT to_regclass('before') IS NOT NULL AND to_regclass('after') IS NULL"));
    }

    [Fact]
    public void Every_option_out_of_range_is_named()
    {
        var exception = Assert.Throws<ArgumentException>(() => new PostgresStore("Host=none", new PostgresStoreOptions
        {
            Schema = "",
            Table = new string('x', 64),
            MaxPayloadBytes = 0,
            OperationTimeout = TimeSpan.Zero,
            SetUpTimeout = TimeSpan.FromDays(2),
            TimeToLive = TimeSpan.FromMilliseconds(1),
            ExpireTimeZone = "",
        }));

        foreach (var option in new[] { "Schema", "Table", "MaxPayloadBytes", "OperationTimeout", "SetUpTimeout", "TimeToLive", "ExpireTimeZone" })
            Assert.Contains($" {option} must be ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_string_that_cannot_be_read_is_not_repeated()
    {
        var exception = Assert.Throws<ArgumentException>(() => new PostgresStore("Host=h;Pasword=hunter2"));

        Assert.DoesNotContain("hunter2", exception.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Pasword", exception.ToString(), StringComparison.Ordinal);
    }

    private static async Task UseEverythingAsync(PostgresStore store, string? subject, int expired = 1)
    {
        await store.CreateAsync("id", Database.Content(subject: subject));
        await store.SetAsync("gone", Database.Content(life: TimeSpan.FromHours(-1)));
        var loaded = (await store.GetAsync("id", new SlidingExpiry(TimeSpan.FromDays(1), DateTimeOffset.UtcNow.AddDays(1))))!;
        Assert.Equal(subject, loaded.Subject);
        Assert.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync("id", loaded.Version, Database.Content(subject: subject))).Status);
        Assert.Equal(SessionWriteStatus.Conflict, (await store.RotateAsync("id", "id2", SessionVersion.Of("{}"u8.ToArray()), Database.Content())).Status);
        Assert.Equal(SessionWriteStatus.Written, (await store.RotateAsync("id", "id2", null, Database.Content(subject: subject))).Status);
        Assert.True(await store.TouchAsync("id2", DateTimeOffset.UtcNow.AddDays(2)));
        Assert.Equal(expired, await store.PruneAsync());
        Assert.Equal(1, await store.LengthAsync());
        Assert.True(await store.DestroyAsync("id2"));
        await store.ClearAsync();
    }

    private static async Task<string> RoleAsync(Database database, string rights)
    {
        var role = "role_" + Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(6));
        await database.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'role'");
        await database.ExecuteAsync($"GRANT {rights} ON session TO {role}");
        return new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = role, Password = "role" }.ConnectionString;
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
