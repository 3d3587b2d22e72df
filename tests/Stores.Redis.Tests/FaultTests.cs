using System.Collections.Concurrent;
using SessionStores.Backends;
using SessionStores.Conformance;
using StackExchange.Redis;
using static SessionStores.Redis.Tests.Sessions;

namespace SessionStores.Redis.Tests;

/// <summary>Faults of a server, beyond what the kit looks at.</summary>
public sealed class FaultTests
{
    /// <summary>Far beyond any limit of a call, and far below the time after which the client itself would give a call up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly StoreSettings OneSecond = new() { CommandTimeout = TimeSpan.FromSeconds(1) };

    [Theory]
    [InlineData(ServerFault.Stopped, SessionStoreFault.Unavailable)]
    [InlineData(ServerFault.Killed, SessionStoreFault.Unavailable)]
    [InlineData(ServerFault.Hanging, SessionStoreFault.Timeout)]
    [InlineData(ServerFault.ReadOnly, SessionStoreFault.ReadOnly)]
    [InlineData(ServerFault.DropAfterSend, SessionStoreFault.Unavailable)]
    public async Task A_fault_ends_in_one_exception_in_time_and_the_store_recovers(ServerFault fault, SessionStoreFault expected)
    {
        await using var server = await StartAsync();
        await using var store = (RedisStore)await server.CreateStoreAsync("f", OneSecond);
        await store.CreateAsync("kept", Of("{}"));

        await server.BeginAsync(fault);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var exception = await Assert.ThrowsAsync<SessionStoreException>(() => store.SetAsync("other", Of("{}")).AsTask().WaitAsync(Patience));

            // With the connection down the client may not yet know it, or no longer say why.
            if (attempt == 0 || fault is ServerFault.ReadOnly)
                Assert.True(exception.Fault == expected || exception.Fault == SessionStoreFault.Timeout && fault != ServerFault.ReadOnly, exception.ToString());

            Assert.DoesNotContain("other", exception.ToString(), StringComparison.Ordinal);
        }

        await server.EndAsync(fault);
        await WorksAgainAsync(store);
        Assert.NotNull(await store.GetAsync("kept"));
    }

    [Fact]
    public async Task Scripts_that_the_server_forgot_are_loaded_again()
    {
        await using var server = await StartAsync();
        await using var store = (RedisStore)await server.CreateStoreAsync("f", OneSecond);
        var versions = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i => (await store.CreateAsync($"{i}", Of("{}"))).Version));

        var flushing = Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
                await server.BeginAsync(ServerFault.ForgottenScripts);
        });
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            var version = versions[i];
            while (!flushing.IsCompleted)
            {
                version = (await store.GetAsync($"{i}"))!.Version;
                var replaced = await store.ReplaceAsync($"{i}", version, Of($$"""{"n":{{Random.Shared.Next()}}}"""));
                Assert.Equal(SessionWriteStatus.Written, replaced.Status);
            }
        }));

        await flushing;
        Assert.Equal(20, await store.LengthAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    public async Task A_missing_or_wrong_password_is_a_refusal(string? password)
    {
        await using var server = await StartAsync(password: "sesame-0815");
        var configuration = server.Configuration;
        configuration.Password = password;
        await using var store = new RedisStore(configuration);

        // While the client connects anew it may not know why it has no connection.
        await Wait.UntilAsync(
            async _ =>
            {
                var exception = await Assert.ThrowsAsync<SessionStoreException>(() => store.GetAsync("a").AsTask().WaitAsync(Patience));
                Assert.DoesNotContain("sesame", exception.ToString(), StringComparison.Ordinal);
                Assert.DoesNotContain("wrong", exception.ToString(), StringComparison.Ordinal);
                Assert.True(exception.Fault is SessionStoreFault.Refused or SessionStoreFault.Unavailable or SessionStoreFault.Timeout, exception.ToString());
                return exception.Fault == SessionStoreFault.Refused;
            },
            Patience, "the refusal to be reported");
    }

    [Fact]
    public async Task A_right_that_is_missing_inside_of_a_script_is_a_refusal()
    {
        await using var server = await StartAsync();
        await using var store = new RedisStore(server.Configuration);
        await store.CreateAsync("a", Of("{}"));
        using (var client = await server.Backend.ConnectAsync())
            await client.SendAsync("ACL", "SETUSER", "default", "-set");

        var exception = await Assert.ThrowsAsync<SessionStoreException>(() => store.CreateAsync("b", Of("{}")).AsTask());

        Assert.True(exception.Fault == SessionStoreFault.Refused, exception.ToString());
    }

    [Fact]
    public async Task A_database_that_does_not_exist_is_a_mistake_in_the_set_up()
    {
        await using var server = await StartAsync();
        var configuration = server.Configuration;
        configuration.DefaultDatabase = 99;
        await using var store = new RedisStore(configuration);

        var exception = await Assert.ThrowsAsync<SessionStoreException>(() => store.GetAsync("a").AsTask());

        Assert.True(exception.Fault == SessionStoreFault.Misconfigured, exception.ToString());
        Assert.Contains("99", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_right_password_is_used()
    {
        await using var server = await StartAsync(password: "sesame-0815");
        var configuration = server.Configuration;
        configuration.Password = "sesame-0815";
        await using var store = new RedisStore(configuration);

        Assert.Null(await store.GetAsync("a"));
    }

    [Fact]
    public async Task Out_of_memory_is_read_only_and_sessions_can_still_be_read_and_destroyed()
    {
        await using var server = await StartAsync(maxMemory: "4mb");
        await using var store = (RedisStore)await server.CreateStoreAsync("f", OneSecond);
        await store.CreateAsync("kept", Of("{}", "ann"));
        var fill = Of($$"""{"fill":"{{new string('x', 100_000)}}"}""");

        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () =>
        {
            for (var i = 0; i < 100; i++)
                await store.CreateAsync($"{i}", fill);
        });

        Assert.Equal(SessionStoreFault.ReadOnly, exception.Fault);
        Assert.NotNull(await store.GetAsync("kept", new SlidingExpiry(TimeSpan.FromHours(2), InAnHour.AddHours(1))));
        Assert.True(await store.DestroyAsync("kept"));
        Assert.Empty(await AllOf(store.ListBySubjectAsync("ann")));
        await store.ClearAsync();
        Assert.Equal(SessionWriteStatus.Written, (await store.CreateAsync("a", fill)).Status);
    }

    [Fact]
    public async Task A_server_that_comes_up_late_is_found()
    {
        await using var server = await StartAsync();
        await server.BeginAsync(ServerFault.Killed);
        await using var store = (RedisStore)await server.CreateStoreAsync("f", OneSecond);

        await Assert.ThrowsAsync<SessionStoreException>(() => store.GetAsync("a").AsTask().WaitAsync(Patience));

        await server.EndAsync(ServerFault.Killed);
        await WorksAgainAsync(store);
    }

    [Fact]
    public async Task A_cancelled_token_ends_a_call_that_hangs()
    {
        await using var server = await StartAsync();
        await using var store = (RedisStore)await server.CreateStoreAsync("f", new StoreSettings { CommandTimeout = TimeSpan.FromSeconds(30) });
        await store.CreateAsync("a", Of("{}"));
        await server.BeginAsync(ServerFault.Hanging);
        using var cancellation = new CancellationTokenSource();

        var pending = store.GetAsync("a", null, cancellation.Token).AsTask();
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
        await server.EndAsync(ServerFault.Hanging);
    }

    [Theory]
    [InlineData(ServerFault.Stopped, "The Redis server cannot be reached, or dropped the connection.", "Set failed: Unavailable (")]
    [InlineData(ServerFault.Hanging, "The Redis server did not respond within OperationTimeout (00:00:01).", "Set failed: Timeout (TimeoutException).")]
    [InlineData(ServerFault.ReadOnly, "The Redis server takes no writes: ", "Set failed: ReadOnly (")]
    public async Task A_failed_call_says_why_and_is_logged_once(ServerFault fault, string message, string line)
    {
        var lines = new ConcurrentQueue<string>();
        await using var server = await StartAsync();
        await using var store = (RedisStore)await server.CreateStoreAsync("f", new StoreSettings { CommandTimeout = TimeSpan.FromSeconds(1), Log = lines.Enqueue });
        await store.CreateAsync("kept", Of("{}"));
        await server.BeginAsync(fault);

        // Until the client has noticed that the connection is gone, a call may end by its time limit.
        await Wait.UntilAsync(
            async _ =>
            {
                lines.Clear();
                var exception = await Assert.ThrowsAsync<SessionStoreException>(() => store.SetAsync("other", Of("{}")).AsTask());
                Assert.StartsWith(line.Split('(')[0].Split(':')[0], Assert.Single(lines), StringComparison.Ordinal);
                return exception.Message.StartsWith("RedisStore.Set: " + message, StringComparison.Ordinal) && lines.Single().StartsWith(line, StringComparison.Ordinal);
            },
            Patience, $"{fault} to be reported");
        await server.EndAsync(fault);
    }

    private static async Task<RedisServerFaults> StartAsync(string? password = null, string? maxMemory = null)
    {
        var server = await RedisServerFaults.StartAsync(password, maxMemory);
        Assert.SkipWhen(server is null, "There is no Redis server here that can be stopped and started.");
        return server!;
    }

    private static Task WorksAgainAsync(RedisStore store) => Wait.UntilAsync(
        async _ =>
        {
            try
            {
                await store.SetAsync("again", Of("{}"));
                return true;
            }
            catch (SessionStoreException)
            {
                return false;
            }
        },
        Patience, "the store to work again");
}
