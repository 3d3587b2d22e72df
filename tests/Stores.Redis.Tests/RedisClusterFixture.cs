using SessionStores.Backends;

namespace SessionStores.Redis.Tests;

/// <summary>Three primaries with a replica each.</summary>
public sealed class RedisClusterFixture() : RedisServerFixture<RedisClusterBackend>(() => RedisClusterBackend.StartAsync())
{
    public override string Name => "redis-cluster";

    protected override async Task<IReadOnlyList<RespClient>> PrimariesAsync(RedisClusterBackend backend)
    {
        var primaries = await backend.FindPrimariesAsync();
        return await Task.WhenAll(primaries.Select(primary => backend.ConnectAsync(primary)));
    }
}
