using System.Globalization;
using System.Text.RegularExpressions;
using SessionStores.Backends;
using SessionStores.Redis;
using StackExchange.Redis;

namespace SessionStores.Benchmarks.Targets;

/// <summary>What calls take on the one thread of Redis, by its own clock, beside GET and SET in the same rounds.</summary>
internal static partial class RedisServerTime
{
    private const int Callers = 32;
    private const int CallsOfCaller = 100;
    private const int PayloadBytes = 240;
    private static readonly TimeSpan Life = TimeSpan.FromHours(2);

    public static async Task<IReadOnlyList<Target>> MeasureAsync(bool isQuick) =>
    [
        .. await MeasureAsync("redis", new RedisBackendOptions { HostNetwork = true }, mostOfChange: 10, isQuick),
        .. await MeasureAsync("valkey", new RedisBackendOptions { HostNetwork = true, Image = "valkey/valkey:9.1", Sources = BackendSources.Container }, mostOfChange: 3, isQuick),
    ];

    private static async Task<IReadOnlyList<Target>> MeasureAsync(string name, RedisBackendOptions options, double mostOfChange, bool isQuick)
    {
        await using var lease = await RedisBackend.StartAsync(options);
        if (!lease.IsAvailable)
            return [];

        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(lease.Backend.ConnectionString + ",allowAdmin=true");
        await using var store = new RedisStore(multiplexer);
        var database = multiplexer.GetDatabase();
        var payload = Payloads.Of(PayloadBytes);
        var content = new SessionContent(payload, DateTimeOffset.UtcNow.AddHours(1));
        var versions = new SessionVersion[Callers];
        for (var caller = 0; caller < Callers; caller++)
            versions[caller] = (await store.CreateAsync($"caller{caller}", content)).Version;

        var lives = Enumerable.Repeat(Life, Callers).ToArray();
        var slide = new SlidingExpiry(TimeSpan.FromMinutes(1), Life);
        (string What, Func<int, Task> Act, List<double> Costs)[] calls =
        [
            ("GET", caller => database.StringGetAsync($"sess:caller{caller}"), []),
            ("SET", caller => database.StringSetAsync($"plain:{caller}", payload, Life), []),
            ("read", async caller => await store.GetAsync($"caller{caller}", slide), []),
            ("touch", async caller => await store.TouchAsync($"caller{caller}", lives[caller] += TimeSpan.FromMilliseconds(100)), []),
            ("change", async caller => versions[caller] = (await store.ReplaceAsync($"caller{caller}", versions[caller], content)).Version, []),
        ];
        var server = multiplexer.GetServer(multiplexer.GetEndPoints()[0]);
        for (var round = 0; round < (isQuick ? 8 : 25); round++)
        {
            foreach (var (_, act, costs) in calls)
                costs.Add(await CostAsync(server, act));
        }

        var costOf = calls.ToDictionary(call => call.What, call => Interval.Of(call.Costs));
        var beside = string.Create(CultureInfo.InvariantCulture, $"GET {costOf["GET"].Mean:F2}, SET {costOf["SET"].Mean:F2}; {lease.Backend.Description}");
        return
        [
            Target.AtMost($"{name}: µs of the server for a read, {Callers} callers", 2.5, costOf["read"], beside),
            Target.AtMost($"{name}: µs of the server for a change, {Callers} callers", mostOfChange, costOf["change"], beside),
            Target.AtMost($"{name}: µs of the server for a touch, {Callers} callers", 5, costOf["touch"], beside),
        ];
    }

    /// <summary>Microseconds per call. What a script calls is part of the script.</summary>
    private static async Task<double> CostAsync(IServer server, Func<int, Task> act)
    {
        await server.ExecuteAsync("CONFIG", "RESETSTAT");
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
        {
            for (var call = 0; call < CallsOfCaller; call++)
                await act(caller);
        }));
        var commands = CommandUsage().Matches((string)(await server.ExecuteAsync("INFO", "commandstats"))!)
            .Where(command => command.Groups[1].Value is not ("config|resetstat" or "info" or "ping" or "echo"))
            .ToDictionary(command => command.Groups[1].Value, command => double.Parse(command.Groups[2].Value, CultureInfo.InvariantCulture));
        return commands.GetValueOrDefault("evalsha", commands.Values.Sum()) / (Callers * CallsOfCaller);
    }

    [GeneratedRegex(@"cmdstat_([^:]+):calls=\d+,usec=(\d+)")]
    private static partial Regex CommandUsage();
}
