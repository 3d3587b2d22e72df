using System.Diagnostics;
using SessionStores.Http.Load;

namespace SessionStores.Http.Run;

/// <summary>Measures all contestants in one run: in each round every one of them, one after the other.</summary>
internal static class Comparison
{
    public static async Task<int> RunAsync(RunArguments arguments)
    {
        var clock = Stopwatch.StartNew();
        Directory.CreateDirectory(arguments.Out);
        var load = new LoadTool(arguments.LoadCore);
        await using var backings = await Backings.StartAsync(arguments.Stores);
        var hasNode = LoadTool.Find("node") is not null && Directory.Exists(Path.Combine(arguments.Node, "node_modules"));
        var contestants = Contestant.All([.. backings.Stores], hasNode, HasRedisCache, arguments.IsQuick)
            .Where(contestant => arguments.Only.Length == 0 || contestant.Site is "own" or "raw" or "plain" || arguments.Only.Any(contestant.Name.Contains))
            .ToArray();
        var sites = new Dictionary<Contestant, SiteProcess>();
        var folder = Directory.CreateTempSubdirectory("sessionstores-bench-");
        try
        {
            Console.WriteLine($"{contestants.Length} contestants, load from {load.Name}");
            foreach (var contestant in contestants)
            {
                var site = await StartAsync(contestant, arguments, backings, folder.FullName);
                sites.Add(contestant, site);
                await PrepareAsync(contestant, site, sites, load, arguments);
            }

            Console.WriteLine($"prepared after {clock.Elapsed.TotalSeconds:F0} s");
            var cells = Cells(contestants, arguments).ToArray();
            for (var round = 0; round < arguments.Rounds; round++)
            {
                foreach (var (contestant, cell) in cells)
                {
                    if (round == 0 || !contestant.IsIncumbent || !arguments.IsQuick)
                        cell.Rounds.Add(await MeasureAsync(cell, sites[contestant], load, folder.FullName, arguments));
                }

                Console.WriteLine($"round {round + 1} of {arguments.Rounds} ended after {clock.Elapsed.TotalSeconds:F0} s");
            }

            var report = new Report(arguments, backings, load.Name, [.. cells.Select(pair => pair.Cell)]);
            await report.WriteAsync();
            Console.WriteLine($"took {clock.Elapsed.TotalSeconds:F0} s");
            return 0;
        }
        finally
        {
            foreach (var site in sites.Values)
                site.Dispose();

            folder.Delete(recursive: true);
        }
    }

#if REDISCACHE
    private const bool HasRedisCache = true;
#else
    private const bool HasRedisCache = false;
#endif

    private static async Task<SiteProcess> StartAsync(Contestant contestant, RunArguments arguments, Backings backings, string folder)
    {
        var cookieFile = Path.Combine(folder, $"{contestant.Store}-{contestant.Site}.cookies");
        string[] command = contestant.Site switch
        {
            "express-plain" => ["node", Path.Combine(arguments.Node, "site.js"), "plain"],
            "express" => ["node", Path.Combine(arguments.Node, "site.js"), contestant.Store, backings.NodeConnectionOf(contestant.Store)],
            _ => [Environment.ProcessPath!, .. LoadTool.OwnAssembly(), "serve", contestant.Site, contestant.Store, backings.ConnectionOf(contestant.Store)],
        };
        return await SiteProcess.StartAsync(command, arguments.ServerCore, cookieFile);
    }

    /// <summary>Fills a site, checks it and lets its code be compiled. Bare endpoints get the sessions that ours has stored.</summary>
    private static async Task PrepareAsync(
        Contestant contestant, SiteProcess site, Dictionary<Contestant, SiteProcess> sites, LoadTool load, RunArguments arguments)
    {
        if (contestant.HasSessions)
            await Seed.FillAsync(site);
        else if (contestant.Site == "raw")
            File.Copy(sites[contestant with { Site = "own" }].CookieFile, site.CookieFile);
        else
            await File.WriteAllTextAsync(site.CookieFile, "");

        await Seed.CheckAsync(contestant, site);
        foreach (var action in contestant.Actions.Where(action => action != "anonymous"))
            await load.RunAsync(new Uri(site.Url, action), site.CookieFile, 32, arguments.IsQuick ? 1 : 3);
    }

    /// <summary>Contestants that are compared come one after the other, so that they meet the same machine.</summary>
    private static IEnumerable<(Contestant Contestant, Cell Cell)> Cells(Contestant[] contestants, RunArguments arguments)
    {
        foreach (var store in contestants.Select(contestant => contestant.Store).Distinct())
        {
            foreach (var connections in arguments.Connections.Append(arguments.Many))
            {
                foreach (var action in (string[])["read", "change", "anonymous"])
                {
                    foreach (var contestant in contestants.Where(contestant => contestant.Store == store && contestant.Actions.Contains(action)))
                    {
                        if (connections != arguments.Many || (contestant.Site == "own" && action != "anonymous"))
                            yield return (contestant, new Cell(contestant, action, connections));
                    }
                }
            }
        }
    }

    private static async Task<Measurement> MeasureAsync(Cell cell, SiteProcess site, LoadTool load, string folder, RunArguments arguments)
    {
        var cookies = site.CookieFile;
        if (cell.Action == "anonymous")
        {
            cookies = Path.Combine(folder, "none");
            await File.WriteAllTextAsync(cookies, "");
        }

        var before = site.ProcessorTime;
        var result = await load.RunAsync(new Uri(site.Url, cell.Action == "anonymous" ? "read" : cell.Action), cookies, cell.Connections, arguments.Seconds);
        var used = site.ProcessorTime - before;
        return new Measurement(
            result.Requests / result.Seconds, result.P50, result.P99, used.TotalMicroseconds / Math.Max(1, result.Requests), used.TotalSeconds / result.Seconds, result.Errors);
    }
}
