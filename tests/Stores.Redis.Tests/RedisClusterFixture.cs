using SessionStores.Backends;

namespace SessionStores.Redis.Tests;

/// <summary>Three primaries with a replica each.</summary>
public sealed class RedisClusterFixture() : ServerFixture<RedisClusterBackend>(() => RedisClusterBackend.StartAsync())
{
    public override string Name => "redis-cluster";
}
