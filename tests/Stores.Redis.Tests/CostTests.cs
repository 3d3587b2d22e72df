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

        var get = await AllocatedAsync(async () => await database.StringGetAsync(key));
        var script = await AllocatedAsync(async () => _ = (byte[])(await database.ScriptEvaluateAsync(RedisScripts.Get.Digest, [key], []))!);
        var read = await AllocatedAsync(async () => await store.GetAsync("a"));

        TestContext.Current.TestOutputHelper!.WriteLine($"bytes per call: GET {get}, script {script}, store {read}; payload {Encoding.UTF8.GetByteCount(payload)}");
        Assert.InRange(read - script, -1000, subject is null ? 1000 : 3400);
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
