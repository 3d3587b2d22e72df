namespace SessionStores.Backends.Tests;

public sealed class BackendSummaryTests
{
    [Fact]
    public void It_says_what_was_used_and_what_did_not_run()
    {
        var list = new BackendSummary();

        list.AddNotRun("redis", "not there at first");
        list.AddUsed("redis", "local binary");
        list.AddUsed("redis", "container");
        list.AddUsed("redis", "container");
        list.AddNotRun("mongo", "short");
        list.AddNotRun("mongo", "long reason");
        list.AddNotRun("mongo", "short");

        Assert.Equal(["mongo: not run: long reason", "redis: container", "redis: local binary"], list.Lines);
    }

    [Fact]
    public async Task A_started_backend_is_in_it()
    {
        await using var lease = await RedisBackend.StartAsync(
            new RedisBackendOptions { Sources = BackendSources.Controlled }, CancellationToken.None);
        Assert.SkipUnless(lease.IsAvailable, lease.Reason);

        Assert.Contains($"redis: {lease.Backend.Description}", BackendSummary.OfProcess.Lines);
    }
}
