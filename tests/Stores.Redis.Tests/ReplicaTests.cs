using System.Collections.Concurrent;
using SessionStores.Backends;
using StackExchange.Redis;
using static SessionStores.Redis.Tests.Sessions;

namespace SessionStores.Redis.Tests;

/// <summary>A primary with a replica: what was acknowledged is there after a failover.</summary>
public sealed class ReplicaTests
{
    private static readonly RedisStoreOptions Durable = new() { MinReplicas = 1, ReplicaTimeout = TimeSpan.FromMilliseconds(500), OperationTimeout = TimeSpan.FromSeconds(2) };

    [Fact]
    public async Task Nothing_acknowledged_by_a_replica_is_missing_after_a_failover()
    {
        await using var lease = await StartAsync();
        var backend = lease.Backend;
        await using var store = new RedisStore(ConfigurationOptions.Parse(backend.ConnectionString), Durable);
        var acknowledged = new ConcurrentBag<string>();
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                try
                {
                    await store.CreateAsync($"{writer}-{i}", Of("{}", "ann"));
                    acknowledged.Add($"{writer}-{i}");
                }
                catch (SessionStoreException)
                {
                    await Task.Yield();
                }
            }
        })).ToList();

        await Wait.UntilAsync(() => acknowledged.Count > 200, TimeSpan.FromMinutes(1), "sessions to be written");
        await backend.Primary.KillAsync();
        await backend.PromoteAsync();
        using (var client = await backend.ConnectAsync(backend.Primary))
            foreach (var id in acknowledged)
                Assert.Equal(1L, await client.SendAsync("EXISTS", $"sess:{id}"));

        await stop.CancelAsync();
        await Task.WhenAll(writers);
    }

    [Fact]
    public async Task The_same_store_works_again_after_a_failover()
    {
        await using var lease = await StartAsync();
        var backend = lease.Backend;
        await using var store = new RedisStore(ConfigurationOptions.Parse(backend.ConnectionString), new RedisStoreOptions { OperationTimeout = TimeSpan.FromSeconds(1) });
        var version = (await store.CreateAsync("a", Of("{}", "ann"))).Version;
        await backend.WaitUntilInSyncAsync();

        await backend.Primary.KillAsync();
        await backend.PromoteAsync();

        SessionWriteResult replaced = default;
        await WorksAgainAsync(async () => replaced = await store.ReplaceAsync("a", version, Of("""{"n":1}""", "ann")));
        Assert.Equal(SessionWriteStatus.Written, replaced.Status);
        Assert.Single(await AllOf(store.ListBySubjectAsync("ann")));
        Assert.Equal(1, await store.LengthAsync());
    }

    [Fact]
    public async Task An_orderly_change_of_roles_needs_no_restart()
    {
        await using var lease = await StartAsync();
        await using var store = new RedisStore(ConfigurationOptions.Parse(lease.Backend.ConnectionString), new RedisStoreOptions { OperationTimeout = TimeSpan.FromSeconds(1) });
        await store.CreateAsync("a", Of("{}"));

        await lease.Backend.SwitchRolesAsync();

        await WorksAgainAsync(async () => Assert.True(await store.TouchAsync("a", InAnHour.AddHours(1))));
    }

    [Fact]
    public async Task A_write_that_no_replica_has_received_is_not_acknowledged()
    {
        await using var lease = await StartAsync();
        await using var store = new RedisStore(ConfigurationOptions.Parse(lease.Backend.ConnectionString), Durable);
        await store.CreateAsync("a", Of("{}"));
        await lease.Backend.Replica.PauseAsync();

        var exception = await Assert.ThrowsAsync<SessionStoreException>(() => store.CreateAsync("b", Of("{}")).AsTask());
        var read = await store.GetAsync("a");
        await lease.Backend.Replica.ResumeAsync();

        Assert.Equal(SessionStoreFault.Unavailable, exception.Fault);
        Assert.Contains("MinReplicas", exception.Message, StringComparison.Ordinal);
        Assert.NotNull(read);
        await WorksAgainAsync(async () => await store.SetAsync("c", Of("{}")));
    }

    private static Task WorksAgainAsync(Func<Task> act) => Wait.UntilAsync(
        async _ =>
        {
            try
            {
                await act();
                return true;
            }
            catch (SessionStoreException)
            {
                return false;
            }
        },
        TimeSpan.FromSeconds(30), "the store to work again");

    private static async Task<BackendLease<RedisReplicaBackend>> StartAsync()
    {
        var lease = await RedisReplicaBackend.StartAsync(new RedisBackendOptions { Sources = BackendSources.Controlled });
        Assert.SkipUnless(lease.IsAvailable, lease.Reason);
        return lease;
    }
}
