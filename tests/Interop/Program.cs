using Interop.Running;
using Interop.Servers;
using SessionStores.Backends;

// usage: Interop [server ...] [--only TEXT] [--skip REASON]
//   servers: redis, postgres, mongo; all of them unless some are named
//   --only   plays the scenarios alone whose group or name contains the text
//   --skip   plays nothing and reports everything as not run for this reason
var words = args.ToList();
var only = TakeOption("--only") ?? "";
var skip = TakeOption("--skip");
if (words.Except(["redis", "postgres", "mongo"]).FirstOrDefault() is { } unknown)
{
    Console.Error.WriteLine($"'{unknown}' is none of redis, postgres, mongo, --only TEXT and --skip REASON.");
    return 2;
}

var scenarios = Scenario.All.Where(scenario => scenario.ToString().Contains(only, StringComparison.OrdinalIgnoreCase)).ToList();
var report = new Report();
var runner = new Runner(report, scenarios, FindRoot());

await PlayAsync("redis", async () =>
{
    var lease = await RedisBackend.StartAsync();
    return (lease.Reason, lease.IsAvailable ? new RedisServer(lease.Backend, await lease.Backend.ConnectAsync()) : null);
});
await PlayAsync("postgres", async () =>
{
    var lease = await PostgresBackend.StartAsync();
    return (lease.Reason, lease.IsAvailable ? new PostgresServer(lease.Backend) : null);
});
await PlayAsync("mongo", async () =>
{
    var lease = await MongoBackend.StartAsync();
    return (lease.Reason, lease.IsAvailable ? new MongoServer(lease.Backend) : null);
});
return report.Close();

async Task PlayAsync(string name, Func<Task<(string Reason, SharedServer? Server)>> start)
{
    if (words.Count > 0 && !words.Contains(name))
        return;

    var (reason, server) = skip is null ? await start() : (skip, null);
    if (server is null)
    {
        var count = scenarios.Count(scenario => scenario.OnlyServer is null || scenario.OnlyServer == name);
        report.Skip(count * Enum.GetValues<Direction>().Length, name, reason);
        return;
    }

    await using (server)
        await runner.PlayAsync(server);
}

string? TakeOption(string name)
{
    var at = words.IndexOf(name);
    if (at < 0 || at + 1 == words.Count)
        return null;

    var value = words[at + 1];
    words.RemoveRange(at, 2);
    return value;
}

static string FindRoot()
{
    for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
    {
        if (File.Exists(Path.Combine(folder.FullName, "SessionStores.sln")))
            return folder.FullName;
    }

    throw new DirectoryNotFoundException("The repository is not above the program.");
}
