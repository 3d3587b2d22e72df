namespace SessionStores.Backends.Tests;

public sealed class RedisClusterBackendTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_replica_takes_over_from_a_killed_primary_and_the_cluster_is_ok_again()
    {
        var lease = await RedisClusterBackend.StartAsync(cancellationToken: None);
        Assert.SkipUnless(lease.IsAvailable, lease.Reason);
        await using var cluster = lease.Backend;
        var before = await cluster.FindPrimariesAsync(None);
        var owner = (await cluster.FindOwnerAsync("key", None))!;
        using (var client = await cluster.ConnectAsync(owner, None))
        {
            await client.SendAsync("SET", "key", "value");
            Assert.Equal(1L, await client.SendAsync("WAIT", "1", "5000"));
        }

        await owner.KillAsync(None);
        await Wait.UntilAsync(
            async token => await cluster.FindOwnerAsync("key", token) is not null, TimeSpan.FromSeconds(30), "a replica to take over", None);
        await cluster.WaitUntilOkAsync(None);

        var successor = (await cluster.FindOwnerAsync("key", None))!;
        using var again = await cluster.ConnectAsync(successor, None);
        Assert.Equal(6, cluster.Servers.Count);
        Assert.Equal(3, before.Count);
        Assert.NotSame(owner, successor);
        Assert.DoesNotContain(successor, before);
        Assert.Equal("value", await again.SendAsync("GET", "key"));
    }
}
