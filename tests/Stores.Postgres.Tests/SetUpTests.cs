using System.Text;
using System.Transactions;
using Npgsql;
using SessionStores.Tests;

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
        Assert.Equal(SessionWriteStatus.Written, (await store.RotateAsync("id", "id2", SessionVersion.Any, Database.Content(subject: "user"))).Status);
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

    [Fact]
    public async Task The_SQL_of_the_README_is_the_script()
    {
        var readme = await File.ReadAllTextAsync(Repository.PathOf("src/Stores.Postgres/README.md"));
        var blocks = readme.Split("```sql\n").Skip(1).Select(part => part[..part.IndexOf("```", StringComparison.Ordinal)]).ToList();
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();

        await database.ExecuteAsync(blocks.Single(block => block.StartsWith("CREATE TABLE", StringComparison.Ordinal)));
        Assert.Equal("", await store.ScriptAsync());

        await database.ExecuteAsync("ALTER TABLE session DROP COLUMN subject; ALTER TABLE session ALTER COLUMN expire TYPE timestamp(6)");
        Assert.NotEqual("", await store.ScriptAsync());
        foreach (var block in blocks.Order(StringComparer.Ordinal)) // the columns of an adopted table before its index
            await database.ExecuteAsync(block);

        Assert.Equal("", await store.ScriptAsync());
        await UseEverythingAsync(store, "user");
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
            async () => await store.ReplaceAsync("id", SessionVersion.Any, content),
            async () => await store.SetAsync("id", content),
            async () => await store.TouchAsync("id", DateTimeOffset.UtcNow),
            async () => await store.DestroyAsync("id"),
            async () => await store.RotateAsync("id", "new", SessionVersion.Any, content),
            async () => await store.LengthAsync(),
            async () => await store.ClearAsync(),
            async () => await store.PageBySubjectAsync("user"),
            async () => await store.CountBySubjectAsync("user"),
            async () => await store.DestroyBySubjectAsync("user"),
            async () => await store.PruneAsync(),
        })
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(call);
        }

        Assert.Throws<ObjectDisposedException>(() => store.AllAsync());
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
        Assert.Equal(SessionWriteStatus.Written, (await store.RotateAsync("id", "id2", SessionVersion.Any, Database.Content(subject: subject))).Status);
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
}
