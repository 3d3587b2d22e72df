using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Npgsql;
using SessionStores.Backends;

namespace SessionStores.Postgres.Tests;

/// <summary>Calls that share a statement.</summary>
public sealed partial class SharingTests(PostgresServerFixture server)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(256)]
    public async Task Requests_that_wait_at_the_same_time_take_less_than_a_statement_each(int callers)
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE EXTENSION pg_stat_statements");
        await using var store = database.Store(options => options.ShareRoundTrips = true);
        for (var i = 0; i < callers; i++)
            await store.CreateAsync($"id{i}", Database.Content());

        const int Rounds = 10;
        var before = await StatementsAsync(database);
        await Task.WhenAll(Enumerable.Range(0, callers).Select(i => Task.Run(async () =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                var record = (await store.GetAsync($"id{i}"))!;
                Assert.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync($"id{i}", record.Version, Database.Content($"{{\"n\":{round}}}"))).Status);
            }
        })));

        var perRequest = (await StatementsAsync(database) - before) / (double)(callers * Rounds);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{callers} callers: {perRequest:F2} statements for a read and a replacement"));
        switch (callers)
        {
            case 1:
                Assert.Equal(2, perRequest); // as without sharing
                break;
            case 32:
                Assert.InRange(perRequest, 0, 1.5);
                break;
            default:
                Assert.InRange(perRequest, 0, 0.5);
                break;
        }
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_fails_its_own_caller_only()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = Sharing(database);
        for (var i = 0; i < 8; i++)
            await store.CreateAsync($"id{i}", Database.Content($"{{\"n\":{i}}}"));

        await database.ExecuteAsync("UPDATE session SET sess = '[1]' WHERE sid = 'id3'");

        var reads = await TogetherAsync(store, database, Enumerable.Range(0, 8), async i => await store.GetAsync($"id{i}"));

        for (var i = 0; i < 8; i++)
        {
            if (i == 3)
                Assert.Equal(SessionStoreFault.Unreadable, (await Assert.ThrowsAsync<SessionStoreException>(() => reads[i])).Fault);
            else
                Assert.Equal($"{{\"n\":{i}}}", Encoding.UTF8.GetString((await reads[i])!.Payload.Span));
        }
    }

    [Fact]
    public async Task A_row_that_the_server_refuses_fails_its_own_caller_only()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = Sharing(database);
        var versions = await CreateAsync(store, 8);
        await database.ExecuteAsync(
            """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'XX000'; END $f$;
            CREATE TRIGGER refuse BEFORE UPDATE ON session FOR EACH ROW WHEN (NEW.sid = 'id3') EXECUTE FUNCTION refuse();
            """);

        var writes = await TogetherAsync(store, database, Enumerable.Range(0, 8), async i => await store.ReplaceAsync($"id{i}", versions[i], Database.Content("""{"n":"new"}""")));

        for (var i = 0; i < 8; i++)
        {
            if (i == 3)
                Assert.Equal(SessionStoreFault.Failed, (await Assert.ThrowsAsync<SessionStoreException>(() => writes[i])).Fault);
            else
                Assert.Equal(SessionWriteStatus.Written, (await writes[i]).Status);
        }

        Assert.Equal(7, await database.ScalarAsync<long>("SELECT count(*) FROM session WHERE sess::text = '{\"n\":\"new\"}'"));
    }

    [Fact]
    public async Task A_row_that_another_transaction_holds_holds_up_its_own_caller_only()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = Sharing(database);
        var versions = await CreateAsync(store, 8);
        await using var connection = await database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var locking = new NpgsqlCommand("SELECT FROM session WHERE sid = 'id3' FOR UPDATE", connection, transaction))
            await locking.ExecuteNonQueryAsync();

        var writes = Enumerable.Range(0, 8).Select(i => store.ReplaceAsync($"id{i}", versions[i], Database.Content("""{"n":"new"}""")).AsTask()).ToArray();

        for (var i = 0; i < 8; i++)
        {
            if (i != 3)
                Assert.Equal(SessionWriteStatus.Written, (await writes[i]).Status);
        }

        Assert.False(writes[3].IsCompleted);
        await transaction.RollbackAsync();
        Assert.Equal(SessionWriteStatus.Written, (await writes[3]).Status);
    }

    [Fact]
    public async Task Of_many_replacements_of_one_version_exactly_one_is_written_and_one_of_another_session_is_not_disturbed()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = Sharing(database);
        var versions = await CreateAsync(store, 2);

        var writes = await TogetherAsync(store, database, Enumerable.Range(0, 12),
            async i => await store.ReplaceAsync($"id{i % 2}", versions[i % 2], Database.Content($"{{\"by\":{i}}}")));
        var results = await Task.WhenAll(writes);

        for (var session = 0; session < 2; session++)
        {
            var written = Assert.Single(Enumerable.Range(0, 12), i => i % 2 == session && results[i].Status == SessionWriteStatus.Written);
            Assert.Equal($"{{\"by\":{written}}}", Encoding.UTF8.GetString((await store.GetAsync($"id{session}"))!.Payload.Span));
        }

        Assert.Equal(10, results.Count(result => result.Status == SessionWriteStatus.Conflict));
    }

    [Fact]
    public async Task A_replacement_of_a_session_that_has_ended_is_gone()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = Sharing(database);
        var versions = await CreateAsync(store, 3);
        await store.DestroyAsync("id0");
        await database.ExecuteAsync("UPDATE session SET expire = now() - interval '1 second' WHERE sid = 'id1'");

        var writes = await TogetherAsync(store, database, Enumerable.Range(0, 3), async i => await store.ReplaceAsync($"id{i}", versions[i], Database.Content("{}")));

        Assert.Equal([SessionWriteStatus.Gone, SessionWriteStatus.Gone, SessionWriteStatus.Written], (await Task.WhenAll(writes)).Select(result => result.Status));
        Assert.Null(await store.GetAsync("id0"));
        Assert.Null(await store.GetAsync("id1"));
    }

    [Fact]
    public async Task No_increment_is_lost_or_done_twice_while_calls_are_cancelled_and_connections_die()
    {
        var seed = Random.Shared.Next(1_000_000);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        await using var database = await server.CreateDatabaseAsync();
        await using var store = Sharing(database);
        const int Sessions = 6;
        for (var i = 0; i < Sessions; i++)
            await store.CreateAsync($"id{i}", Database.Content("""{"by":[]}"""));

        // What a call whose end is unknown wrote, it wrote at most once; what is acknowledged, exactly once.
        ConcurrentBag<string> acknowledged = [], unknown = [];
        using var end = new CancellationTokenSource();
        var killing = KillConnectionsAsync(database, new Random(seed), end.Token);
        await Task.WhenAll(Enumerable.Range(0, 24).Select(caller => Task.Run(async () =>
        {
            var random = new Random((seed * 100) + caller);
            for (var i = 0; i < 12; i++)
            {
                var (id, mark) = ($"id{random.Next(Sessions)}", $"{caller}.{i}");
                using var source = new CancellationTokenSource();
                if (random.Next(4) == 0)
                    source.CancelAfter(random.Next(20));

                try
                {
                    if (await AppendAsync(store, id, mark, source.Token))
                        acknowledged.Add(mark);
                }
                catch (Exception exception) when (exception is OperationCanceledException or SessionStoreException { Fault: SessionStoreFault.Unavailable })
                {
                    unknown.Add(mark);
                }
            }
        })));
        await end.CancelAsync();
        await killing;

        var stored = new List<string>();
        for (var i = 0; i < Sessions; i++)
        {
            var text = await database.ScalarAsync<string>("SELECT sess::text FROM session WHERE sid = $1", $"id{i}");
            stored.AddRange(System.Text.Json.JsonDocument.Parse(text).RootElement.GetProperty("by").EnumerateArray().Select(mark => mark.GetString()!));
        }

        Assert.Equal(stored.Count, stored.Distinct().Count());
        Assert.Empty(acknowledged.Except(stored));
        Assert.Empty(stored.Except(acknowledged).Except(unknown));
        Assert.NotEmpty(acknowledged);
    }

    [Fact]
    public async Task Calls_that_wait_when_the_store_is_disposed_end()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxPoolSize = 1, Timeout = 60 });
        var store = new PostgresStore(source, new PostgresStoreOptions { ShareRoundTrips = true, SharesAlways = true, OperationTimeout = Deadline });
        await store.SetUpAsync();
        Task<SessionRecord?>[] reads;
        await using (await source.OpenConnectionAsync())
        {
            reads = [.. Enumerable.Range(0, 300).Select(i => store.GetAsync($"id{i}").AsTask())];
            await store.DisposeAsync();
        }

        foreach (var read in reads)
        {
            if (await Record.ExceptionAsync(() => read) is { } exception)
                Assert.IsType<ObjectDisposedException>(exception);
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.GetAsync("id"));
    }

    [Fact]
    public async Task A_store_that_shares_nothing_sends_a_statement_for_each_call()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE EXTENSION pg_stat_statements");
        await using var store = database.Store(options => options.ShareRoundTrips = false);
        await store.CreateAsync("id", Database.Content());
        var before = await StatementsAsync(database);

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => store.GetAsync("id").AsTask()));

        Assert.Equal(100, await StatementsAsync(database) - before);
    }

    private static PostgresStore Sharing(Database database) => database.Store(options => options.ShareRoundTrips = options.SharesAlways = true);

    private static async Task<bool> AppendAsync(PostgresStore store, string id, string mark, CancellationToken cancellationToken)
    {
        while (true)
        {
            var record = (await store.GetAsync(id, null, cancellationToken))!;
            var text = Encoding.UTF8.GetString(record.Payload.Span).Replace("]", $",\"{mark}\"]", StringComparison.Ordinal).Replace("[,", "[", StringComparison.Ordinal);
            var result = await store.ReplaceAsync(id, record.Version, Database.Content(text), cancellationToken);
            if (result.Status != SessionWriteStatus.Conflict)
                return result.Status == SessionWriteStatus.Written;
        }
    }

    private static async Task KillConnectionsAsync(Database database, Random random, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            await database.ExecuteAsync(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT $1", random.Next(1, 3));
            for (var turns = random.Next(200); turns > 0; turns--)
                await Task.Yield();
        }
    }

    private static async Task<SessionVersion[]> CreateAsync(PostgresStore store, int count)
    {
        var versions = new SessionVersion[count];
        for (var i = 0; i < count; i++)
            versions[i] = (await store.CreateAsync($"id{i}", Database.Content($"{{\"n\":{i}}}"))).Version;

        return versions;
    }

    /// <summary>Starts calls while the table is locked, so that they gather.</summary>
    private static async Task<Task<T>[]> TogetherAsync<T>(PostgresStore store, Database database, IEnumerable<int> numbers, Func<int, Task<T>> call)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var locking = new NpgsqlCommand("LOCK TABLE session IN ACCESS EXCLUSIVE MODE", connection, transaction))
            await locking.ExecuteNonQueryAsync();

        var first = store.GetAsync("none").AsTask();
        Task<T>[] calls = [.. numbers.Select(call)];
        await transaction.RollbackAsync();
        await first;
        return calls;
    }

    private static async Task<long> StatementsAsync(Database database) => await database.ScalarAsync<long>(
        "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query NOT LIKE '%pg_stat_statements%'");
}
