namespace SessionStores.Postgres.Tests;

/// <summary>Pruning by the blocks of the table, and by the index of an adopted one.</summary>
public sealed class PruningTests(PostgresServerFixture server)
{
    private const string Fill =
        """
        INSERT INTO session (sid, sess, expire)
        SELECT CASE WHEN n % 3 = 0 THEN 'live' ELSE 'dead' END || n, '{"filler":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}',
          now() + CASE WHEN n % 3 = 0 THEN interval '1 hour' ELSE interval '-1 second' * n END
        FROM generate_series(1, 60000) AS n
        """;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Many_pruners_remove_each_expired_row_once_and_no_live_one(bool adopted)
    {
        await using var database = await server.CreateDatabaseAsync();
        if (adopted)
            await database.ExecuteAsync(NodeSql.CreateTable("session"));

        var stores = Enumerable.Range(0, 5).Select(_ => database.Store()).ToArray();
        await stores[0].SetUpAsync();
        await database.ExecuteAsync(Fill);
        var pruned = await Task.WhenAll(stores.Select(store => Task.Run(async () => await store.PruneAsync(500))));

        Assert.Equal(40_000, pruned.Sum());
        Assert.Equal(20_000, await database.ScalarAsync<long>("SELECT count(*) FROM session"));
        Assert.Equal(20_000, await stores[0].LengthAsync());
        foreach (var store in stores)
            await store.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_session_that_is_brought_back_to_life_while_pruners_work_stays(bool adopted)
    {
        await using var database = await server.CreateDatabaseAsync();
        if (adopted)
            await database.ExecuteAsync(NodeSql.CreateTable("session"));

        await using var store = database.Store();
        await store.SetUpAsync();
        await database.ExecuteAsync(Fill);
        var done = false;
        var pruner = Task.Run(async () =>
        {
            while (!Volatile.Read(ref done))
                await store.PruneAsync(50);
        });
        for (var n = 1; n <= 600; n++)
            await store.SetAsync($"dead{n}", Database.Content());

        Volatile.Write(ref done, true);
        await pruner;

        for (var n = 1; n <= 600; n++)
            Assert.NotNull(await store.GetAsync($"dead{n}"));
    }

    [Fact]
    public Task A_row_that_another_transaction_holds_is_skipped() =>
        PrunesBesideAsync("SELECT FROM session WHERE sid = 'held' FOR UPDATE", removed: 1);

    [Fact]
    public Task A_pruner_leaves_the_work_to_the_one_that_is_at_it() =>
        PrunesBesideAsync("SELECT pg_advisory_xact_lock(1397052243, 'session'::regclass::oid::int)", removed: 0);

    [Theory]
    [InlineData("SELECT sid FROM session WHERE ctid >= '(0,0)'::text::tid AND ctid < '(256,0)'::text::tid AND expire < now() ORDER BY ctid LIMIT 10 FOR UPDATE SKIP LOCKED", "Tid Range Scan", false)]
    [InlineData("SELECT sid FROM session WHERE expire < now() AT TIME ZONE 'UTC' ORDER BY expire LIMIT 10 FOR UPDATE SKIP LOCKED", "IDX_session_expire", true)]
    public async Task A_batch_reads_no_more_than_its_range(string sql, string plan, bool adopted)
    {
        await using var database = await server.CreateDatabaseAsync();
        if (adopted)
            await database.ExecuteAsync(NodeSql.CreateTable("session"));

        await using var store = database.Store();
        await store.SetUpAsync();
        await database.ExecuteAsync(Fill);
        await database.ExecuteAsync("ANALYZE session");
        var lines = new List<string>();
        await using var command = database.Source.CreateCommand("EXPLAIN " + sql);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            lines.Add(reader.GetString(0));

        Assert.Contains(lines, line => line.Contains(plan, StringComparison.Ordinal));
    }

    /// <summary>Prunes two expired records beside a transaction that holds a lock, and again after it.</summary>
    private async Task PrunesBesideAsync(string locking, int removed)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        await store.SetAsync("held", Database.Content(life: TimeSpan.FromHours(-1)));
        await store.SetAsync("free", Database.Content(life: TimeSpan.FromHours(-1)));
        await using var connection = await database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var command = new Npgsql.NpgsqlCommand(locking, connection, transaction))
            await command.ExecuteNonQueryAsync();

        Assert.Equal(removed, await store.PruneAsync());
        await transaction.RollbackAsync();
        Assert.Equal(2 - removed, await store.PruneAsync());
    }
}
