using System.Text;
using StackExchange.Redis;
using static SessionStores.Redis.Tests.Sessions;

namespace SessionStores.Redis.Tests;

[CollectionDefinition(nameof(CostTests), DisableParallelization = true)]
public sealed class CostCollection;

/// <summary>What a call allocates beyond the same commands, or the same script, through the bare client.</summary>
[Collection(nameof(CostTests))]
public sealed class CostTests(RedisFixture fixture)
{
    private const int Calls = 2000;

    [Theory]
    [InlineData(null, false)]
    [InlineData("ann", false)]
    [InlineData(null, true)]
    public async Task A_read_allocates_little_beyond_the_clients_own_call(string? subject, bool sharesRoundTrips)
    {
        var prefix = "";
        var store = await fixture.StoreAsync(options => (prefix, options.ShareRoundTrips) = (options.KeyPrefix, sharesRoundTrips));
        var payload = $$"""{"cookie":{"originalMaxAge":null},"fill":"{{new string('x', 2000)}}"}""";
        await store.CreateAsync("a", Of(payload, subject));
        await store.GetAsync("a");
        var database = (await fixture.ConnectionAsync()).GetDatabase();
        RedisKey key = prefix + "a";
        object[] keys = [key];

        var get = await AllocatedAsync(async () => await database.StringGetAsync(key));
        var commands = await AllocatedAsync(async () => await Task.WhenAll(
            database.ExecuteAsync("PEXPIRETIME", keys, CommandFlags.None), database.StringGetRangeAsync(key, 0, 1_000_000), database.ExecuteAsync("PTTL", keys, CommandFlags.None),
            database.ExecuteAsync("PEXPIRETIME", keys, CommandFlags.None)));
        var read = await AllocatedAsync(async () => await store.GetAsync("a"));

        TestContext.Current.TestOutputHelper!.WriteLine($"bytes per call: GET {get}, commands {commands}, store {read}; payload {Encoding.UTF8.GetByteCount(payload)}");

        // Without optimization the compiler makes an object of each call that waits, where it is a value otherwise.
        Assert.InRange(read - commands, -1000, subject is null ? sharesRoundTrips ? 2500 : 1700 : 4100);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("ann", false)]
    [InlineData(null, true)]
    public async Task A_change_allocates_little_beyond_the_clients_own_call(string? subject, bool sharesRoundTrips)
    {
        var prefix = "";
        var store = await fixture.StoreAsync(options => (prefix, options.ShareRoundTrips, options.SharesAlways) = (options.KeyPrefix, sharesRoundTrips, false));
        var content = Of($$"""{"cookie":{"originalMaxAge":null},"fill":"{{new string('x', 2000)}}"}""", subject);
        var version = (await store.CreateAsync("a", content)).Version;
        version = (await store.ReplaceAsync("a", version, content)).Version;
        var database = (await fixture.ConnectionAsync()).GetDatabase();
        RedisKey[] keys = [prefix + "a"];
        RedisValue[] values = [version.Content.ToArray(), version.Content.ToArray(), "PXAT", content.Lifetime.End!.Value.ToUnixTimeMilliseconds()];
        await database.ScriptEvaluateAsync(RedisCommands.Replace.Text, keys, values);

        var (life, old) = (new Expiration(content.Lifetime.End.Value.UtcDateTime), ValueCondition.Equal(values[0]));
        var bare = await ComparesAndSetsAsync(database, prefix + "none")
            ? await AllocatedAsync(async () => Assert.True(await database.StringSetAsync(keys[0], values[0], life, old)))
            : await AllocatedAsync(async () => Assert.Equal(0, (int)await database.ScriptEvaluateAsync(RedisCommands.Replace.Digest, keys, values)));
        var change = await AllocatedAsync(async () => version = (await store.ReplaceAsync("a", version, content)).Version);

        TestContext.Current.TestOutputHelper!.WriteLine($"bytes per call: bare {bare}, store {change}; payload {content.Payload.Length}");

        // The bytes to store are one copy of the payload, and are the version afterwards. The subject is escaped and becomes a key.
        Assert.InRange(change - bare - content.Payload.Length, -1000, subject is null && !sharesRoundTrips ? 1500 : 2000);
    }

    private static async Task<bool> ComparesAndSetsAsync(IDatabase database, RedisKey key)
    {
        try
        {
            await database.StringSetAsync(key, "a", Expiration.Default, ValueCondition.Equal("b"));
            return true;
        }
        catch (RedisServerException)
        {
            return false;
        }
    }

    private static async Task<long> AllocatedAsync(Func<Task> act)
    {
        for (var i = 0; i < Calls; i++)
            await act();

        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < Calls; i++)
            await act();

        return (GC.GetTotalAllocatedBytes(precise: true) - before) / Calls;
    }
}
