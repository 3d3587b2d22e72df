using System.Text;
using StackExchange.Redis;
using static SessionStores.Redis.Tests.Sessions;

namespace SessionStores.Redis.Tests;

[CollectionDefinition(nameof(CostTests), DisableParallelization = true)]
public sealed class CostCollection;

/// <summary>What a call allocates beyond the same script through the bare client.</summary>
[Collection(nameof(CostTests))]
public sealed class CostTests(RedisFixture fixture)
{
    private const int Calls = 2000;

    [Theory]
    [InlineData(null)]
    [InlineData("ann")]
    public async Task A_read_allocates_little_beyond_the_clients_own_call(string? subject)
    {
        var prefix = "";
        var store = await fixture.StoreAsync(options => prefix = options.KeyPrefix);
        var payload = $$"""{"cookie":{"originalMaxAge":null},"fill":"{{new string('x', 2000)}}"}""";
        await store.CreateAsync("a", Of(payload, subject));
        await store.GetAsync("a");
        var database = (await fixture.ConnectionAsync()).GetDatabase();
        RedisKey key = prefix + "a";
        var digest = RedisCommands.Get(new RedisStoreOptions().MaxPayloadBytes).Digest;
        await database.ScriptEvaluateAsync(RedisCommands.Get(new RedisStoreOptions().MaxPayloadBytes).Text, [key], []);

        var get = await AllocatedAsync(async () => await database.StringGetAsync(key));
        var script = await AllocatedAsync(async () => _ = (byte[])(await database.ScriptEvaluateAsync(digest, [key], []))!);
        var read = await AllocatedAsync(async () => await store.GetAsync("a"));

        TestContext.Current.TestOutputHelper!.WriteLine($"bytes per call: GET {get}, script {script}, store {read}; payload {Encoding.UTF8.GetByteCount(payload)}");
        Assert.InRange(read - script, -1000, subject is null ? 1500 : 3900);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("ann")]
    public async Task A_change_allocates_little_beyond_the_clients_own_call(string? subject)
    {
        var prefix = "";
        var store = await fixture.StoreAsync(options => prefix = options.KeyPrefix);
        var content = Of($$"""{"cookie":{"originalMaxAge":null},"fill":"{{new string('x', 2000)}}"}""", subject);
        var version = (await store.CreateAsync("a", content)).Version;
        version = (await store.ReplaceAsync("a", version, content)).Version;
        var database = (await fixture.ConnectionAsync()).GetDatabase();
        RedisKey[] keys = subject is null ? [prefix + "a"] : [prefix + "a", $"subject:{prefix}{subject}"];
        RedisValue[] values = [version.Content.ToArray(), -1, content.Lifetime.End!.Value.ToUnixTimeMilliseconds(), "0", version.Content.ToArray(), prefix, $"subject:{prefix}"];

        var script = await AllocatedAsync(async () => Assert.Equal(0, (int)await database.ScriptEvaluateAsync(RedisCommands.Replace.Digest, keys, values)));
        var change = await AllocatedAsync(async () => version = (await store.ReplaceAsync("a", version, content)).Version);

        TestContext.Current.TestOutputHelper!.WriteLine($"bytes per call: script {script}, store {change}; payload {content.Payload.Length}");

        // The bytes to store are one copy of the payload, and are the version afterwards. The subject is escaped and becomes a key.
        Assert.InRange(change - script - content.Payload.Length, -1000, subject is null ? 1500 : 2000);
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
