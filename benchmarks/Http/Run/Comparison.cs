using System.ComponentModel;
using System.Diagnostics;
using SessionStores.Http.Load;

namespace SessionStores.Http.Run;

/// <summary>Measures all contestants in one run: in each round every one of them, one after the other.</summary>
internal static class Comparison
{
    private const string Anonymous = "anonymous";
    private const string NoCookies = "none.cookies";
    private const int WarmUpConnections = 32;

    public static async Task RunAsync(RunArguments arguments)
    {
        var clock = Stopwatch.StartNew();
        Directory.CreateDirectory(arguments.Out);
        var load = new LoadTool(arguments.LoadCore);
        await using var backings = await Backings.StartAsync(arguments.Stores);
        var hasNode = Programs.Find("node") is not null && Directory.Exists(Path.Combine(arguments.Node, "node_modules"));
        var contestants = Contestant.All([.. backings.Stores], hasNode, arguments.IsQuick)
            .Where(contestant => arguments.Only.Length == 0 || contestant.Site is "own" or "raw" or "plain" || arguments.Only.Any(contestant.Name.Contains))
            .ToArray();
        var sites = new Dictionary<Contestant, SiteProcess>();
        var folder = Directory.CreateTempSubdirectory("sessionstores-bench-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, NoCookies), "");
            Console.WriteLine($"{contestants.Length} contestants, load from {load.Name}");
            var failures = new Dictionary<Contestant, string>();
            foreach (var contestant in contestants)
            {
                try
                {
                    var site = await SiteProcess.StartAsync(
                        Command(contestant, arguments, backings), arguments.ServerCore is not null, Path.Combine(folder.FullName, $"{contestant.Store}-{contestant.Site}.cookies"));
                    sites.Add(contestant, site);
                    Console.WriteLine($"{contestant.Name}: {await PrepareAsync(contestant, site, sites, load, arguments)}");
                }
                catch (Exception exception) when (IsOfTheContestant(exception))
                {
                    failures[contestant] = exception.Message;
                    Console.WriteLine($"{contestant.Name}: FAILED: {exception.Message}");
                }
            }

            Console.WriteLine($"prepared after {clock.Elapsed.TotalSeconds:F0} s");
            using var awake = AwakeProcessors.Ask();
            Console.WriteLine(awake.IsGranted ? "idle processors are kept from halting" : "idle processors may halt: only root on Linux can keep them from it");
            var cells = Cells(contestants, arguments).ToArray();
            foreach (var (contestant, cell) in cells)
                cell.Failure = failures.GetValueOrDefault(contestant);

            for (var round = 0; round < arguments.Rounds; round++)
            {
                // There and back again, so that no contestant always comes after the same one, or gains from a machine that becomes slower.
                foreach (var (contestant, cell) in round % 2 == 0 ? cells : cells.Reverse())
                {
                    if (cell.Failure is null && round < (arguments.IsQuick ? QuickRounds(cell, arguments) : arguments.Rounds))
                        await MeasureAsync(cell, sites[contestant], load, folder.FullName, arguments.Seconds);
                }

                Console.WriteLine($"round {round + 1} of {arguments.Rounds} ended after {clock.Elapsed.TotalSeconds:F0} s");
            }

            var report = new Report(arguments, backings, load.Name, [.. cells.Select(pair => pair.Cell)]);
            await report.WriteAsync();
        }
        finally
        {
            foreach (var site in sites.Values)
                site.Dispose();

            folder.Delete(recursive: true);
        }
    }

    private static string[] Command(Contestant contestant, RunArguments arguments, Backings backings) => contestant.Site switch
    {
        "express-plain" => ["node", Path.Combine(arguments.Node, "site.js"), "plain"],
        "express" => ["node", Path.Combine(arguments.Node, "site.js"), contestant.Store, backings.NodeConnectionOf(contestant.Store)],
        _ => [Environment.ProcessPath!, .. LoadTool.OwnAssembly(), "serve", contestant.Site, contestant.Store, backings.ConnectionOf(contestant.Store)],
    };

    /// <summary>One that does not start, does not answer or ends early does not keep the others from being measured.</summary>
    private static bool IsOfTheContestant(Exception exception) =>
        exception is InvalidOperationException or HttpRequestException or OperationCanceledException or IOException or Win32Exception;

    /// <summary>Fills a site, checks it, lets its code be compiled and pins it. Endpoints without sessions and bare ones get the same requests as ours:
    /// the cookies of the sessions that ours has stored.</summary>
    private static async Task<string> PrepareAsync(
        Contestant contestant, SiteProcess site, Dictionary<Contestant, SiteProcess> sites, LoadTool load, RunArguments arguments)
    {
        if (contestant.HasSessions)
            await Seed.FillAsync(site);
        else if (sites.TryGetValue(contestant with { Site = "own" }, out var own))
            File.Copy(own.CookieFile, site.CookieFile);
        else
            await File.WriteAllTextAsync(site.CookieFile, "");

        await Seed.CheckAsync(contestant, site);
        var none = Path.Combine(Path.GetDirectoryName(site.CookieFile)!, NoCookies);
        var warm = await WarmUp.RunAsync(contestant, site, action => load.RunAsync(UrlOf(site, action), action == Anonymous ? none : site.CookieFile, WarmUpConnections, 1));
        if (arguments.ServerCore is { } core)
            await site.PinAsync(core);

        return warm;
    }

    /// <summary>Contestants that are compared come one after the other, so that they meet the same machine. Requests without a cookie are compared
    /// with the same endpoint whatever the store.</summary>
    private static IEnumerable<(Contestant Contestant, Cell Cell)> Cells(Contestant[] contestants, RunArguments arguments) =>
        CellsOfStores(contestants, arguments).OrderBy(pair => pair.Cell.Action == Anonymous);

    private static IEnumerable<(Contestant Contestant, Cell Cell)> CellsOfStores(Contestant[] contestants, RunArguments arguments) =>
        from store in contestants.Select(contestant => contestant.Store).Distinct()
        from connections in arguments.Connections.Append(arguments.Many)
        from action in (string[])["read", "change", Anonymous]
        from contestant in contestants
        where contestant.Store == store && contestant.Actions.Contains(action) && IsMeasured(contestant, action, connections, arguments)
        select (contestant, new Cell(contestant, action, connections));

    /// <summary>The incumbents are not measured with the most connections, and a quick comparison measures requests that reach no store with the fewest
    /// alone.</summary>
    private static bool IsMeasured(Contestant contestant, string action, int connections, RunArguments arguments)
    {
        if (connections == arguments.Many)
            return !contestant.IsIncumbent && action != Anonymous;

        // Without a cookie no store is asked.
        var isOnce = action == Anonymous && contestant.Store != "memory";
        return !arguments.IsQuick || !isOnce || connections == arguments.Connections[0];
    }

    /// <summary>All rounds for the fewest connections, two for more of them, one for the most.</summary>
    private static int QuickRounds(Cell cell, RunArguments arguments) =>
        cell.Connections == arguments.Many ? 1 : cell.Connections == arguments.Connections[0] ? arguments.Rounds : Math.Min(arguments.Rounds, 2);

    private static async Task MeasureAsync(Cell cell, SiteProcess site, LoadTool load, string folder, double seconds)
    {
        try
        {
            var before = site.ProcessorTime;
            var result = await load.RunAsync(UrlOf(site, cell.Action), cell.Action == Anonymous ? Path.Combine(folder, NoCookies) : site.CookieFile, cell.Connections, seconds);
            var used = site.ProcessorTime - before;
            cell.Rounds.Add(new Measurement(
                result.Requests / result.Seconds, result.P50, result.P99, used.TotalMicroseconds / result.Requests, used.TotalSeconds / result.Seconds, result.Errors));
        }
        catch (InvalidOperationException exception)
        {
            cell.Failure = exception.Message;
        }
    }

    private static Uri UrlOf(SiteProcess site, string action) => new(site.Url, action == Anonymous ? "read" : action);
}
