using Npgsql;
using SessionStores.Backends;

namespace SessionStores.Postgres.Tests;

/// <summary>Errors of the server: one typed exception, and the same store continues.</summary>
public sealed class FaultTests(PostgresServerFixture server)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task An_exhausted_pool_ends_the_call_at_the_stores_limit_and_the_store_continues()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxPoolSize = 2, Timeout = 0 });
        await using var store = new PostgresStore(source, new PostgresStoreOptions { OperationTimeout = TimeSpan.FromSeconds(2) });
        await using (await source.OpenConnectionAsync())
        await using (await source.OpenConnectionAsync())
        {
            var exception = await EndsAsync(async () => await store.GetAsync("id"));
            Assert.Equal(SessionStoreFault.Timeout, exception.Fault);
        }

        await UntilItWorksAsync(store);
    }

    [Fact]
    public async Task A_call_that_ran_out_of_time_is_not_started_when_a_connection_becomes_free()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxPoolSize = 1, Timeout = 60 });
        await using var store = new PostgresStore(source, new PostgresStoreOptions { OperationTimeout = TimeSpan.FromMilliseconds(500) });
        await store.SetUpAsync();
        await using (await source.OpenConnectionAsync())
            await Assert.ThrowsAsync<SessionStoreException>(async () => await store.SetAsync("late", Database.Content()));

        await UntilItWorksAsync(store);

        Assert.Null(await store.GetAsync("late"));
    }

    [Fact]
    public async Task A_statement_that_ran_out_of_time_is_cancelled_at_the_server()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store(options => options.OperationTimeout = TimeSpan.FromMilliseconds(500));
        await store.CreateAsync("id", Database.Content());
        await using var connection = await database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var locking = new NpgsqlCommand("SELECT FROM session FOR UPDATE", connection, transaction);
        await locking.ExecuteNonQueryAsync();

        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.DestroyAsync("id"));

        Assert.Equal(SessionStoreFault.Timeout, exception.Fault);
        await Wait.UntilAsync(async _ => await database.ScalarAsync<long>(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == 0, Deadline, "the statement to be gone from the server");
        await transaction.RollbackAsync();
        Assert.NotNull(await store.GetAsync("id"));
    }

    [Fact]
    public async Task A_statement_time_out_of_the_server_is_a_time_out()
    {
        await using var database = await server.CreateDatabaseAsync();
        var limited = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Options = "-c statement_timeout=500" };
        await using var store = database.Store(connectionString: limited.ConnectionString);
        await store.CreateAsync("id", Database.Content());
        await using var connection = await database.Source.OpenConnectionAsync();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using var locking = new NpgsqlCommand("SELECT FROM session FOR UPDATE", connection, transaction);
            await locking.ExecuteNonQueryAsync();

            var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.DestroyAsync("id"));
            Assert.Equal(SessionStoreFault.Timeout, exception.Fault);
        }

        Assert.True(await store.DestroyAsync("id"));
    }

    [Theory]
    [InlineData("53100", SessionStoreFault.ReadOnly)]
    [InlineData("25006", SessionStoreFault.ReadOnly)]
    [InlineData("42501", SessionStoreFault.Refused)]
    [InlineData("57P01", SessionStoreFault.Unavailable)]
    [InlineData("53300", SessionStoreFault.Unavailable)]
    [InlineData("57014", SessionStoreFault.Timeout)]
    [InlineData("XX000", SessionStoreFault.Failed)]
    public async Task An_error_of_the_server_is_reported_by_its_kind_and_leaves_no_half_write(string sqlState, SessionStoreFault fault)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        await store.CreateAsync("secret-id", Database.Content("""{"n":"secret-1"}"""));
        var loaded = (await store.GetAsync("secret-id"))!;
        await database.ExecuteAsync(
            $$"""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
            $f$ BEGIN RAISE EXCEPTION 'quota exceeded' USING ERRCODE = '{{sqlState}}', DETAIL = format('row %s %s', NEW.sid, NEW.sess); END $f$;
            CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON session FOR EACH ROW EXECUTE FUNCTION refuse();
            """);

        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.ReplaceAsync("secret-id", loaded.Version, Database.Content("""{"n":"secret-2"}""")));
        await database.ExecuteAsync("DROP TRIGGER refuse ON session");

        Assert.Equal(fault, exception.Fault);
        Assert.DoesNotContain("secret", exception.ToString(), StringComparison.Ordinal);
        Assert.Equal(loaded.Version, (await store.GetAsync("secret-id"))!.Version);
        Assert.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync("secret-id", loaded.Version, Database.Content())).Status);
    }

    [Fact]
    public async Task An_application_that_shows_error_details_shows_none_of_a_session()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString) { IncludeErrorDetail = true });
        await using var store = new PostgresStore(source);
        await store.CreateAsync("id", Database.Content());
        await database.ExecuteAsync("ALTER TABLE session ADD CHECK (sid NOT LIKE 'secret%')");

        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.CreateAsync("secret-id", Database.Content()));

        Assert.DoesNotContain("secret", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_credentials_are_refused_and_not_repeated()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store(connectionString: new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = "unknown", Password = "hunter2" }.ConnectionString);

        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("id"));

        Assert.Equal(SessionStoreFault.Refused, exception.Fault);
        Assert.DoesNotContain("hunter2", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_that_is_no_object_is_unreadable_and_stays()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        await store.SetUpAsync();
        foreach (var json in new[] { "null", "[]", "5", "\"text\"", "false" })
        {
            await database.ExecuteAsync("DELETE FROM session");
            await database.ExecuteAsync($"INSERT INTO session (sid, sess, expire) VALUES ('odd', '{json}', now() + interval '1 hour'), ('bare', '{{}}', 'infinity')");

            var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("odd"));
            var sliding = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("odd", new SlidingExpiry(TimeSpan.FromDays(1), DateTimeOffset.UtcNow.AddDays(2))));

            Assert.Equal(SessionStoreFault.Unreadable, exception.Fault);
            Assert.Equal(SessionStoreFault.Unreadable, sliding.Fault);
            Assert.Equal(["bare"], (await store.AllAsync().ToListAsync()).Select(record => record.Id));
            Assert.NotNull(await store.GetAsync("bare"));
            Assert.Equal(2, await database.ScalarAsync<long>("SELECT count(*) FROM session"));
        }
    }

    [Fact]
    public async Task A_cancelled_wait_ends_at_once()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        await store.CreateAsync("id", Database.Content());
        await using var connection = await database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var locking = new NpgsqlCommand("SELECT FROM session FOR UPDATE", connection, transaction);
        await locking.ExecuteNonQueryAsync();
        using var cancellation = new CancellationTokenSource();

        var waiting = store.DestroyAsync("id", cancellation.Token).AsTask();
        await Wait.UntilAsync(async _ => await database.ScalarAsync<long>("SELECT count(*) FROM pg_locks WHERE NOT granted") > 0, Deadline, "the store to wait");
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Wait.UntilAsync(async _ => await database.ScalarAsync<long>("SELECT count(*) FROM pg_locks WHERE NOT granted") == 0, Deadline, "the server to give up");
        await transaction.RollbackAsync();
        Assert.NotNull(await store.GetAsync("id"));
    }

    [Fact]
    public async Task A_server_that_hangs_ends_each_of_many_calls_at_the_stores_limit()
    {
        await using var backend = await OwnServerAsync();
        await using var store = new PostgresStore(await backend.CreateDatabaseAsync(), new PostgresStoreOptions { OperationTimeout = TimeSpan.FromSeconds(2) });
        await UntilItWorksAsync(store);
        await store.CreateAsync("id", Database.Content());
        await backend.PauseAsync();
        try
        {
            var calls = Enumerable.Range(0, 200).Select(_ => EndsAsync(async () => await store.GetAsync("id")));
            Assert.All(await Task.WhenAll(calls), exception => Assert.Equal(SessionStoreFault.Timeout, exception.Fault));
        }
        finally
        {
            await backend.ResumeAsync();
        }

        await UntilItWorksAsync(store);
        Assert.NotNull(await store.GetAsync("id"));
    }

    [Fact]
    public async Task Nothing_that_was_acknowledged_is_lost_when_the_server_is_killed()
    {
        await using var backend = await OwnServerAsync();
        await using var store = new PostgresStore(await backend.CreateDatabaseAsync());
        await UntilItWorksAsync(store);
        const int Writes = 10_000;
        var acknowledged = new int[Writes];
        var next = -1;
        var failed = 0;
        var count = 0;
        var writers = Enumerable.Range(0, 32).Select(_ => Task.Run(async () =>
        {
            for (int n; (n = Interlocked.Increment(ref next)) < Writes;)
            {
                try
                {
                    var created = await store.CreateAsync($"id{n}", Database.Content($$"""{"n":{{n}},"step":1}"""));
                    acknowledged[n] = 1;
                    if (n % 2 == 0 && (await store.ReplaceAsync($"id{n}", created.Version, Database.Content($$"""{"n":{{n}},"step":2}"""))).Status == SessionWriteStatus.Written)
                        acknowledged[n] = 2;

                    Interlocked.Increment(ref count);
                }
                catch (SessionStoreException)
                {
                    Interlocked.Increment(ref failed);
                }
            }
        })).ToArray();

        await Wait.UntilAsync(() => Volatile.Read(ref count) >= 3000, TimeSpan.FromMinutes(3), "3,000 writes");
        await backend.KillAsync();
        await backend.RestartAsync();
        await Task.WhenAll(writers);
        await UntilItWorksAsync(store);

        var lost = 0;
        for (var n = 0; n < Writes; n++)
        {
            if (acknowledged[n] > 0)
            {
                var text = await store.GetAsync($"id{n}") is { } record ? System.Text.Encoding.UTF8.GetString(record.Payload.Span) : "";
                lost += text.Contains($"\"n\":{n},", StringComparison.Ordinal) && (acknowledged[n] < 2 || text.Contains("\"step\":2", StringComparison.Ordinal)) ? 0 : 1;
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"acknowledged {acknowledged.Count(step => step > 0)}, failed {failed}, lost {lost}");
        Assert.Equal(0, lost);
        Assert.True(failed > 0, "No write met the kill.");
    }

    internal static async Task<PostgresBackend> OwnServerAsync()
    {
        var lease = await PostgresBackend.StartAsync(new PostgresBackendOptions { Sources = BackendSources.Controlled, Durable = true });
        Assert.SkipUnless(lease.IsAvailable, lease.Reason);
        return lease.Backend;
    }

    internal static Task UntilItWorksAsync(ISessionStore store) => Wait.UntilAsync(async _ =>
    {
        try
        {
            await store.GetAsync("probe");
            return true;
        }
        catch (SessionStoreException)
        {
            return false;
        }
    }, Deadline, "the store to work");

    /// <summary>The cause lasts and the driver's own limits are off, so only the store's limit can end the call.</summary>
    private static Task<SessionStoreException> EndsAsync(Func<Task> operation) => Assert.ThrowsAsync<SessionStoreException>(operation).WaitAsync(Deadline);
}
