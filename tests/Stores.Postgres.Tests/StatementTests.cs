using System.Text;

namespace SessionStores.Postgres.Tests;

/// <summary>What the statements do to the rows, seen from beside the store.</summary>
public sealed class StatementTests(PostgresServerFixture server)
{
    private static readonly SlidingExpiry Due = new(TimeSpan.FromHours(2), DateTimeOffset.UtcNow.AddHours(3));

    [Fact]
    public async Task Each_operation_is_one_statement()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        await database.ExecuteAsync("CREATE EXTENSION pg_stat_statements");
        await store.SetUpAsync();
        await store.CreateAsync("warm", Database.Content());
        var loaded = (await store.GetAsync("warm"))!;

        Assert.Equal(1, await CallsAsync(() => store.GetAsync("warm")));
        Assert.Equal(1, await CallsAsync(() => store.GetAsync("warm", new SlidingExpiry(TimeSpan.FromMinutes(1), DateTimeOffset.UtcNow.AddHours(2)))));
        Assert.Equal(1, await CallsAsync(() => store.GetAsync("warm", Due)));
        Assert.Equal(1, await CallsAsync(() => store.TouchAsync("warm", DateTimeOffset.UtcNow.AddHours(4))));
        Assert.Equal(1, await CallsAsync(() => store.ReplaceAsync("warm", loaded.Version, Database.Content("""{"n":2}"""))));
        Assert.Equal(1, await CallsAsync(() => store.RotateAsync("warm", "new", SessionVersion.Any, Database.Content())));
        Assert.Equal(1, await CallsAsync(() => store.CreateAsync("other", Database.Content())));
        Assert.Equal(1, await CallsAsync(() => store.DestroyAsync("new")));
        Assert.Equal(1, await CallsAsync(() => store.PageBySubjectAsync("user")));
        Assert.Equal(1, await CallsAsync(() => store.PageBySubjectAsync("user", withPayloads: false)));
        Assert.Equal(1, await CallsAsync(() => store.CountBySubjectAsync("user")));

        async Task<long> CallsAsync<T>(Func<ValueTask<T>> operation)
        {
            const string Calls = "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query NOT LIKE '%pg_stat_statements%'";
            var before = await database.ScalarAsync<long>(Calls);
            await operation();
            return await database.ScalarAsync<long>(Calls) - before;
        }
    }

    [Fact]
    public async Task A_read_whose_slide_is_not_due_writes_no_row()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        await store.CreateAsync("id", Database.Content());
        var before = await RowAsync(database);

        var record = await store.GetAsync("id", new SlidingExpiry(TimeSpan.FromMinutes(30), DateTimeOffset.UtcNow.AddHours(2)));

        Assert.NotNull(record);
        Assert.Equal(before, await RowAsync(database));
    }

    [Fact]
    public async Task A_slide_is_kept_when_another_writer_has_shortened_the_life_of_the_session()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        await store.CreateAsync("id", Database.Content());
        var slide = new SlidingExpiry(TimeSpan.FromMinutes(10), DateTimeOffset.UtcNow.AddHours(1));
        await store.GetAsync("id", slide);
        await database.ExecuteAsync("UPDATE session SET expire = now() + interval '1 minute'");

        var record = (await store.GetAsync("id", slide))!;

        Assert.InRange(record.ExpiresAt, slide.ExtendTo.End!.Value.AddSeconds(-1), slide.ExtendTo.End!.Value.AddSeconds(1));
    }

    [Fact]
    public async Task A_read_at_its_limit_writes_no_row()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        var end = DateTimeOffset.UtcNow.AddHours(1);
        var json = $$"""{"cookie":{"originalMaxAge":7200000},"__absolute":{{end.ToUnixTimeMilliseconds()}}}""";
        await store.CreateAsync("id", new SessionContent(Encoding.UTF8.GetBytes(json), end));
        var before = await RowAsync(database);

        await store.GetAsync("id", Due);

        Assert.Equal(before, await RowAsync(database));
    }

    [Fact]
    public async Task A_touch_that_moves_nothing_writes_no_row()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        await store.CreateAsync("id", Database.Content());
        var before = await RowAsync(database);

        Assert.True(await store.TouchAsync("id", DateTimeOffset.UtcNow.AddMinutes(1)));

        Assert.Equal(before, await RowAsync(database));
    }

    [Theory]
    [InlineData("""{"cookie":{"originalMaxAge":5400000}}""")]
    [InlineData("""{"cookie":{"originalMaxAge":5.4e6},"text":"\u0000"}""")]
    [InlineData("""{"cookie":{"originalMaxAge":5400000},"text":"\ud83d \\u0000 \" \\"}""")]
    [InlineData("""{"cookie":7,"cookie":{"originalMaxAge":1,"originalMaxAge":5400000},"__absolute":1e400}""")]
    [InlineData("""{"cookie":{"originalMaxAge":1e300},"__absolute":SOON}""")]
    [InlineData("""{"cookie":{"originalMaxAge":"7"},"__absolute":SOON}""")]
    [InlineData("""{"cookie":null,"__absolute":SOON,"nested":{"__absolute":1,"cookie":{"originalMaxAge":1}}}""")]
    [InlineData("""{"__absolute":-1,"__absolute":SOON}""")]
    public async Task A_slide_keeps_to_the_limits_of_the_record(string json)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        var soon = DateTimeOffset.UtcNow.AddMinutes(90);
        var payload = Encoding.UTF8.GetBytes(json.Replace("SOON", $"{soon.ToUnixTimeMilliseconds()}", StringComparison.Ordinal));
        await store.CreateAsync("id", new SessionContent(payload, DateTimeOffset.UtcNow.AddHours(1)));

        var record = (await store.GetAsync("id", Due))!;

        Assert.InRange(record.ExpiresAt, soon.AddSeconds(-1), soon.AddSeconds(10));
        Assert.Equal(payload, record.Payload.ToArray());
    }

    [Theory]
    [InlineData("""{"cookie":{"originalMaxAge":"x"},"__absolute":"y"}""")]
    [InlineData("""{"cookie":[{"originalMaxAge":1}],"__absolute":null}""")]
    [InlineData("""{"cookie":{"originalMaxAge":1e999999999999},"__absolute":1E+400}""")]
    [InlineData("""{"a":"\ud800\u0000"}""")]
    public async Task A_slide_ignores_limits_that_are_no_numbers(string json)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        await store.CreateAsync("id", Database.Content(json));

        var record = (await store.GetAsync("id", Due))!;

        Assert.InRange(record.ExpiresAt, Due.ExtendTo.End!.Value, Due.ExtendTo.End!.Value.AddSeconds(1));
    }

    [Fact]
    public async Task A_record_that_never_expires_is_stored_as_infinity()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        await store.SetAsync("id", new SessionContent("{}"u8.ToArray(), SessionExpiry.Never));

        Assert.Equal("infinity", await database.ScalarAsync<string>("SELECT expire::text FROM session"));
        Assert.Equal(SessionExpiry.Never, (await store.GetAsync("id", Due))!.ExpiresAt);
    }

    [Fact]
    public async Task Content_without_end_lives_for_the_time_to_live()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store(options => options.TimeToLive = TimeSpan.FromDays(1));
        await store.CreateAsync("id", new SessionContent("{}"u8.ToArray(), SessionExpiry.Never));

        var expiresAt = (await store.GetAsync("id"))!.ExpiresAt;

        Assert.InRange(expiresAt, DateTimeOffset.UtcNow.AddHours(23), DateTimeOffset.UtcNow.AddHours(25));
    }

    [Fact]
    public async Task Without_touch_neither_touch_nor_slide_moves_the_expiry()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store(options => options.DisableTouch = true);
        await store.CreateAsync("id", Database.Content());
        var before = await RowAsync(database);

        Assert.True(await store.TouchAsync("id", DateTimeOffset.UtcNow.AddHours(9)));
        Assert.NotNull(await store.GetAsync("id", Due));
        Assert.False(await store.TouchAsync("absent", DateTimeOffset.UtcNow.AddHours(9)));

        Assert.Equal(before, await RowAsync(database));
    }

    [Fact]
    public async Task A_rotation_may_take_the_id_of_an_expired_record()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        await store.CreateAsync("old", Database.Content());
        await store.SetAsync("new", Database.Content(life: TimeSpan.FromHours(-1)));

        var result = await store.RotateAsync("old", "new", SessionVersion.Any, Database.Content("""{"n":1}"""));

        Assert.Equal(SessionWriteStatus.Written, result.Status);
        Assert.Null(await store.GetAsync("old"));
        Assert.Equal("""{"n":1}""", Encoding.UTF8.GetString((await store.GetAsync("new"))!.Payload.Span));
    }

    private static Task<string> RowAsync(Database database) =>
        database.ScalarAsync<string>("SELECT string_agg(sid || ' ' || xmin || ' ' || xmax || ' ' || ctid || ' ' || expire, ',') FROM session");
}
