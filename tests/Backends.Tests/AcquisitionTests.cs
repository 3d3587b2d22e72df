using DotNet.Testcontainers.Configurations;

namespace SessionStores.Backends.Tests;

[Collection(nameof(EnvironmentCollection))]
public sealed class AcquisitionTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly string[] Variables =
    [
        "SESSIONSTORES_REDIS", "SESSIONSTORES_REDIS_SERVER", "SESSIONSTORES_POSTGRES", "SESSIONSTORES_MONGO", "SESSIONSTORES_IMAGES",
        "SESSIONSTORES_REQUIRE", "SESSIONSTORES_SOURCES",
    ];

    private readonly Dictionary<string, string?> _before = Variables.ToDictionary(name => name, Environment.GetEnvironmentVariable);

    public AcquisitionTests()
    {
        foreach (var name in Variables)
            Environment.SetEnvironmentVariable(name, null);
    }

    public void Dispose()
    {
        foreach (var (name, value) in _before)
            Environment.SetEnvironmentVariable(name, value);
    }

    [Fact]
    public async Task An_absent_backend_says_why_and_cannot_be_used()
    {
        Environment.SetEnvironmentVariable("SESSIONSTORES_REDIS_SERVER", "/nowhere/redis-server");

        await using var lease = await RedisBackend.StartAsync(
            new RedisBackendOptions { Sources = BackendSources.ConnectionString | BackendSources.Binary }, None);

        const string Reason =
            "redis is not available: SESSIONSTORES_REDIS is not set; SESSIONSTORES_REDIS_SERVER names /nowhere/redis-server, which does not exist.";
        Assert.False(lease.IsAvailable);
        Assert.Equal(Reason, lease.Reason);
        var exception = Assert.Throws<BackendUnavailableException>(() => lease.Backend);
        Assert.Equal(Reason, exception.Message);
    }

    [Theory]
    [InlineData("redis")]
    [InlineData("postgres, Redis")]
    public async Task An_absent_backend_that_is_required_fails_with_the_reason(string required)
    {
        Environment.SetEnvironmentVariable("SESSIONSTORES_REQUIRE", required);
        Environment.SetEnvironmentVariable("SESSIONSTORES_REDIS_SERVER", "/nowhere/redis-server");

        var exception = await Assert.ThrowsAsync<BackendUnavailableException>(
            () => RedisBackend.StartAsync(new RedisBackendOptions { Sources = BackendSources.Binary }, None));

        Assert.Contains("SESSIONSTORES_REQUIRE names redis", exception.Message, StringComparison.Ordinal);
        Assert.Contains("/nowhere/redis-server, which does not exist", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_requirement_is_for_the_backend_of_that_name_alone()
    {
        Environment.SetEnvironmentVariable("SESSIONSTORES_REQUIRE", "redis");
        Environment.SetEnvironmentVariable("SESSIONSTORES_REDIS_SERVER", "/nowhere/redis-server");

        await using var lease = await RedisClusterBackend.StartAsync(new RedisBackendOptions { Sources = BackendSources.Binary }, None);

        Assert.False(lease.IsAvailable);
    }

    [Fact]
    public async Task A_server_that_came_by_connection_string_is_used_and_not_steered()
    {
        await using var own = await RedisBackend.StartAsync(new RedisBackendOptions { Sources = BackendSources.Controlled, Password = "secret" }, None);
        Assert.SkipUnless(own.IsAvailable, own.Reason);
        Environment.SetEnvironmentVariable("SESSIONSTORES_REDIS", own.Backend.ConnectionString);

        await using (var lease = await RedisBackend.StartAsync(cancellationToken: None))
        {
            var redis = lease.Backend;
            Assert.StartsWith("connection string of SESSIONSTORES_REDIS, Redis ", redis.Description, StringComparison.Ordinal);
            Assert.Equal(own.Backend.ConnectionString, redis.ConnectionString);
            Assert.Equal(own.Backend.Server.Port, redis.Server.Port);
            Assert.False(redis.CanControl);
            await Assert.ThrowsAsync<NotSupportedException>(() => redis.StopAsync(None));
            await Assert.ThrowsAsync<NotSupportedException>(() => redis.KillAsync(None));
            await Assert.ThrowsAsync<NotSupportedException>(() => redis.PauseAsync(None));
            await Assert.ThrowsAsync<NotSupportedException>(() => redis.ResumeAsync(None));
            await Assert.ThrowsAsync<NotSupportedException>(() => redis.RestartAsync(None));
        }

        using var client = await own.Backend.ConnectAsync(None);
        Assert.Equal("PONG", await client.SendAsync("PING"));
    }

    [Fact]
    public async Task A_connection_string_that_reaches_no_server_is_an_error_and_not_an_absence()
    {
        await using var proxy = TcpFault.Start("127.0.0.1", 1);
        proxy.Refuse();
        Environment.SetEnvironmentVariable("SESSIONSTORES_REDIS", $"{proxy.Host}:{proxy.Port}");

        await Assert.ThrowsAnyAsync<BackendStartException>(() => RedisBackend.StartAsync(cancellationToken: None));
    }

    [Fact]
    public async Task Special_settings_ask_for_a_server_of_our_own()
    {
        Environment.SetEnvironmentVariable("SESSIONSTORES_REDIS", "127.0.0.1:1");

        await using var lease = await RedisBackend.StartAsync(new RedisBackendOptions { MaxMemory = "10mb" }, None);

        Assert.SkipUnless(lease.IsAvailable, lease.Reason);
        Assert.True(lease.Backend.CanControl);
    }

    [Fact]
    public async Task A_postgres_connection_string_gives_databases_too()
    {
        await using var own = await PostgresBackend.StartAsync(
            new PostgresBackendOptions { Sources = BackendSources.Controlled, Durable = false }, None);
        Assert.SkipUnless(own.IsAvailable, own.Reason);
        Environment.SetEnvironmentVariable("SESSIONSTORES_POSTGRES", own.Backend.ConnectionString);

        await using var lease = await PostgresBackend.StartAsync(cancellationToken: None);

        Assert.False(lease.Backend.CanControl);
        Assert.StartsWith("connection string of SESSIONSTORES_POSTGRES, PostgreSQL ", lease.Backend.Description, StringComparison.Ordinal);
        Assert.Contains("Database=run_", await lease.Backend.CreateDatabaseAsync(None), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sources_of_a_run_can_be_narrowed()
    {
        Environment.SetEnvironmentVariable("SESSIONSTORES_SOURCES", "connectionstring");

        await using var lease = await RedisBackend.StartAsync(new RedisBackendOptions { Sources = BackendSources.Controlled }, None);

        Assert.False(lease.IsAvailable);
        Assert.Contains("SESSIONSTORES_SOURCES allows: ConnectionString", lease.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_image_of_a_server_can_be_chosen()
    {
        Environment.SetEnvironmentVariable("SESSIONSTORES_IMAGES", "postgres=postgres:17, redis=no-such/image:1");

        await using var lease = await RedisBackend.StartAsync(new RedisBackendOptions { Sources = BackendSources.Container }, None);

        Assert.False(lease.IsAvailable);
        Assert.SkipWhen(lease.Reason.Contains("no Docker engine", StringComparison.Ordinal), lease.Reason);
        Assert.Contains("no-such/image:1", lease.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "redis:8.0@sha256:9a4f")]
    [InlineData("localhost", "redis:8.0")]
    public void The_image_of_a_server_can_be_pinned_by_a_digest_which_one_that_was_built_here_does_not_have(string prefix, string image)
    {
        var before = TestcontainersSettings.HubImageNamePrefix;
        Environment.SetEnvironmentVariable("SESSIONSTORES_IMAGES", "redis=redis:8.0@sha256:9a4f");
        try
        {
            TestcontainersSettings.HubImageNamePrefix = prefix;

            Assert.Equal(image, ContainerImages.Redis);
        }
        finally
        {
            TestcontainersSettings.HubImageNamePrefix = before;
        }
    }

    [Theory]
    [InlineData("moon=moon:1")]
    [InlineData("redis")]
    [InlineData("redis=")]
    public async Task An_invalid_choice_of_images_is_named(string images)
    {
        Environment.SetEnvironmentVariable("SESSIONSTORES_IMAGES", images);

        var exception = await Assert.ThrowsAsync<BackendStartException>(
            () => RedisBackend.StartAsync(new RedisBackendOptions { Sources = BackendSources.Container }, None));

        Assert.Contains($"'{images}'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_source_is_named()
    {
        Environment.SetEnvironmentVariable("SESSIONSTORES_SOURCES", "binary,moon");

        var exception = await Assert.ThrowsAsync<BackendStartException>(() => RedisBackend.StartAsync(cancellationToken: None));

        Assert.Contains("'moon'", exception.Message, StringComparison.Ordinal);
    }
}
