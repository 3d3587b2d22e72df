using Npgsql;
using SessionStores.Backends;

namespace SessionStores.Postgres.Tests;

/// <summary>A rotation leaves a link, which a log-out under the old id follows, and nothing else.</summary>
public sealed class RotationLinkTests(PostgresServerFixture server)
{
    private const string Links = "SELECT count(*) FROM session WHERE sess::text LIKE '%__rotatedTo%'";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_destroy_under_an_old_id_ends_the_session_over_any_number_of_rotations(bool adopted)
    {
        await using var database = await server.CreateDatabaseAsync();
        if (adopted)
            await database.ExecuteAsync(NodeSql.CreateTable("session"));

        await using var store = database.Store();
        await store.CreateAsync("id0", Database.Content());
        await store.CreateAsync("other", Database.Content());
        for (var n = 0; n < RotationLink.MaxHops; n++)
            await store.RotateAsync($"id{n}", $"id{n + 1}", SessionVersion.Any, Database.Content());

        Assert.True(await store.DestroyAsync("id0"));
        Assert.False(await store.DestroyAsync("id0"));

        Assert.Equal(["other"], (await store.AllAsync().ToListAsync()).Select(record => record.Id));
    }

    [Theory]
    [InlineData("old", false)]
    [InlineData("old", true)]
    [InlineData("older", false)]
    public async Task A_destroy_that_waits_for_a_rotation_ends_the_session_under_its_new_id(string id, bool partitioned)
    {
        await using var database = await server.CreateDatabaseAsync();
        if (partitioned)
            await database.ExecuteAsync(Database.CreatePartitions);

        await using var store = database.Store();
        await store.CreateAsync("older", Database.Content());
        await store.RotateAsync("older", "old", SessionVersion.Any, Database.Content());
        var (rotated, destroyed) = await InOrderAsync(database, () => store.RotateAsync("old", "new", SessionVersion.Any, Database.Content()), () => store.DestroyAsync(id));

        Assert.Equal(SessionWriteStatus.Written, rotated.Status);
        Assert.True(destroyed);
        Assert.Equal(0, await store.LengthAsync());
    }

    [Fact]
    public async Task A_rotation_that_waits_for_a_destroy_creates_nothing()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        await store.CreateAsync("old", Database.Content());
        var (destroyed, rotated) = await InOrderAsync(database, () => store.DestroyAsync("old"), () => store.RotateAsync("old", "new", SessionVersion.Any, Database.Content()));

        Assert.True(destroyed);
        Assert.Equal(SessionWriteStatus.Gone, rotated.Status);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM session"));
    }

    [Fact]
    public async Task A_link_brings_nothing_back_under_the_old_id()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        var created = await store.CreateAsync("old", Database.Content());
        await store.RotateAsync("old", "new", SessionVersion.Any, Database.Content("""{"n":1}"""));

        Assert.Null(await store.GetAsync("old"));
        Assert.Null(await store.GetAsync("old", new SlidingExpiry(TimeSpan.FromDays(1), DateTimeOffset.UtcNow.AddDays(1))));
        Assert.False(await store.TouchAsync("old", DateTimeOffset.UtcNow.AddDays(1)));
        Assert.Equal(SessionWriteStatus.Gone, (await store.ReplaceAsync("old", created.Version, Database.Content())).Status);
        Assert.Equal(SessionWriteStatus.Gone, (await store.RotateAsync("old", "newer", SessionVersion.Any, Database.Content())).Status);
        Assert.Equal(["new"], (await store.AllAsync().ToListAsync()).Select(record => record.Id));
        Assert.Equal(1, await store.LengthAsync());
    }

    [Theory]
    [InlineData("create")]
    [InlineData("set")]
    [InlineData("rotate")]
    public async Task A_record_that_is_written_under_the_old_id_drops_the_link(string write)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        await store.CreateAsync("old", Database.Content());
        await store.RotateAsync("old", "new", SessionVersion.Any, Database.Content());
        if (write == "create")
        {
            await store.CreateAsync("old", Database.Content());
        }
        else if (write == "set")
        {
            await store.SetAsync("old", Database.Content());
        }
        else
        {
            await store.CreateAsync("third", Database.Content());
            await store.RotateAsync("third", "old", SessionVersion.Any, Database.Content());
        }

        Assert.True(await store.DestroyAsync("old"));
        Assert.False(await store.DestroyAsync("old"));

        Assert.NotNull(await store.GetAsync("new"));
    }

    [Fact]
    public async Task A_node_peer_neither_sees_a_link_nor_prunes_it_before_its_time()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(NodeSql.CreateTable("session"));
        await using var store = database.Store();
        await store.CreateAsync("old", Database.Content());
        await store.RotateAsync("old", "new", SessionVersion.Any, Database.Content());
        var now = NodeSql.Seconds(DateTimeOffset.UtcNow);

        Assert.Null(await database.FindAsync(NodeSql.Get("session"), "old", now));
        await database.ExecuteAsync(NodeSql.Touch("session"), now + 9000, "old");
        Assert.Null(await database.FindAsync(NodeSql.Get("session"), "old", now));
        await database.ExecuteAsync(NodeSql.Prune("session"), now + 120);
        Assert.True(await store.DestroyAsync("old"));

        Assert.Equal(0, await store.LengthAsync());
        await database.ExecuteAsync(NodeSql.Prune("session"), now + 600);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM session"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_link_whose_time_is_over_is_not_followed_and_pruned_without_being_counted(bool adopted)
    {
        await using var database = await server.CreateDatabaseAsync();
        if (adopted)
            await database.ExecuteAsync(NodeSql.CreateTable("session"));

        await using var store = database.Store();
        await store.CreateAsync("old", Database.Content());
        await store.RotateAsync("old", "new", SessionVersion.Any, Database.Content());
        Assert.True(await database.ScalarAsync<bool>(
            "SELECT expire - now()::timestamptz AT TIME ZONE current_setting('TimeZone') BETWEEN '4 minutes' AND '5 minutes 1 second' FROM (SELECT expire::timestamp FROM session WHERE sid LIKE E'\\x01%') AS link"));
        Assert.Equal(0, await store.PruneAsync());
        Assert.Equal(1, await database.ScalarAsync<long>(Links));
        await database.ExecuteAsync("UPDATE session SET expire = expire - interval '6 minutes' WHERE sid LIKE E'\\x01%'");

        Assert.False(await store.DestroyAsync("old"));
        Assert.Equal(0, await store.PruneAsync());

        Assert.Equal(0, await database.ScalarAsync<long>(Links));
        Assert.NotNull(await store.GetAsync("new"));
    }

    [Fact]
    public async Task Clear_removes_links_and_none_holds_the_old_id()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        await store.CreateAsync("the-old-id", Database.Content());
        await store.RotateAsync("the-old-id", "new", SessionVersion.Any, Database.Content());
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM session WHERE session::text LIKE '%the-old-id%'"));

        await store.ClearAsync();

        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM session"));
    }

    [Fact]
    public async Task A_session_that_is_kept_is_kept_under_the_id_that_it_became()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        foreach (var id in new[] { "a", "b", "c" })
            await store.CreateAsync(id, Database.Content(subject: "user"));

        await store.RotateAsync("a", "a1", SessionVersion.Any, Database.Content(subject: "user"));
        await store.RotateAsync("a1", "a2", SessionVersion.Any, Database.Content(subject: "user"));
        await store.RotateAsync("b", "b1", SessionVersion.Any, Database.Content(subject: "user"));

        Assert.Equal(2, await store.DestroyBySubjectAsync("user", ["a"]));

        Assert.Equal(["a2"], (await store.AllAsync().ToListAsync()).Select(record => record.Id));
    }

    /// <summary>Lets the second call wait for the first, which waits for a lock that is then released.</summary>
    private static async Task<(T1 First, T2 Second)> InOrderAsync<T1, T2>(Database database, Func<ValueTask<T1>> first, Func<ValueTask<T2>> second)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var locking = new NpgsqlCommand("SELECT FROM session WHERE sid = 'old' FOR UPDATE", connection, transaction))
            await locking.ExecuteNonQueryAsync();

        var one = first().AsTask();
        await WaitingAsync(1);
        var two = second().AsTask();
        await WaitingAsync(2);
        await transaction.RollbackAsync();
        return (await one, await two);

        Task WaitingAsync(long calls) => Wait.UntilAsync(
            async _ => await database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == calls,
            TimeSpan.FromSeconds(60), $"{calls} calls to wait");
    }
}
