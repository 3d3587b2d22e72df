using Microsoft.Extensions.DependencyInjection;
using SessionStores.Backends;
using SessionStores.Conformance;
using StackExchange.Redis;
using static SessionStores.Redis.Tests.Sessions;

namespace SessionStores.Redis.Tests;

/// <summary>How the server is reached: what a connection is configured with, what it is refused for, and what follows when it dies.</summary>
public sealed class RedisConnectionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly RedisStoreOptions OneSecond = new() { OperationTimeout = TimeSpan.FromSeconds(1) };

    [Fact]
    public async Task A_refusal_is_named_also_after_a_connection_that_failed_for_another_reason()
    {
        await using var server = await StartAsync("sesame-0815");
        server.Network.Refuse();
        await using var store = new RedisStore(server.Configuration, OneSecond);
        var exception = await Assert.ThrowsAsync<SessionStoreException>(() => store.GetAsync("a").AsTask());
        Assert.True(exception.Fault is SessionStoreFault.Unavailable or SessionStoreFault.Timeout, exception.ToString());

        server.Network.PassThrough();

        await BecomesAsync(store, SessionStoreFault.Refused);
        exception = await Assert.ThrowsAsync<SessionStoreException>(() => store.SetAsync("a", Of("{}")).AsTask());
        Assert.Equal("RedisStore.Set: The Redis server refuses the credentials or a right: a valid user and password are needed.", exception.Message);
    }

    [Fact]
    public async Task A_password_that_changes_while_the_application_runs_is_asked_for_and_refused_until_it_is_right()
    {
        var password = "first-0815";
        await using var server = await StartAsync(password);
        var options = new RedisStoreOptions { OperationTimeout = TimeSpan.FromSeconds(1), Credentials = _ => new(new RedisCredential(null, Volatile.Read(ref password))) };
        await using var store = new RedisStore(server.Configuration, options);
        await BecomesAsync(store, null);

        // Redis keeps connections that are signed in, so that they are cut.
        using (var client = await server.Backend.ConnectAsync())
            await client.SendAsync("CONFIG", "SET", "requirepass", "second-0815");

        server.Network.CutAll();
        await BecomesAsync(store, SessionStoreFault.Refused);

        Volatile.Write(ref password, "second-0815");
        await BecomesAsync(store, null);
    }

    [Fact]
    public async Task Credentials_that_cannot_be_provided_are_a_refusal()
    {
        await using var server = await StartAsync();
        var options = new RedisStoreOptions { OperationTimeout = TimeSpan.FromSeconds(1), Credentials = _ => throw new InvalidOperationException("vault") };
        await using var store = new RedisStore(server.Configuration, options);

        var exception = await BecomesAsync(store, SessionStoreFault.Refused);

        Assert.Equal("RedisStore.Get: The Redis server refuses the credentials or a right: RedisStoreOptions.Credentials failed (InvalidOperationException).", exception!.Message);
    }

    [Fact]
    public async Task A_certificate_that_is_not_trusted_is_named_as_the_cause()
    {
        await using var server = new UntrustedServer();
        var configuration = new ConfigurationOptions { EndPoints = { server.EndPoint }, Ssl = true, SslHost = "localhost" };
        await using var store = new RedisStore(configuration, OneSecond);

        var exception = await BecomesAsync(store, SessionStoreFault.Misconfigured);

        Assert.StartsWith("RedisStore.Get: The TLS connection to the Redis server failed: ", exception!.Message, StringComparison.Ordinal);
        Assert.Contains("certificate", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_after_the_connection_was_cut_does_not_fail()
    {
        await using var server = await StartAsync();
        await using var store = new RedisStore(server.Configuration, new RedisStoreOptions { OperationTimeout = TimeSpan.FromMinutes(5) });
        await store.SetAsync("a", Of("{}"));
        for (var round = 0; round < 10; round++)
        {
            // One for commands and one for subscriptions.
            await Wait.UntilAsync(() => server.Network.Open == 2, Patience, "the client to have both of its connections");
            server.Network.CutAll();
            Assert.NotNull(await store.GetAsync("a"));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_only_server_is_read_without_a_slide_while_it_takes_no_writes(bool isSmall)
    {
        await using var server = await StartAsync();
        await using var store = new RedisStore(server.Configuration);
        await store.SetAsync("a", Of($$"""{"a":"{{new string('x', isSmall ? 1 : 100_000)}}"}"""));
        await server.BeginAsync(ServerFault.ReadOnly);

        for (var round = 0; round < 5; round++)
        {
            var record = await store.GetAsync("a", new SlidingExpiry(TimeSpan.FromHours(3), TimeSpan.FromHours(2)));
            Assert.True(record!.Remaining < TimeSpan.FromHours(1.5));
        }

        Assert.Equal(SessionStoreFault.ReadOnly, (await Assert.ThrowsAsync<SessionStoreException>(() => store.SetAsync("a", Of("{}")).AsTask())).Fault);
        Assert.Equal(["a"], (await AllOf(store.AllAsync())).Select(record => record.Id));
        await server.EndAsync(ServerFault.ReadOnly);
        await Wait.UntilAsync(
            async _ => (await store.GetAsync("a", new SlidingExpiry(TimeSpan.FromHours(1.5), TimeSpan.FromHours(2))))!.Remaining > TimeSpan.FromHours(1.5),
            Patience, "the slide to be carried out");
    }

    [Theory]
    [InlineData("redis://example.org", "example.org:6379", null, null, false, null)]
    [InlineData("redis://example.org:6380/7", "example.org:6380", null, null, false, 7)]
    [InlineData("rediss://ann:s%40same%2F@example.org/", "example.org:6379", "ann", "s@same/", true, null)]
    [InlineData("redis://:sesame@10.0.0.1:1", "10.0.0.1:1", null, "sesame", false, null)]
    [InlineData("redis://[::1]:1", "[::1]:1", null, null, false, null)]
    public void A_URL_is_read(string url, string endPoint, string? user, string? password, bool ssl, int? database)
    {
        var configuration = RedisConnection.Parse(url);

        Assert.Equal(endPoint, EndPointCollection.ToString(Assert.Single(configuration.EndPoints)));
        Assert.Equal((user, password, ssl, database), (configuration.User, configuration.Password, configuration.Ssl, configuration.DefaultDatabase));
    }

    [Theory]
    [InlineData("redis://example.org:6379,password=sesame")]
    [InlineData("redis://a:1,redis://b:2")]
    [InlineData("rediss://example.org/0?timeout=5")]
    [InlineData("redis://example.org/sesame")]
    [InlineData("redis://")]
    [InlineData("example.org:6379,redis://sesame:6379")]
    [InlineData("tcp://example.org:6379")]
    public void What_is_not_a_URL_of_Redis_is_refused_at_start_with_the_right_form(string url)
    {
        var exception = Assert.Throws<ArgumentException>(() => new Builder().UseRedis(url));

        Assert.Contains("redis://user:password@host:6379/0", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_for_a_connection_that_signs_in_by_itself_are_refused()
    {
        await using var server = await StartAsync();
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        var options = new RedisStoreOptions { Credentials = _ => default };

        Assert.Throws<ArgumentException>(() => new RedisStore(multiplexer, options));
        Assert.Throws<ArgumentException>(() => new Builder().UseRedis(multiplexer, own => own.Credentials = options.Credentials));
    }

    /// <summary>Reads until that ends in the fault; null for success.</summary>
    private static async Task<SessionStoreException?> BecomesAsync(RedisStore store, SessionStoreFault? fault)
    {
        SessionStoreException? last = null;
        await Wait.UntilAsync(
            async _ =>
            {
                last = null;
                try
                {
                    await store.GetAsync("a");
                }
                catch (SessionStoreException exception)
                {
                    last = exception;
                }

                return last?.Fault == fault;
            },
            Patience, $"{fault?.ToString() ?? "success"} to be reported");
        return last;
    }

    private static async Task<RedisServerFaults> StartAsync(string? password = null)
    {
        var server = await RedisServerFaults.StartAsync(password);
        Assert.SkipWhen(server is null, "There is no Redis server here that can be stopped and started.");
        return server!;
    }

    private sealed class Builder : ISessionStoresBuilder
    {
        public string Name => "";

        public ISessionStoresBuilder UseStore(Func<IServiceProvider, ISessionStore> store) => this;

        public ISessionStoresBuilder Decorate(Func<IServiceProvider, ISessionStore, ISessionStore> decorate) => this;
    }
}
