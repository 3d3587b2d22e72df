using static SessionStores.Redis.Tests.Sessions;

namespace SessionStores.Redis.Tests;

/// <summary>After Dispose every call throws, also on a connection that the application continues to use.</summary>
public sealed class DisposalTests(RedisFixture fixture)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_Dispose_every_call_throws_and_the_connection_of_the_application_stays_open(bool wasUsed)
    {
        var store = await fixture.StoreAsync();
        if (wasUsed)
            await store.SetAsync("a", Of("{}", "ann"));

        await store.DisposeAsync();
        await store.DisposeAsync();

        Func<Task>[] calls =
        [
            () => store.GetAsync("a").AsTask(),
            () => store.CreateAsync("a", Of("{}")).AsTask(),
            () => store.ReplaceAsync("a", SessionVersion.Any, Of("{}")).AsTask(),
            () => store.SetAsync("a", Of("{}")).AsTask(),
            () => store.TouchAsync("a", InAnHour).AsTask(),
            () => store.DestroyAsync("a").AsTask(),
            () => store.RotateAsync("a", "b", SessionVersion.Any, Of("{}")).AsTask(),
            () => AllOf(store.AllAsync()),
            () => store.LengthAsync().AsTask(),
            () => store.ClearAsync().AsTask(),
            () => AllOf(store.ListBySubjectAsync("ann")),
            () => store.DestroyBySubjectAsync("ann").AsTask(),
            () => store.PruneAsync().AsTask(),
        ];
        foreach (var call in calls)
            Assert.Equal(typeof(RedisStore).FullName, (await Assert.ThrowsAsync<ObjectDisposedException>(call)).ObjectName);

        Assert.True((await fixture.ConnectionAsync()).IsConnected);
    }
}
