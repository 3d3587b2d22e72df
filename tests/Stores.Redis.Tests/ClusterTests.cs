using SessionStores.Backends;
using StackExchange.Redis;
using static SessionStores.Redis.Tests.Sessions;

namespace SessionStores.Redis.Tests;

/// <summary>What a cluster cannot do in one step, and what holds there instead.</summary>
public sealed class ClusterTests(RedisClusterFixture fixture)
{
    [Fact]
    public async Task A_rotation_between_slots_never_shows_both_sessions()
    {
        var store = await fixture.StoreAsync();
        for (var round = 0; round < 100; round++)
        {
            var (old, @new) = ($"old{round}", $"new{round}");
            await store.CreateAsync(old, Of("{}"));
            var rotation = Task.Run(async () => await store.RotateAsync(old, @new, SessionVersion.Any, Of("{}")));
            while (!rotation.IsCompleted)
            {
                // The new one first: had it been there, the old one must be gone by now.
                var hasNew = await store.GetAsync(@new) is not null;
                Assert.False(hasNew && await store.GetAsync(old) is not null);
            }

            Assert.Equal(SessionWriteStatus.Written, (await rotation).Status);
            Assert.Null(await store.GetAsync(old));
            Assert.NotNull(await store.GetAsync(@new));
        }
    }

    [Fact]
    public async Task Of_parallel_rotations_one_wins()
    {
        var store = await fixture.StoreAsync();
        for (var round = 0; round < 30; round++)
        {
            await store.CreateAsync($"r{round}", Of("{}"));

            var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => store.RotateAsync($"r{round}", $"r{round}-{i}", SessionVersion.Any, Of("{}")).AsTask()));

            Assert.Single(results, result => result.Status == SessionWriteStatus.Written);
            Assert.Equal(7, results.Count(result => result.Status == SessionWriteStatus.Gone));
        }

        Assert.Equal(30, await store.LengthAsync());
    }

    [Fact]
    public async Task A_rotation_that_breaks_off_between_its_steps_leaves_neither()
    {
        await using var lease = await RedisClusterBackend.StartAsync(new RedisBackendOptions { Sources = BackendSources.Controlled });
        Assert.SkipUnless(lease.IsAvailable, lease.Reason);
        await using var store = new RedisStore(ConfigurationOptions.Parse(lease.Backend.ConnectionString));
        var owner = await lease.Backend.FindOwnerAsync("sess:old");
        var (target, other) = ("", owner);
        for (var i = 0; other == owner; i++)
            other = await lease.Backend.FindOwnerAsync($"sess:{target = $"new{i}"}");

        await store.CreateAsync("old", Of("{}"));
        using (var client = await lease.Backend.ConnectAsync(other!))
        {
            // The node of the old id is held up until the other one has kept the new id free and then takes no more writes.
            await owner!.PauseAsync();
            var rotation = store.RotateAsync("old", target, SessionVersion.Any, Of("{}")).AsTask();
            await Wait.UntilAsync(async _ => await client.SendAsync("EXISTS", $"sess:{target}") is 1L, TimeSpan.FromSeconds(10), "the new id to be kept free");
            await client.SendAsync("CONFIG", "SET", "maxmemory", "1");
            await owner.ResumeAsync();
            var exception = await Assert.ThrowsAsync<SessionStoreException>(() => rotation);
            await client.SendAsync("CONFIG", "SET", "maxmemory", "0");
            Assert.Equal(SessionStoreFault.ReadOnly, exception.Fault);
        }

        Assert.Null(await store.GetAsync("old"));
        Assert.Null(await store.GetAsync(target));
        Assert.Equal(SessionWriteStatus.Gone, (await store.RotateAsync("old", target, SessionVersion.Any, Of("{}"))).Status);
    }

    [Fact]
    public async Task The_same_store_works_again_after_a_primary_was_killed()
    {
        await using var lease = await RedisClusterBackend.StartAsync(new RedisBackendOptions { Sources = BackendSources.Controlled });
        Assert.SkipUnless(lease.IsAvailable, lease.Reason);
        await using var store = new RedisStore(ConfigurationOptions.Parse(lease.Backend.ConnectionString), new RedisStoreOptions { OperationTimeout = TimeSpan.FromSeconds(1) });
        for (var i = 0; i < 60; i++)
            await store.CreateAsync($"{i}", Of("{}", "ann"));

        var replicas = await lease.Backend.FindPrimariesAsync();
        foreach (var primary in replicas)
        {
            using var client = await lease.Backend.ConnectAsync(primary);
            await client.SendAsync("WAIT", "1", "5000");
        }

        await replicas[0].KillAsync();
        await lease.Backend.WaitUntilOkAsync();

        Exception? last = null;
        try
        {
            await Wait.UntilAsync(
                async _ =>
                {
                    try
                    {
                        return await store.LengthAsync() == 60 && (await AllOf(store.ListBySubjectAsync("ann"))).Count == 60;
                    }
                    catch (SessionStoreException exception)
                    {
                        last = exception;
                        return false;
                    }
                },
                TimeSpan.FromSeconds(60), "all sessions to be found again");
        }
        catch (TimeoutException)
        {
            Assert.Fail($"The store did not find the new primary: {last}");
        }

        for (var i = 0; i < 60; i++)
            Assert.True(await store.DestroyAsync($"{i}"));
    }

    [Fact]
    public async Task Waiting_for_replicas_is_refused()
    {
        var store = await fixture.StoreAsync(options => options.MinReplicas = 1);

        var exception = await Assert.ThrowsAsync<SessionStoreException>(() => store.CreateAsync("a", Of("{}")).AsTask());

        Assert.Equal(SessionStoreFault.Misconfigured, exception.Fault);
    }

    [Theory]
    [InlineData("123456789", 12739)]
    [InlineData("foo", 12182)]
    public void A_slot_is_that_of_the_specification(string key, int slot) => Assert.Equal(slot, ClusterSlots.Of(key));
}
