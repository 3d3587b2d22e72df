using System.Globalization;
using Npgsql;
using SessionStores.Backends;

namespace SessionStores.Postgres.Tests;

/// <summary>Behind PgBouncer in transaction mode, and on a primary with a streaming replica.</summary>
public sealed class TopologyTests(PostgresServerFixture server)
{
    [Fact]
    public async Task Behind_a_pooler_in_transaction_mode_everything_works_and_nothing_is_prepared()
    {
        var lease = await PgBouncerBackend.StartAsync(server.Backend);
        Assert.SkipUnless(lease.IsAvailable, lease.Reason);
        await using var bouncer = lease.Backend;
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store(connectionString: bouncer.Through(database.ConnectionString));

        await Task.WhenAll(Enumerable.Range(0, 40).Select(n => Task.Run(async () =>
        {
            for (var round = 0; round < 10; round++)
            {
                var id = $"id{n}-{round}";
                var content = Database.Content($$"""{"n":{{n}}}""", subject: $"user{n}");
                Assert.Equal(SessionWriteStatus.Written, (await store.CreateAsync(id, content)).Status);
                var record = (await store.GetAsync(id, new SlidingExpiry(TimeSpan.FromDays(1), DateTimeOffset.UtcNow.AddDays(1))))!;
                Assert.Equal($"user{n}", record.Subject);
                Assert.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync(id, record.Version, content)).Status);
                Assert.True(await store.TouchAsync(id, DateTimeOffset.UtcNow.AddDays(3)));
                Assert.Equal(SessionWriteStatus.Written, (await store.RotateAsync(id, id + "r", SessionVersion.Any, content)).Status);
                Assert.Null(await store.GetAsync(id));
                if (round > 0)
                    Assert.True(await store.DestroyAsync(id + "r"));
            }
        })));

        await using var behind = new Database(bouncer.Through(database.ConnectionString));
        var prepared = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => behind.ScalarAsync<long>("SELECT count(*) FROM pg_prepared_statements, pg_sleep(0.05)")));
        Assert.All(prepared, count => Assert.Equal(0, count));
        Assert.Equal(40, await store.LengthAsync());
        Assert.Equal(0, await store.PruneAsync());
        Assert.Equal(1, await store.DestroyBySubjectAsync("user7"));
    }

    [Fact]
    public async Task Without_a_pooler_statements_are_prepared_unless_told_not_to()
    {
        await using var database = await server.CreateDatabaseAsync();
        foreach (var (prepare, expected) in new (bool?, long)[] { (null, 1), (true, 1), (false, 0) })
        {
            await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxPoolSize = 1, NoResetOnClose = true });
            await using var store = new PostgresStore(source, new PostgresStoreOptions { PrepareStatements = prepare });
            await store.GetAsync("id");

            await using var command = source.CreateCommand("SELECT count(*) FROM pg_prepared_statements");
            Assert.Equal(expected, await command.ExecuteScalarAsync());
        }
    }

    [Fact]
    public async Task A_multiplexing_data_source_works()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Multiplexing = true });
        await using var store = new PostgresStore(source);

        await Task.WhenAll(Enumerable.Range(0, 50).Select(async n =>
        {
            var created = await store.CreateAsync($"id{n}", Database.Content());
            Assert.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync($"id{n}", created.Version, Database.Content("""{"n":1}"""))).Status);
        }));

        Assert.Equal(50, await store.LengthAsync());
    }

    [Fact]
    public async Task After_a_promotion_the_store_goes_on_by_itself_with_all_that_was_acknowledged()
    {
        var lease = await PostgresReplicaBackend.StartAsync(new PostgresReplicaBackendOptions { Sources = BackendSources.Controlled, Synchronous = true });
        Assert.SkipUnless(lease.IsAvailable, lease.Reason);
        await using var backend = lease.Backend;
        var both = new NpgsqlConnectionStringBuilder(await backend.CreateDatabaseAsync()) { TargetSessionAttributes = null };

        // A write waits for the standby, which on a busy machine takes seconds.
        await using var store = new PostgresStore(both.ConnectionString, new PostgresStoreOptions { OperationTimeout = TimeSpan.FromSeconds(20) });
        await FaultTests.UntilItWorksAsync(store);
        var acknowledged = new List<string>();
        for (var n = 0; n < 200; n++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"id{n}");
            await store.CreateAsync(id, Database.Content());
            acknowledged.Add(id);
        }

        await backend.Primary.KillAsync();
        await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("id0"));
        await backend.PromoteAsync();
        await FaultTests.UntilItWorksAsync(store);

        foreach (var id in acknowledged)
            Assert.NotNull(await store.GetAsync(id));

        Assert.Equal(SessionWriteStatus.Written, (await store.CreateAsync("after", Database.Content())).Status);
    }

    [Fact]
    public async Task A_replica_takes_reads_and_says_that_it_takes_no_writes()
    {
        var lease = await PostgresReplicaBackend.StartAsync(new PostgresReplicaBackendOptions { Sources = BackendSources.Controlled });
        Assert.SkipUnless(lease.IsAvailable, lease.Reason);
        await using var backend = lease.Backend;
        var both = new NpgsqlConnectionStringBuilder(await backend.CreateDatabaseAsync());
        await using (var store = new PostgresStore(both.ConnectionString))
            await store.CreateAsync("id", Database.Content());

        await backend.WaitUntilInSyncAsync();
        var alone = new NpgsqlConnectionStringBuilder(backend.ConnectionStringOf(backend.Replica)) { Database = both.Database };
        await using var onReplica = new PostgresStore(alone.ConnectionString);

        Assert.NotNull(await onReplica.GetAsync("id"));
        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await onReplica.DestroyAsync("id"));
        Assert.Equal(SessionStoreFault.ReadOnly, exception.Fault);
    }
}
