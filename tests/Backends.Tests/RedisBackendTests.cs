namespace SessionStores.Backends.Tests;

public sealed class RedisBackendTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_durable_server_keeps_its_data_over_a_kill()
    {
        await using var redis = await StartAsync(new RedisBackendOptions { Sources = BackendSources.Controlled, Durable = true });
        using (var client = await redis.ConnectAsync(None))
            await client.SendAsync("SET", "kept", "value");

        await redis.KillAsync(None);
        var wasRunning = redis.Server.IsRunning;
        await redis.RestartAsync(None);

        Assert.False(wasRunning);
        using var again = await redis.ConnectAsync(None);
        Assert.Equal("value", await again.SendAsync("GET", "kept"));
    }

    [Fact]
    public async Task An_orderly_stop_ends_the_server_and_a_restart_keeps_the_port()
    {
        await using var redis = await StartAsync(new RedisBackendOptions { Sources = BackendSources.Controlled, Durable = true });
        var port = redis.Server.Port;
        using (var client = await redis.ConnectAsync(None))
            await client.SendAsync("SET", "kept", "value");

        await redis.StopAsync(None);

        await Assert.ThrowsAnyAsync<Exception>(() => redis.ConnectAsync(None));
        await redis.RestartAsync(None);
        Assert.Equal(port, redis.Server.Port);
        using var again = await redis.ConnectAsync(None);
        Assert.Equal("value", await again.SendAsync("GET", "kept"));
    }

    [Fact]
    public async Task A_paused_server_is_silent_until_it_is_resumed()
    {
        await using var redis = await StartAsync(new RedisBackendOptions { Sources = BackendSources.Controlled });
        using var client = await redis.ConnectAsync(None);

        await redis.PauseAsync(None);
        var ping = client.SendAsync("PING");
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ping.WaitAsync(patience.Token));
        var wasRunning = redis.Server.IsRunning;
        await redis.ResumeAsync(None);

        Assert.True(wasRunning);
        Assert.Equal("PONG", await ping);
    }

    [Fact]
    public async Task A_paused_server_can_be_stopped_and_killed()
    {
        await using var redis = await StartAsync(new RedisBackendOptions { Sources = BackendSources.Controlled });

        await redis.PauseAsync(None);
        await redis.StopAsync(None);
        var stopped = !redis.Server.IsRunning;
        await redis.RestartAsync(None);
        await redis.PauseAsync(None);
        await redis.KillAsync(None);

        Assert.True(stopped);
        Assert.False(redis.Server.IsRunning);
    }

    [Fact]
    public async Task Password_and_memory_limit_are_set()
    {
        await using var redis = await StartAsync(new RedisBackendOptions { Password = "open sesame", MaxMemory = "3mb" });

        using var without = await RespClient.ConnectAsync(redis.Server.Host, redis.Server.Port, password: null, None);
        var refused = await Assert.ThrowsAsync<RespErrorException>(() => without.SendAsync("GET", "key"));
        using var client = await redis.ConnectAsync(None);
        var full = await Assert.ThrowsAsync<RespErrorException>(async () =>
        {
            for (var index = 0; index < 100; index++)
                await client.SendAsync("SET", $"key {index}", new string('x', 100_000));
        });

        Assert.StartsWith("NOAUTH", refused.Message, StringComparison.Ordinal);
        Assert.StartsWith("OOM", full.Message, StringComparison.Ordinal);
        Assert.EndsWith(",password=open sesame", redis.ConnectionString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_servers_run_side_by_side()
    {
        var both = await Task.WhenAll(StartAsync(new RedisBackendOptions { Sources = BackendSources.Controlled }), StartAsync(new RedisBackendOptions { Sources = BackendSources.Controlled }));
        await using var first = both[0];
        await using var second = both[1];
        using var toFirst = await first.ConnectAsync(None);
        using var toSecond = await second.ConnectAsync(None);

        await toFirst.SendAsync("SET", "key", "first");

        Assert.NotEqual(first.Server.Port, second.Server.Port);
        Assert.Null(await toSecond.SendAsync("GET", "key"));
    }

    [Fact]
    public async Task A_server_that_ends_at_once_is_an_error_that_shows_its_log()
    {
        await using (await StartAsync(new RedisBackendOptions { Sources = BackendSources.Controlled }))
        {
            // There is one that starts.
        }

        var options = new RedisBackendOptions { Arguments = ["--no-such-setting", "1"] };

        var exception = await Assert.ThrowsAsync<BackendStartException>(() => RedisBackend.StartAsync(options, None));

        Assert.Contains("no-such-setting", exception.Message, StringComparison.Ordinal);
    }

    private static async Task<RedisBackend> StartAsync(RedisBackendOptions options)
    {
        var lease = await RedisBackend.StartAsync(options, None);
        Assert.SkipUnless(lease.IsAvailable, lease.Reason);
        return lease.Backend;
    }
}
