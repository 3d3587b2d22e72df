using System.Diagnostics;

namespace SessionStores.Http.Run;

/// <summary>Measures all contestants in one run: in each round every one of them, one after the other.</summary>
internal sealed class Comparison(RunArguments arguments, Backings backings, SiteFarm sites, LoadTool load)
{
    private const int LeastRounds = 3;

    /// <summary>What has so many connections takes a while to open them, and to answer the last requests.</summary>
    private const int Crowd = 1024;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>How many pauses in a row have to be quiet: on a busy machine processes may just have had no turn in one.</summary>
    private const int QuietPauses = 3;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    public static async Task RunAsync(RunArguments arguments)
    {
        var clock = Stopwatch.StartNew();
        var folder = Directory.CreateTempSubdirectory("sessionstores-bench-");
        try
        {
            var counter = await InstructionCounter.FindAsync();
            var load = new LoadTool(arguments.LoadCore, counter, folder.FullName);
            await using var backings = await Backings.StartAsync(arguments.Stores, arguments.LoadCore);
            var hasNode = Programs.Find("node") is not null && Directory.Exists(Path.Combine(arguments.Node, "node_modules"));
            var plan = Plan.Of(backings.Stores, hasNode);
            using var sites = new SiteFarm(arguments, backings, load, folder.FullName);
            Console.WriteLine($"{plan.Contestants.Count()} contestants, load from {load.Name}, {counter.Description}");
            await sites.StartAsync(plan.Contestants);
            using var awake = AwakeProcessors.Ask();
            Console.WriteLine(awake.IsGranted ? "idle processors are kept from halting" : "idle processors may halt: only root on Linux can keep them from it");
            Console.WriteLine($"prepared after {clock.Elapsed.TotalSeconds:F0} s");
            var rounds = await new Comparison(arguments, backings, sites, load).MeasureAsync(plan);
            await new Report(arguments, backings, load.Name, counter.Description, rounds, plan).WriteAsync();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Measures round by round as long as there is time.</summary>
    private async Task<int> MeasureAsync(Plan plan)
    {
        foreach (var cell in plan.Cells)
            cell.Failure = sites.Failures.GetValueOrDefault(cell.Contestant);

        var round = 0;
        for (var longest = TimeSpan.Zero; round < Math.Min(LeastRounds, arguments.MostRounds) || (round < arguments.MostRounds && arguments.Left > longest); round++)
        {
            var clock = Stopwatch.StartNew();
            foreach (var cell in OrderOf(plan, round))
            {
                if (cell.Failure is null)
                    await MeasureTwiceIfNeededAsync(cell);
            }

            // The first rounds have more to measure than the later ones.
            longest = clock.Elapsed;
            Console.WriteLine($"round {round + 1} took {clock.Elapsed.TotalSeconds:F0} s, {arguments.Left.TotalSeconds:F0} s are left");
        }

        return round;
    }

    /// <summary>There and back again, so that of two that are compared each is the first one as often as the other.</summary>
    private static IEnumerable<Cell> OrderOf(Plan plan, int round)
    {
        var cells = plan.Cells.Where(cell => plan.IsMeasured(cell, round));
        return round % 2 == 0 ? cells : cells.Reverse();
    }

    /// <summary>Measures once more what failed, so that the rounds of a pair stay those of one time; then it is left out, and the run continues.</summary>
    private async Task MeasureTwiceIfNeededAsync(Cell cell)
    {
        try
        {
            cell.Rounds.Add(await MeasureAsync(cell));
        }
        catch (Exception first)
        {
            Console.WriteLine($"{cell.Contestant.Name}, {cell.Action}, {cell.Connections} connections, is measured again: {first.Message}");
            try
            {
                cell.Rounds.Add(await MeasureAsync(cell));
            }
            catch (Exception second)
            {
                cell.Failure = second.Message;
            }
        }
    }

    private async Task<Measurement> MeasureAsync(Cell cell)
    {
        var (site, backing) = (sites[cell.Contestant], backings[cell.Contestant.Store]);
        var (url, cookies) = sites.RequestsOf(cell.Contestant, cell.Action);
        var servers = await backing.ReadProcessIdsAsync();
        await SettleAsync([site.ProcessId, .. servers]);
        var commands = backing.Commands is null ? null : (long?)await backing.Commands();
        var (siteBefore, serverBefore) = (ProcessorClock.Read([site.ProcessId]), ProcessorClock.Read(servers));
        var (result, instructions) = await load.RunAsync(url, cookies, cell.Connections, cell.Connections >= Crowd ? 2 : 1, [site.ProcessId, .. servers]);
        var siteTime = ProcessorClock.Between(siteBefore, ProcessorClock.Read([site.ProcessId]));
        var serverTime = ProcessorClock.Between(serverBefore, ProcessorClock.Read(await backing.ReadProcessIdsAsync()));
        return new Measurement(
            result.Requests, result.Seconds, result.P50, result.P99, siteTime.TotalMicroseconds / result.Requests, serverTime.TotalMicroseconds / result.Requests,
            (double?)instructions / result.Requests, backing.Commands is null ? null : (await backing.Commands() - commands) / (double)result.Requests, result.Errors);
    }

    /// <summary>Waits until what the last measurement has left is done: requests whose response no one reads, a checkpoint.</summary>
    private static async Task SettleAsync(IReadOnlyList<int> processes)
    {
        var clock = Stopwatch.StartNew();
        var before = ProcessorClock.Read(processes);
        for (var quiet = 0; quiet < QuietPauses && clock.Elapsed < LongestPause;)
        {
            await Task.Delay(Pause);
            var after = ProcessorClock.Read(processes);
            quiet = ProcessorClock.Between(before, after) < Pause / 20 ? quiet + 1 : 0;
            before = after;
        }
    }
}
