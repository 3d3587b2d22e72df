using System.Globalization;
using static SessionStores.Redis.Tests.Sessions;

namespace SessionStores.Redis.Tests;

/// <summary>Commands at the server, counted by itself. What scripts call is counted too, so that each count says exactly what ran.</summary>
public sealed class CommandTests : IAsyncLifetime
{
    private RedisServerFaults? _server;
    private RedisStore? _store;

    private RedisStore Store => _store!;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServerFaults.StartAsync();
        Assert.SkipWhen(_server is null, "There is no Redis server here to start.");
        _store = new RedisStore(_server!.Configuration);

        // Has the scripts loaded.
        await Store.CreateAsync("warm", Of("{}"));
        await Store.ReplaceAsync("warm", (await Store.GetAsync("warm"))!.Version, Of("{}"));
        await Store.TouchAsync("warm", InAnHour);
        await Store.RotateAsync("warm", "hot", null, Of("{}"));
        await Store.DestroyAsync("hot");
        await Store.SetAsync("known", Of("""{"cookie":{"originalMaxAge":36000000}}""", "ann"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();

        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_read_is_one_command() =>
        Assert.Equal("evalsha 1, getrange 1, pexpiretime 1, pttl 1", await CountAsync(async () => await Store.GetAsync("known")));

    [Fact]
    public async Task A_read_with_a_touch_due_is_one_command() =>
        Assert.Equal("evalsha 1, getrange 1, pexpireat 1, pexpiretime 1, pttl 1",
            await CountAsync(async () => await Store.GetAsync("known", new SlidingExpiry(TimeSpan.FromHours(2), InAnHour.AddHours(1)))));

    [Fact]
    public async Task A_read_with_a_touch_that_is_not_due_is_one_command() =>
        Assert.Equal("evalsha 1, getrange 1, pexpiretime 1, pttl 1",
            await CountAsync(async () => await Store.GetAsync("known", new SlidingExpiry(TimeSpan.FromMinutes(1), InAnHour.AddHours(1)))));

    [Fact]
    public async Task A_change_is_two_commands() =>
        Assert.StartsWith("evalsha 2, get 1, getrange 1, pexpiretime 2, pttl 1, set 1, time 1", await CountAsync(async () =>
        {
            var record = await Store.GetAsync("known");
            await Store.ReplaceAsync("known", record!.Version, Of("{}", "ann"));
        }), StringComparison.Ordinal);

    [Fact]
    public async Task A_log_out_is_two_commands_at_most() =>
        Assert.Equal("del 1, evalsha 2, get 1, getrange 1, pexpiretime 2, pttl 1, time 1, zrange 1, zrem 1", await CountAsync(async () =>
        {
            await Store.GetAsync("known");
            await Store.DestroyAsync("known");
        }));

    [Fact]
    public async Task A_log_in_is_two_commands() =>
        Assert.Equal("del 1, evalsha 2, get 1, getrange 1, pexpireat 1, pexpiretime 3, pttl 1, set 1, time 1, zadd 2, zrangebyscore 1, zrem 1", await CountAsync(async () =>
        {
            var record = await Store.GetAsync("known");
            await Store.RotateAsync("known", "new", record!.Version, Of("{}", "bob"));
        }));

    [Fact]
    public async Task Neither_creating_nor_disposing_an_unused_store_reaches_the_server() =>
        Assert.Equal("", await CountAsync(async () => await new RedisStore(_server!.Configuration).DisposeAsync()));

    private async Task<string> CountAsync(Func<Task> act)
    {
        await _server!.SendAsync("CONFIG", "RESETSTAT");

        await act();

        // What is not counted: our own look, and the client's heartbeat.
        var info = (string)(await _server.SendAsync("INFO", "commandstats"))!;
        var counts = info.Split("\r\n").Where(line => line.StartsWith("cmdstat_", StringComparison.Ordinal))
            .Select(line => (Name: line["cmdstat_".Length..line.IndexOf(':')], Calls: long.Parse(line[(line.IndexOf("calls=", StringComparison.Ordinal) + 6)..line.IndexOf(',')], CultureInfo.InvariantCulture)))
            .Where(command => command.Name is not ("config|resetstat" or "info" or "ping" or "echo"));
        return string.Join(", ", counts.OrderBy(command => command.Name, StringComparer.Ordinal).Select(command => $"{command.Name} {command.Calls}"));
    }
}
