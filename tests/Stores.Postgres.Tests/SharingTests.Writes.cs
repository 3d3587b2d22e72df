using System.Text;

namespace SessionStores.Postgres.Tests;

/// <remarks>Creations, touches and slides.</remarks>
public sealed partial class SharingTests
{
    private readonly DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds());

    [Fact]
    public async Task Creations_touches_and_slides_that_wait_take_less_than_a_statement_each()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE EXTENSION pg_stat_statements");
        await using var store = Sharing(database);
        await store.SetUpAsync();
        var end = In(hours: 3);

        var created = await CountAsync(database, async () =>
        {
            foreach (var write in await TogetherAsync(store, database, Enumerable.Range(0, 60), async i => await store.CreateAsync($"id{i}", Database.Content($"{{\"n\":{i}}}", subject: $"user{i}"))))
                Assert.Equal(SessionWriteStatus.Written, (await write).Status);
        });
        var touched = await CountAsync(database, async () =>
        {
            foreach (var touch in await TogetherAsync(store, database, Enumerable.Range(0, 60), async i => await store.TouchAsync($"id{i}", In(hours: 2))))
                Assert.True(await touch);
        });
        var slid = await CountAsync(database, async () =>
        {
            var reads = await TogetherAsync(store, database, Enumerable.Range(0, 60), async i => await store.GetAsync($"id{i}", new SlidingExpiry(TimeSpan.FromHours(2.5), end)));
            for (var i = 0; i < 60; i++)
            {
                var record = (await reads[i])!;
                Assert.Equal(($"{{\"n\":{i}}}", $"user{i}", end), (Encoding.UTF8.GetString(record.Payload.Span), record.Subject, record.ExpiresAt));
            }
        });

        Assert.InRange(created, 1, 50);
        Assert.InRange(touched, 1, 50);
        Assert.InRange(slid, 2, 59); // reads and slides
        Assert.Equal(60, await database.ScalarAsync<long>("SELECT count(*) FROM session WHERE expire = $1 AND sess ->> 'n' = substr(sid, 3) AND subject = 'user' || substr(sid, 3)", end.UtcDateTime));
    }

    [Fact]
    public async Task Of_many_creations_of_one_id_exactly_one_is_written()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = Sharing(database);
        await store.SetUpAsync();

        var writes = await TogetherAsync(store, database, Enumerable.Range(0, 12), async i => await store.CreateAsync($"id{i % 2}", Database.Content($"{{\"by\":{i}}}")));
        var results = await Task.WhenAll(writes);

        for (var session = 0; session < 2; session++)
        {
            var written = Assert.Single(Enumerable.Range(0, 12), i => i % 2 == session && results[i].Status == SessionWriteStatus.Written);
            Assert.Equal($"{{\"by\":{written}}}", Encoding.UTF8.GetString((await store.GetAsync($"id{session}"))!.Payload.Span));
        }

        Assert.Equal(10, results.Count(result => result.Status == SessionWriteStatus.Taken));
    }

    [Fact]
    public async Task A_creation_over_an_expired_record_is_written_and_one_under_a_rotated_id_ends_the_link()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = Sharing(database);
        await CreateAsync(store, 2);
        await database.ExecuteAsync("UPDATE session SET expire = now() - interval '1 second' WHERE sid = 'id0'");
        await store.RotateAsync("id1", "moved", SessionVersion.Any, Database.Content());

        var writes = await TogetherAsync(store, database, Enumerable.Range(0, 3), async i => await store.CreateAsync($"id{i}", Database.Content("""{"n":"new"}""")));

        Assert.All(await Task.WhenAll(writes), result => Assert.Equal(SessionWriteStatus.Written, result.Status));
        Assert.True(await store.DestroyAsync("id1"));
        Assert.NotNull(await store.GetAsync("moved"));
        Assert.Equal(["id0", "id2", "moved"], await IdsAsync(database));
    }

    [Fact]
    public async Task A_creation_that_the_server_refuses_fails_its_own_caller_only()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = Sharing(database);
        await store.SetUpAsync();
        await database.ExecuteAsync("ALTER TABLE session ADD CONSTRAINT refused CHECK (sid <> 'id3')");

        var writes = await TogetherAsync(store, database, Enumerable.Range(0, 8), async i => await store.CreateAsync($"id{i}", Database.Content()));

        for (var i = 0; i < 8; i++)
        {
            if (i == 3)
                Assert.Equal(SessionStoreFault.Failed, (await Assert.ThrowsAsync<SessionStoreException>(() => writes[i])).Fault);
            else
                Assert.Equal(SessionWriteStatus.Written, (await writes[i]).Status);
        }

        Assert.Equal(7, (await IdsAsync(database)).Length);
    }

    [Fact]
    public async Task A_touch_extends_its_own_session_and_neither_shortens_nor_revives_one()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = Sharing(database);
        await CreateAsync(store, 4);
        await store.TouchAsync("id1", In(hours: 9));
        await store.DestroyAsync("id2");
        await database.ExecuteAsync("UPDATE session SET expire = now() - interval '1 second' WHERE sid = 'id3'");

        var touches = await TogetherAsync(store, database, Enumerable.Range(0, 4), async i => await store.TouchAsync($"id{i}", In(hours: 5)));

        bool[] wereLive = await Task.WhenAll(touches);
        Assert.Equal([true, true, false, false], wereLive);
        Assert.Equal(In(hours: 5), (await store.GetAsync("id0"))!.ExpiresAt);
        Assert.Equal(In(hours: 9), (await store.GetAsync("id1"))!.ExpiresAt);
        Assert.Null(await store.GetAsync("id3"));
    }

    [Fact]
    public async Task A_slide_that_is_shared_stays_within_the_limits_of_its_own_session()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = Sharing(database);
        var limit = In(hours: 2);
        string[] payloads = ["{}", $"{{\"__absolute\":{limit.ToUnixTimeMilliseconds()}}}", $"{{\"fill\":\"{new string('x', 70_000)}\"}}"];
        for (var i = 0; i < payloads.Length; i++)
            await store.CreateAsync($"id{i}", Database.Content(payloads[i]));

        var reads = await TogetherAsync(store, database, Enumerable.Range(0, 4), async i => await store.GetAsync($"id{i}", new SlidingExpiry(TimeSpan.FromHours(2), In(hours: 5))));

        var records = await Task.WhenAll(reads);
        Assert.Equal([In(hours: 5), limit, In(hours: 5), null], records.Select(record => record?.ExpiresAt));
        Assert.Equal(payloads, records.Take(3).Select(record => Encoding.UTF8.GetString(record!.Payload.Span)));
        Assert.Equal(limit, (await store.GetAsync("id1"))!.ExpiresAt);
    }

    /// <summary>An instant in whole seconds, the same in each call of one test.</summary>
    private DateTimeOffset In(int hours) => _now.AddHours(hours);

    private static async Task<long> CountAsync(Database database, Func<Task> work)
    {
        var before = await StatementsAsync(database);
        await work();
        return await StatementsAsync(database) - before;
    }

    private static async Task<string[]> IdsAsync(Database database) =>
        (await database.ScalarAsync<string>("SELECT coalesce(string_agg(sid, ' ' ORDER BY sid), '') FROM session WHERE sid > 'a'")).Split(' ');
}
