using SessionStores.Backends;
using SessionStores.Conformance;

namespace SessionStores.Redis.Tests;

/// <summary>One server.</summary>
public sealed class RedisFixture() : ServerFixture<RedisBackend>(() => RedisBackend.StartAsync())
{
    public override string Name => "redis";

    public override StoreCapabilities Capabilities => base.Capabilities | StoreCapabilities.AtomicRotation;

    public override async ValueTask<IServerFaults?> StartFaultyServerAsync() => await RedisFaultyServer.StartAsync();

    protected override async Task<IReadOnlyList<RespClient>> PrimariesAsync(RedisBackend backend) => [await backend.ConnectAsync()];
}
