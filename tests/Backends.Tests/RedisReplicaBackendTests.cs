namespace SessionStores.Backends.Tests;

public sealed class RedisReplicaBackendTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task The_replica_receives_writes_and_refuses_to_take_any()
    {
        await using var redis = await StartAsync();
        using var primary = await redis.ConnectAsync(redis.Primary, None);
        using var replica = await redis.ConnectAsync(redis.Replica, None);

        await primary.SendAsync("SET", "key", "value");
        await redis.WaitUntilInSyncAsync(None);

        Assert.Equal("value", await replica.SendAsync("GET", "key"));
        var refused = await Assert.ThrowsAsync<RespErrorException>(() => replica.SendAsync("SET", "key", "other"));
        Assert.StartsWith("READONLY", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_replica_of_a_killed_primary_can_be_promoted_and_the_old_primary_can_come_back()
    {
        await using var redis = await StartAsync();
        using (var primary = await redis.ConnectAsync(redis.Primary, None))
            await primary.SendAsync("SET", "key", "value");
        await redis.WaitUntilInSyncAsync(None);
        var (oldPrimary, oldReplica) = (redis.Primary, redis.Replica);

        await oldPrimary.KillAsync(None);
        await redis.PromoteAsync(None);
        using var promoted = await redis.ConnectAsync(redis.Primary, None);
        await promoted.SendAsync("SET", "second", "written after");
        await oldPrimary.RestartAsync(None);

        Assert.Same(oldReplica, redis.Primary);
        Assert.Same(oldPrimary, redis.Replica);
        using var old = await redis.ConnectAsync(oldPrimary, None);
        Assert.Equal("value", await promoted.SendAsync("GET", "key"));
        Assert.Null(await old.SendAsync("GET", "second"));
    }

    [Fact]
    public async Task Roles_can_be_switched_while_both_run()
    {
        await using var redis = await StartAsync();
        var (oldPrimary, oldReplica) = (redis.Primary, redis.Replica);

        await redis.SwitchRolesAsync(None);

        Assert.Same(oldReplica, redis.Primary);
        using var primary = await redis.ConnectAsync(oldReplica, None);
        using var replica = await redis.ConnectAsync(oldPrimary, None);
        Assert.Equal("master", await primary.ReadInfoAsync("role", None));
        Assert.Equal("slave", await replica.ReadInfoAsync("role", None));
    }

    private static async Task<RedisReplicaBackend> StartAsync()
    {
        var lease = await RedisReplicaBackend.StartAsync(cancellationToken: None);
        Assert.SkipUnless(lease.IsAvailable, lease.Reason);
        return lease.Backend;
    }
}
