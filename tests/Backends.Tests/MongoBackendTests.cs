namespace SessionStores.Backends.Tests;

public sealed class MongoBackendTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_server_tells_its_version()
    {
        await using var mongo = await StartAsync(BackendSources.Any);

        var version = await mongo.ReadVersionAsync(None);

        Assert.Matches(@"^MongoDB \d+\.\d+", version);
        Assert.StartsWith("mongodb://", mongo.ConnectionString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_server_comes_back_on_its_port()
    {
        await using var mongo = await StartAsync(BackendSources.Controlled);
        var version = await mongo.ReadVersionAsync(None);

        await mongo.KillAsync(None);
        await Assert.ThrowsAnyAsync<Exception>(() => mongo.ReadVersionAsync(None));
        await mongo.RestartAsync(None);

        Assert.Equal(version, await mongo.ReadVersionAsync(None));
    }

    [Fact]
    public async Task A_paused_server_is_silent_until_it_is_resumed()
    {
        await using var mongo = await StartAsync(BackendSources.Controlled);

        await mongo.PauseAsync(None);
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => mongo.ReadVersionAsync(patience.Token));
        await mongo.ResumeAsync(None);

        Assert.NotEmpty(await mongo.ReadVersionAsync(None));
    }

    private static async Task<MongoBackend> StartAsync(BackendSources sources)
    {
        var lease = await MongoBackend.StartAsync(new BackendOptions { Sources = sources }, None);
        Assert.SkipUnless(lease.IsAvailable, lease.Reason);
        return lease.Backend;
    }
}
