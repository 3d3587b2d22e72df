using System.Text;
using StackExchange.Redis;
using static SessionStores.Redis.Tests.Sessions;

namespace SessionStores.Redis.Tests;

/// <summary>Records as connect-redis writes and reads them.</summary>
public sealed class FormatTests(RedisFixture fixture)
{
    private const string OfNode = """{"2":"int","cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"},"views":1,"user":{"id":7,"name":"Zoë \"q\" <b>&'+/  😀"},"f":1e+21,"buf":{"type":"Buffer","data":[104,105]}}""";

    [Fact]
    public async Task A_record_is_a_string_with_the_payload_that_expires_with_the_session()
    {
        var (store, key, database) = await StoreAsync();
        var content = Of(OfNode);

        await store.CreateAsync("a", content);

        Assert.Equal(RedisType.String, await database.KeyTypeAsync(key("a")));
        Assert.Equal(Encoding.UTF8.GetBytes(OfNode), (byte[])(await database.StringGetAsync(key("a")))!);
        Assert.Equal(content.Lifetime.End!.Value.ToUnixTimeMilliseconds(), (long)await database.ExecuteAsync("PEXPIRETIME", key("a")));
        Assert.InRange((long)await database.ExecuteAsync("TTL", key("a")), 3590, 3600);
    }

    [Fact]
    public async Task The_default_keys_are_those_of_connect_redis()
    {
        await using var server = await RedisServerFaults.StartAsync();
        Assert.SkipWhen(server is null, "There is no Redis server here to start.");
        await using var store = new RedisStore(server!.Configuration);

        await store.CreateAsync("SIDTWO", Of("{}", "ann"));

        Assert.Equal(["sess:SIDTWO", "subject:sess:ann", "subject:sess:ann\u0001"], ((object?[])(await server.SendAsync("KEYS", "*"))!).Order());
    }

    [Fact]
    public async Task A_session_that_never_expires_has_no_time_to_live()
    {
        var (store, key, database) = await StoreAsync();

        await store.CreateAsync("a", Of("{}", SessionExpiry.Never));

        Assert.Equal(-1, (long)await database.ExecuteAsync("TTL", key("a")));
        Assert.Equal(SessionExpiry.Never, (await store.GetAsync("a"))!.ExpiresAt);
    }

    [Fact]
    public async Task What_connect_redis_wrote_is_read_and_its_later_write_is_a_conflict()
    {
        var (store, key, database) = await StoreAsync();
        await database.ExecuteAsync("SET", key("a"), OfNode, "EX", "3600");

        var record = await store.GetAsync("a");
        await database.ExecuteAsync("SET", key("a"), """{"cookie":{},"views":2}""", "EX", "3600");

        Assert.Equal(OfNode, TextOf(record));
        Assert.InRange(record!.ExpiresAt, InAnHour.AddSeconds(-20), InAnHour.AddSeconds(20));
        Assert.Equal(SessionWriteStatus.Conflict, (await store.ReplaceAsync("a", record.Version, Of("{}"))).Status);
    }

    [Fact]
    public async Task A_peer_that_moves_the_subject_keeps_the_session_in_the_index_and_one_that_drops_it_does_not()
    {
        var (store, key, database) = await StoreAsync();
        await store.CreateAsync("moved", Of("""{"a":1}""", "ann"));
        await store.CreateAsync("dropped", Of("""{"a":1}""", "ann"));

        await database.StringSetAsync(key("moved"), """{"a":1,"__subject":"ann","b":2}""", TimeSpan.FromHours(1));
        await database.StringSetAsync(key("dropped"), """{"a":1,"b":2}""", TimeSpan.FromHours(1));
        var moved = (await store.GetAsync("moved"))!;

        Assert.Equal("ann", moved.Subject);
        Assert.Equal("""{"a":1,"b":2}""", TextOf(moved));
        Assert.Null((await store.GetAsync("dropped"))!.Subject);
        Assert.Equal(["moved"], (await AllOf(store.ListBySubjectAsync("ann"))).Select(record => record.Id));
        Assert.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync("moved", moved.Version, Of("{}", "ann"))).Status);
        Assert.Equal(1, await store.DestroyBySubjectAsync("ann"));
        Assert.NotNull(await store.GetAsync("dropped"));
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("text")]
    [InlineData("hash")]
    public async Task What_is_no_session_is_unreadable_and_left_as_it_is(string what)
    {
        var (store, key, database) = await StoreAsync();
        await store.CreateAsync("good", Of("{}"));
        if (what == "hash")
            await database.HashSetAsync(key("a"), "data", "x");
        else
            await database.StringSetAsync(key("a"), what == "empty" ? "" : "no json");

        var exception = await Assert.ThrowsAsync<SessionStoreException>(() => store.GetAsync("a").AsTask());

        Assert.Equal(SessionStoreFault.Unreadable, exception.Fault);
        Assert.True(await database.KeyExistsAsync(key("a")));
        Assert.Equal(SessionWriteStatus.Taken, (await store.CreateAsync("a", Of("{}"))).Status);
        Assert.Equal(["good"], (await AllOf(store.AllAsync())).Select(record => record.Id));
        Assert.True(await store.DestroyAsync("a"));
    }

    [Fact]
    public async Task The_text_null_is_no_session_as_for_connect_redis()
    {
        var (store, key, database) = await StoreAsync();
        await database.StringSetAsync(key("a"), "null");

        Assert.Null(await store.GetAsync("a"));
        Assert.Empty(await AllOf(store.AllAsync()));
        Assert.False(await store.DestroyAsync("a"));
    }

    [Fact]
    public async Task Without_expiry_records_stay_and_a_past_expiry_removes_them()
    {
        var (store, key, database) = await StoreAsync(options => options.DisableExpiry = true);

        await store.CreateAsync("a", Of("{}"));
        var record = (await store.GetAsync("a", new SlidingExpiry(TimeSpan.FromHours(2), InAnHour)))!;

        Assert.Equal(-1, (long)await database.ExecuteAsync("TTL", key("a")));
        Assert.Equal(SessionExpiry.Never, record.ExpiresAt);
        Assert.True(await store.TouchAsync("a", InAnHour));
        Assert.Equal(-1, (long)await database.ExecuteAsync("TTL", key("a")));
        await store.ReplaceAsync("a", record.Version, Of("{}", DateTimeOffset.UnixEpoch));
        Assert.False(await database.KeyExistsAsync(key("a")));
    }

    [Fact]
    public async Task Without_touch_only_a_write_extends_a_session()
    {
        var (store, _, _) = await StoreAsync(options => options.DisableTouch = true);
        var content = Of("{}");
        await store.CreateAsync("a", content);

        Assert.True(await store.TouchAsync("a", content.Lifetime.End!.Value.AddHours(1)));
        var record = await store.GetAsync("a", new SlidingExpiry(TimeSpan.FromHours(2), content.Lifetime.End!.Value.AddHours(1)));

        Assert.Equal(content.Lifetime.End!.Value, record!.ExpiresAt);
        Assert.False(await store.TouchAsync("b", content.Lifetime.End!.Value));
    }

    [Fact]
    public async Task A_transform_changes_what_is_stored_and_slides_still_keep_to_the_limits_of_the_record()
    {
        var (store, key, database) = await StoreAsync(options => options.PayloadTransform = new Reversal());
        var limit = InAnHour.AddMinutes(30);
        await store.CreateAsync("a", Of($$"""{"__absolute":{{limit.ToUnixTimeMilliseconds()}}}""", "ann"));

        var record = (await store.GetAsync("a", new SlidingExpiry(TimeSpan.FromHours(2), InAnHour.AddHours(1))))!;

        Assert.StartsWith("}\"nna\"", await database.StringGetAsync(key("a")), StringComparison.Ordinal);
        Assert.Equal("ann", record.Subject);
        Assert.Equal(limit, record.ExpiresAt);
        Assert.Equal(limit, (await store.GetAsync("a"))!.ExpiresAt);
        Assert.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync("a", record.Version, Of("{}", "ann"))).Status);
        Assert.Single(await AllOf(store.ListBySubjectAsync("ann")));
        await database.StringSetAsync(key("a"), "{}");
        var exception = await Assert.ThrowsAsync<SessionStoreException>(() => store.GetAsync("a").AsTask());
        Assert.Equal(SessionStoreFault.Unreadable, exception.Fault);
    }

    [Fact]
    public async Task A_payload_that_the_server_cannot_decode_slides_all_the_same()
    {
        var (store, _, _) = await StoreAsync();
        var extended = InAnHour.AddHours(1);
        await store.CreateAsync("a", Of("""{"lone":"\ud800","cookie":{"originalMaxAge":36000000}}"""));

        var record = await store.GetAsync("a", new SlidingExpiry(TimeSpan.FromHours(2), extended));

        Assert.Equal(extended, record!.ExpiresAt);
        Assert.Equal(extended, (await store.GetAsync("a"))!.ExpiresAt);
    }

    [Fact]
    public async Task A_name_with_half_a_surrogate_pair_is_read_listed_and_destroyed_like_any_other()
    {
        const string payload = """{"\ud800abcdefgh":1}""";
        var (store, key, database) = await StoreAsync();
        await store.CreateAsync("good", Of("{}", "ann"));
        await store.CreateAsync("odd", Of("{}", "ann"));
        await database.StringSetAsync(key("odd"), """{"\ud800abcdefgh":1,"__subject":"ann"}""", TimeSpan.FromHours(1));

        Assert.Equal(payload, TextOf(await store.GetAsync("odd")));
        Assert.Equal(["good", "odd"], (await AllOf(store.AllAsync())).Select(record => record.Id).Order());
        Assert.Equal(["good", "odd"], (await AllOf(store.ListBySubjectAsync("ann"))).Select(record => record.Id).Order());
        Assert.Equal(2, await store.DestroyBySubjectAsync("ann"));
        Assert.Equal(0, await store.LengthAsync());
    }

    private async Task<(RedisStore Store, Func<string, RedisKey> Key, IDatabase Database)> StoreAsync(Action<RedisStoreOptions>? configure = null)
    {
        var prefix = "";
        var store = await fixture.StoreAsync(options =>
        {
            prefix = options.KeyPrefix;
            configure?.Invoke(options);
        });
        return (store, id => prefix + id, (await fixture.ConnectionAsync()).GetDatabase());
    }

    private sealed class Reversal : IPayloadTransform
    {
        public ReadOnlyMemory<byte> ToStored(ReadOnlyMemory<byte> payload) => Reversed(payload);

        public ReadOnlyMemory<byte> FromStored(ReadOnlyMemory<byte> stored) => Reversed(stored);

        private static byte[] Reversed(ReadOnlyMemory<byte> bytes)
        {
            var reversed = bytes.ToArray();
            Array.Reverse(reversed);
            return reversed;
        }
    }
}
