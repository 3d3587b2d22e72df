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
        await Store.TouchAsync("warm", TimeSpan.FromMilliseconds(1_001));
        await Store.ReplaceAsync("warm", (await Store.GetAsync("warm"))!.Version, Of("{}", "ann"));
        await Store.ReplaceAsync("warm", (await Store.GetAsync("warm"))!.Version, new SessionContent("{}"u8.ToArray(), new SessionLifetime(TimeSpan.FromMinutes(20), InAnHour), "ann"));
        await Store.GetAsync("warm", new SlidingExpiry(TimeSpan.FromDays(1), InAnHour));
        await Store.RotateAsync("warm", "hot", SessionVersion.Any, Of("{}"));
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
    public async Task A_read_takes_plain_commands_only() =>
        Assert.Equal("getrange 1, pexpiretime 2, pttl 1", await CountAsync(async () => await Store.GetAsync("known")));

    [Fact]
    public async Task A_read_with_a_touch_due_takes_a_script_besides() =>
        Assert.Equal("evalsha 1, getrange 2, pexpireat 1, pexpiretime 3, pttl 2",
            await CountAsync(async () => await Store.GetAsync("known", new SlidingExpiry(TimeSpan.FromHours(2), InAnHour.AddHours(1)))));

    [Fact]
    public async Task A_read_with_a_touch_that_is_not_due_takes_plain_commands_only() =>
        Assert.Equal("getrange 1, pexpiretime 2, pttl 1",
            await CountAsync(async () => await Store.GetAsync("known", new SlidingExpiry(TimeSpan.FromMinutes(1), InAnHour.AddHours(1)))));

    [Fact]
    public async Task A_page_of_a_subject_is_one_script()
    {
        await Store.PageBySubjectAsync("bob");

        Assert.Equal("evalsha 1, getrange 1, pexpiretime 1, pttl 1, zrange 1", await CountAsync(async () => await Store.PageBySubjectAsync("ann")));
    }

    [Fact]
    public async Task What_kept_sessions_became_is_looked_up_once_for_all_that_are_destroyed()
    {
        for (var i = 0; i < 50; i++)
            await Store.CreateAsync($"of eve {i}", Of("{}", "eve"));

        await Store.RotateAsync("of eve 0", "rotated", SessionVersion.Any, Of("{}", "eve"));
        var commands = await CountAsync(async () => Assert.Equal(40, await Store.DestroyBySubjectAsync("eve", [.. Enumerable.Range(0, 10).Select(i => $"of eve {i}")])));

        // Ten kept ids and one that one of them became are followed, and forty sessions are destroyed, each by one script.
        Assert.Contains("evalsha 51,", commands, StringComparison.Ordinal);
        Assert.NotNull(await Store.GetAsync("rotated"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("ann")]
    public async Task A_change_is_one_command_where_the_server_compares_and_sets(string? subject)
    {
        var record = await CreatedAsync(subject);
        Assert.Equal(await _server!.ComparesAndSetsAsync() ? "set 1" : "evalsha 1, get 1, set 1",
            await CountAsync(async () => await Store.ReplaceAsync(record.Id, record.Version, Of("{}", subject))));
    }

    [Fact]
    public async Task A_change_of_the_subject_takes_the_script_that_keeps_the_index()
    {
        var record = await CreatedAsync("ann");
        Assert.StartsWith("evalsha 1, get 1, pexpiretime 1, set 1, time 1, zadd 2", await CountAsync(
            async () => await Store.ReplaceAsync(record.Id, record.Version, Of("{}", "bob"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_of_a_session_with_an_idle_time_and_an_end_is_one_lean_script()
    {
        var record = await CreatedAsync(null);
        Assert.Equal("evalsha 1, get 1, pexpireat 1, set 1", await CountAsync(async () =>
            await Store.ReplaceAsync(record.Id, record.Version, new SessionContent("{}"u8.ToArray(), new SessionLifetime(TimeSpan.FromMinutes(20), InAnHour)))));
    }

    [Fact]
    public async Task A_touch_that_extends_is_one_command() =>
        Assert.Equal("pexpire 1", (await CountAsync(async () => Assert.True(await Store.TouchAsync("known", TimeSpan.FromMilliseconds(7_200_001))))));

    [Fact]
    public async Task A_touch_that_extends_nothing_takes_a_script_besides() =>
        Assert.Equal("evalsha 1, pexpire 1, pexpiretime 1, pttl 1", await CountAsync(async () => Assert.True(await Store.TouchAsync("known", TimeSpan.FromMilliseconds(1_001)))));

    [Fact]
    public async Task A_log_out_is_one_script() =>
        Assert.Equal("del 1, evalsha 1, get 1, getrange 1, pexpiretime 3, pttl 1, time 1, zrange 1, zrem 2", await CountAsync(async () =>
        {
            await Store.GetAsync("known");
            await Store.DestroyAsync("known");
        }));

    [Fact]
    public async Task A_log_in_is_one_script() =>
        Assert.Equal("del 1, evalsha 1, get 1, getrange 1, pexpireat 1, pexpiretime 4, pttl 1, set 1, time 1, zadd 3, zrangebyscore 1, zrem 2", await CountAsync(async () =>
        {
            var record = await Store.GetAsync("known");
            await Store.RotateAsync("known", "new", record!.Version, Of("{}", "bob"));
        }));

    [Fact]
    public async Task Neither_creating_nor_disposing_an_unused_store_reaches_the_server() =>
        Assert.Equal("", await CountAsync(async () => await new RedisStore(_server!.Configuration).DisposeAsync()));

    private async Task<SessionRecord> CreatedAsync(string? subject)
    {
        await Store.SetAsync("created", Of("""{"n":1}""", subject));
        return (await Store.GetAsync("created"))!;
    }

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
