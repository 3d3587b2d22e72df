using System.Collections.Concurrent;
using SessionStores.Backends;
using SessionStores.Conformance;
using SessionStores.Tests;
using StackExchange.Redis;

namespace SessionStores.Redis.Tests;

/// <summary>One server.</summary>
public class RedisFixture() : RedisServerFixture<RedisBackend>(() => RedisBackend.StartAsync())
{
    private readonly ConcurrentBag<BackendLease<RedisBackend>> _restricted = [];

    public override string Name => "redis";

    public override StoreCapabilities Capabilities => base.Capabilities | StoreCapabilities.AtomicRotation | StoreCapabilities.LeastPrivilege;

    /// <summary>Whether stores keep copies, to hand out expired sessions.</summary>
    protected virtual bool KeepsExpired => false;

    public override async ValueTask<ISessionStore> CreateStoreAsync(string @namespace, StoreSettings settings)
    {
        var options = Names.OptionsOf(@namespace, settings);
        options.KeepExpired = KeepsExpired;
        return new RedisStore(await ConnectionAsync(), options, Names.LoggerOf(settings));
    }

    public override async ValueTask<IServerFaults?> StartFaultyServerAsync() => await RedisServerFaults.StartAsync();

    /// <summary>The rights that the package's README names, given to the default user of a server of its own.</summary>
    public override async ValueTask<ISessionStore> CreateLeastPrivilegedAsync(string @namespace)
    {
        var lease = await RedisBackend.StartAsync(new RedisBackendOptions { Sources = BackendSources.Controlled });
        Assert.SkipUnless(lease.IsAvailable, lease.Reason);
        _restricted.Add(lease);
        using var client = await lease.Backend.ConnectAsync();
        await client.SendAsync(["ACL", "SETUSER", "default", "reset", "on", "nopass", $"~{@namespace}:*", $"~subject:{@namespace}:*", $"~rotated:{@namespace}:*",
            "+@connection", "+info", "+evalsha", "+eval", "+time", "+get", "+getrange", "+set", "+del", "+unlink", "+exists", "+persist", "+pexpire", "+pexpireat", "+pexpiretime", "+pttl",
            "+scan", "+zadd", "+zrem", "+zrange", "+zrangebyscore", "+zscan", .. KeepsExpired ? (string[])[$"~expiring:{@namespace}:*", "+hget", "+hset", "+hdel"] : []]);
        return new RedisStore(ConfigurationOptions.Parse(lease.Backend.ConnectionString),
            new RedisStoreOptions { KeyPrefix = $"{@namespace}:", KeepExpired = KeepsExpired, ShareRoundTrips = SharingMode.Shares, SharesAlways = SharingMode.SharesAlways });
    }

    protected override async ValueTask StopAsync()
    {
        await base.StopAsync();
        foreach (var lease in _restricted)
            await lease.DisposeAsync();
    }

    protected override async Task<IReadOnlyList<RespClient>> PrimariesAsync(RedisBackend backend) => [await backend.ConnectAsync()];
}
