using System.Text;
using Npgsql;

namespace SessionStores.Postgres.Tests;

/// <summary>What an epoch writes and reads at the server.</summary>
public sealed class EpochTests(PostgresServerFixture server)
{
    private const string Rows =
        """
        INSERT INTO session (sid, sess, expire, subject)
        SELECT subject || n, '{"cookie":{}}', now() + interval '1 hour', subject FROM generate_series(1, 100000) AS n, unnest(ARRAY['alice', 'bob']) AS subject WHERE subject = 'alice' OR n <= 10
        """;

    private const string Epochs = "SELECT count(*) FROM session WHERE starts_with(sid, E'\\x01epoch:')";

    [Fact]
    public async Task One_call_voids_100000_sessions_by_writing_one_row()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store(options => options.Epochs = true);
        await using var other = database.Store(options => options.Epochs = true);
        await store.SetUpAsync();
        await database.ExecuteAsync(Rows);
        Assert.Equal(100_000, await other.CountBySubjectAsync("alice"));

        await store.VoidBySubjectAsync("alice");

        // The rows are as they were, beside a new one.
        Assert.Equal(100_011L, await database.ScalarAsync<long>("SELECT count(*) FROM session"));
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM session WHERE xmin = (SELECT xmin FROM session WHERE starts_with(sid, E'\\x01epoch:'))"));
        Assert.Null(await other.GetAsync("alice1"));
        Assert.Null(await other.GetAsync("alice100000"));
        Assert.Equal(0, await other.CountBySubjectAsync("alice"));
        Assert.Equal(10, await other.LengthAsync());
        Assert.Equal(100_000, await other.PruneAsync());
        Assert.Equal(11L, await database.ScalarAsync<long>("SELECT count(*) FROM session"));
    }

    [Fact]
    public async Task A_read_finds_the_epoch_by_an_index()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store(options => options.Epochs = true);
        await store.SetUpAsync();
        await database.ExecuteAsync("INSERT INTO session (sid, sess, expire, subject) SELECT 'id' || n, '{}', now() + interval '1 hour', 'user' || n FROM generate_series(1, 5000) AS n");
        await store.VoidBySubjectAsync("carol");
        await database.ExecuteAsync("ANALYZE session");
        var commands = new PostgresCommands(
            "session", 0, zone: null, timeToLiveSeconds: null, hasSubject: true, hasJoined: true, hasEpochs: true, hasKeys: false, hasExpireIndex: false, SessionArguments.DefaultMaxPayloadBytes);

        Assert.Equal(2, CountOf("Index Scan using session_pkey", await PlanAsync(database, commands.Get.Replace("$1", "'id7'", StringComparison.Ordinal))));
        Assert.DoesNotContain("Seq Scan", await PlanAsync(database, commands.Get.Replace("$1", "'id7'", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan on session", await PlanAsync(database, commands.PruneSubjects!.Replace("@Size", "1000", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_epoch_is_kept_for_a_day_and_while_a_void_session_is_stored()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store(options => options.Epochs = true);
        await store.CreateAsync("a", Database.Content(subject: "alice"));
        await store.VoidBySubjectAsync("alice");
        await store.PruneAsync();
        await store.PruneAsync();
        Assert.Equal(1L, await database.ScalarAsync<long>(Epochs));

        await store.CreateAsync("b", Database.Content(subject: "alice"));
        await database.ExecuteAsync("UPDATE session SET joined = joined - interval '2 days'");
        await database.ExecuteAsync("UPDATE session SET joined = joined - interval '1 hour' WHERE sid = 'b'");
        await using (var holder = await database.Source.OpenConnectionAsync())
        await using (await holder.BeginTransactionAsync())
        {
            await using (var command = new NpgsqlCommand("SELECT FROM session WHERE sid = 'b' FOR UPDATE", holder))
                await command.ExecuteNonQueryAsync();

            await store.PruneAsync();
            Assert.Equal(1L, await database.ScalarAsync<long>(Epochs));
            Assert.Null(await store.GetAsync("b"));
        }

        Assert.Equal(1, await store.PruneAsync());
        await store.PruneAsync();
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM session"));
    }

    [Fact]
    public async Task A_log_in_under_way_is_void_once_it_is_committed()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store(options => options.Epochs = true);
        await store.SetUpAsync();
        await using var connection = await database.Source.OpenConnectionAsync();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using (var command = new NpgsqlCommand("INSERT INTO session (sid, sess, expire, subject) VALUES ('late', '{}', 'infinity', 'alice')", connection))
                await command.ExecuteNonQueryAsync();

            await store.VoidBySubjectAsync("alice");
            await transaction.CommitAsync();
        }

        Assert.Null(await store.GetAsync("late"));
    }

    [Fact]
    public async Task Sessions_from_before_the_column_joined_are_void_too()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE session (sid varchar PRIMARY KEY, sess json NOT NULL, expire timestamp(6) NOT NULL, subject varchar)");
        await database.ExecuteAsync("INSERT INTO session VALUES ('old', '{}', 'infinity', 'alice'), ('other', '{}', 'infinity', 'bob'), ('none', '{}', 'infinity', NULL)");
        await using var store = database.Store(options => options.Epochs = true);

        await store.VoidBySubjectAsync("alice");

        Assert.Null(await store.GetAsync("old"));
        Assert.NotNull(await store.GetAsync("other"));
        Assert.NotNull(await store.GetAsync("none"));
        Assert.Equal(1, await store.PruneAsync());
    }

    [Fact]
    public async Task A_table_without_the_column_joined_is_refused_with_what_mends_it()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE session (sid varchar PRIMARY KEY, sess json NOT NULL, expire timestamptz(6) NOT NULL, subject varchar)");
        await using var store = database.Store(options => (options.Epochs, options.CreateIfMissing) = (true, false));

        var exception = await Assert.ThrowsAsync<SessionStoreException>(() => store.GetAsync("id").AsTask());

        Assert.Equal(SessionStoreFault.Misconfigured, exception.Fault);
        Assert.Contains("Epochs", exception.Message, StringComparison.Ordinal);
        Assert.Contains("joined", await store.ScriptAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_option_there_are_no_epochs()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();

        Assert.Null(((ISessionStore)store).GetCapability<ISessionEpochs>());
        Assert.Contains("Epochs", (await Assert.ThrowsAsync<NotSupportedException>(() => store.VoidBySubjectAsync("alice").AsTask())).Message, StringComparison.Ordinal);
    }

    private static int CountOf(string text, string plan) => plan.Split(text).Length - 1;

    private static async Task<string> PlanAsync(Database database, string sql)
    {
        var plan = new StringBuilder();
        await using var command = database.Source.CreateCommand($"EXPLAIN {sql}");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            plan.AppendLine(reader.GetString(0));

        return plan.ToString();
    }
}
