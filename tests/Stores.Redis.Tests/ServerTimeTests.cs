using System.Globalization;
using System.Text.RegularExpressions;
using StackExchange.Redis;
using static SessionStores.Redis.Tests.Sessions;

namespace SessionStores.Redis.Tests;

/// <summary>What calls cost on the one thread of the server, by its own clock, beside GET and SET in the same run.</summary>
/// <remarks>A process that waits for a processor adds to that, so that the least of many rounds is taken. What is asserted are ratios.</remarks>
public sealed partial class ServerTimeTests
{
    private const int Rounds = 15;
    private const int Callers = 32;
    private const int CallsOfCaller = 20;

    [Fact]
    public async Task A_call_costs_the_server_little_more_than_a_plain_command()
    {
        await using var server = await RedisServerFaults.StartAsync();
        Assert.SkipWhen(server is null, "There is no Redis server here to start.");
        await using var store = new RedisStore(server.Configuration, new RedisStoreOptions { ShareRoundTrips = false });
        await using var sharing = new RedisStore(server.Configuration);
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        var database = multiplexer.GetDatabase();
        var value = $$"""{"cookie":{"originalMaxAge":3600000},"fill":"{{new string('x', 200)}}"}""";
        var ids = Enumerable.Range(0, Callers).Select(i => $"caller{i}").ToList();
        var versions = new SessionVersion[Callers];
        for (var i = 0; i < Callers; i++)
            versions[i] = (await store.CreateAsync(ids[i], Of(value))).Version;

        var life = TimeSpan.FromHours(2);
        var lives = Enumerable.Repeat(life, Callers).ToArray();
        var slide = new SlidingExpiry(TimeSpan.FromMinutes(1), life);
        var lifetime = new SessionLifetime(life, InAnHour.AddDays(1));
        var costs = new Dictionary<string, double>();
        foreach (var (what, act) in new (string, Func<int, Task>)[]
        {
            ("GET", i => database.StringGetAsync("sess:" + ids[i])),
            ("SET", i => database.StringSetAsync("plain:" + ids[i], value, life)),
            ("read", async i => Assert.NotNull(await store.GetAsync(ids[i], slide))),
            ("shared read", async i => Assert.NotNull(await sharing.GetAsync(ids[i], slide))),
            ("touch", async i => Assert.True(await store.TouchAsync(ids[i], lives[i] += TimeSpan.FromMilliseconds(100)))),
            ("change", async i => versions[i] = (await store.ReplaceAsync(ids[i], versions[i], Of(value, DateTimeOffset.UnixEpoch.AddYears(200)))).Version),
            ("change with idle time and end", async i =>
                versions[i] = (await store.ReplaceAsync(ids[i], versions[i], new SessionContent(versions[i].Content, lifetime))).Version),
        })
        {
            costs[what] = double.MaxValue;
            for (var round = 0; round < Rounds; round++)
                costs[what] = Math.Min(costs[what], await CostAsync(server, act));
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"microseconds of the server per call, {server.Backend.Description}: "
            + string.Join(", ", costs.Select(cost => string.Create(CultureInfo.InvariantCulture, $"{cost.Key} {cost.Value:F2}"))));
        Assert.InRange(costs["read"], 0, 10 * costs["GET"]);
        Assert.InRange(costs["shared read"], 0, 40 * costs["GET"]); // a script for each read takes 60
        Assert.InRange(costs["touch"], 0, 10 * costs["SET"]);
        Assert.InRange(costs["change"], 0, (await server.ComparesAndSetsAsync() ? 6 : 40) * costs["SET"]);
    }

    /// <summary>Microseconds per call. What a script calls is part of the script.</summary>
    private static async Task<double> CostAsync(RedisServerFaults server, Func<int, Task> act)
    {
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(act));
        await server.SendAsync("CONFIG", "RESETSTAT");
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async i =>
        {
            for (var call = 0; call < CallsOfCaller; call++)
                await act(i);
        }));
        var commands = CommandUsage().Matches((string)(await server.SendAsync("INFO", "commandstats"))!)
            .Where(static command => command.Groups[1].Value is not ("config|resetstat" or "info" or "ping" or "echo"))
            .ToDictionary(static command => command.Groups[1].Value, static command => double.Parse(command.Groups[2].Value, CultureInfo.InvariantCulture));
        return commands.GetValueOrDefault("evalsha", commands.Values.Sum()) / (Callers * CallsOfCaller);
    }

    [GeneratedRegex(@"cmdstat_([^:]+):calls=\d+,usec=(\d+)")]
    private static partial Regex CommandUsage();
}
