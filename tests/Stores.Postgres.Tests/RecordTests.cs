using System.Text;

namespace SessionStores.Postgres.Tests;

/// <summary>Which records are read, and what happens to those that are not; records that are large.</summary>
public sealed class RecordTests(PostgresServerFixture server)
{
    private static readonly SlidingExpiry Due = new(TimeSpan.FromHours(2), TimeSpan.FromHours(3));

    public static TheoryData<string> Unreadable { get; } = new()
    {
        string.Concat(Enumerable.Repeat("{\"a\":", 1100)) + "1" + new string('}', 1100),
        """{"cookie":{},"__subject":"user"}""",
        """{"cookie":{},"\u005f_subject":"user"}""",
        $$"""{"filler":"{{new string('x', 3000)}}"}""",
        "[1,2]",
    };

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task A_record_that_could_not_be_saved_is_unreadable_and_can_be_ended(string json)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store(options => options.MaxPayloadBytes = 2000);
        await store.CreateAsync("good", Database.Content(subject: "user"));
        await database.ExecuteAsync("INSERT INTO session (sid, sess, expire, subject) SELECT sid, $1::json, now() + interval '1 hour', 'user' FROM unnest(ARRAY['bad', 'worse']) AS sid", json);

        foreach (var slide in new SlidingExpiry?[] { null, Due })
        {
            var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("bad", slide));
            Assert.Equal(SessionStoreFault.Unreadable, exception.Fault);
        }

        Assert.Equal(["good"], (await store.AllAsync().ToListAsync()).Select(record => record.Id));
        Assert.Equal(["good"], (await store.ListBySubjectAsync("user").ToListAsync()).Select(record => record.Id));
        Assert.True(await store.DestroyAsync("bad"));
        Assert.Equal(2, await store.DestroyBySubjectAsync("user"));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM session"));
    }

    [Theory]
    [InlineData("""{"\ud800abcdefgh":1,"cookie":{"originalMaxAge":7200000}}""")]
    [InlineData("""{"\ud800\udfff":"\udc00","cookie":{"originalMaxAge":7200000,"\udfffriginalMaxAge":1}}""")]
    public async Task A_record_with_half_a_surrogate_pair_is_read_saved_and_ended_like_any_other(string json)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        await store.CreateAsync("id", Database.Content(json, subject: "user"));

        Assert.Equal(json, Encoding.UTF8.GetString((await store.GetAsync("id"))!.Payload.Span));
        var record = (await store.GetAsync("id", Due))!;
        Assert.InRange(record.Remaining!.Value, TimeSpan.FromMinutes(100), TimeSpan.FromMinutes(121));
        Assert.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync("id", record.Version, Database.Content(json, subject: "user"))).Status);
        Assert.Single(await store.AllAsync().ToListAsync());
        Assert.Equal(1, await store.DestroyBySubjectAsync("user"));
    }

    [Fact]
    public async Task A_record_over_the_limit_is_not_sent_and_names_the_limit()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        await store.SetUpAsync();
        await database.ExecuteAsync("INSERT INTO session (sid, sess, expire) VALUES ('large', json_build_object('filler', repeat('x', 50000000)), now() + interval '1 hour')");

        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("large", Due));

        Assert.Equal(SessionStoreFault.Unreadable, exception.Fault);
        Assert.Contains("1048576 bytes (MaxPayloadBytes)", exception.Message, StringComparison.Ordinal);
        Assert.Empty(await store.AllAsync().ToListAsync());
    }

    [Theory]
    [InlineData(7200000, 120)]
    [InlineData(36000000, 180)]
    [InlineData(1000, 60)]
    public async Task A_large_record_slides_within_its_limits(long originalMaxAge, double minutes)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        await store.CreateAsync("id", new SessionContent(Large(originalMaxAge), TimeSpan.FromHours(1)));

        var record = (await store.GetAsync("id", Due))!;

        Assert.InRange(record.Remaining!.Value, TimeSpan.FromMinutes(minutes - 5), TimeSpan.FromMinutes(minutes) + TimeSpan.FromSeconds(1));
        Assert.Equal(record.ExpiresAt, (await store.GetAsync("id"))!.ExpiresAt);
    }

    [Fact]
    public async Task A_large_record_that_never_expires_gets_the_time_to_live_when_it_slides()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store(options => options.TimeToLive = TimeSpan.FromDays(1));
        await store.CreateAsync("id", new SessionContent(Large(null), TimeSpan.FromHours(1)));

        var record = (await store.GetAsync("id", new SlidingExpiry(TimeSpan.FromHours(2), SessionLifetime.Never)))!;

        Assert.InRange(record.Remaining!.Value, TimeSpan.FromHours(23), TimeSpan.FromHours(25));
    }

    private static byte[] Large(long? originalMaxAge)
    {
        // Text that does not compress well, as that of real sessions.
        var filler = string.Concat(Enumerable.Range(0, 40_000).Select(n => (n * 2654435761L % 1_000_003).ToString("x", System.Globalization.CultureInfo.InvariantCulture)));
        return Encoding.UTF8.GetBytes($$"""{"cookie":{"originalMaxAge":{{(originalMaxAge is { } age ? $"{age}" : "null")}}},"filler":"{{filler}}"}""");
    }
}
