using Interop.Servers;
using Interop.Sites;

namespace Interop.Running;

/// <summary>Plays the scenarios on one server, in both directions.</summary>
internal sealed class Runner(Report report, IReadOnlyList<Scenario> scenarios, string root)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    public async Task PlayAsync(SharedServer server)
    {
        foreach (var direction in Enum.GetValues<Direction>())
        {
            await server.PrepareAsync();
            await using var node = NodeProcess.Start(Path.Combine(root, "tests", "Interop", "node"));
            await using var stage = new Stage(server, direction, node, root);
            await PrimeAsync(stage);

            var where = $"{server.Name} {(direction == Direction.NodeFirst ? "node-first" : "dotnet-first")}";
            var (passed, failed) = (report.Passed, report.Failed);
            foreach (var scenario in scenarios.Where(scenario => scenario.OnlyServer is null || scenario.OnlyServer == server.Name))
                await PlayAsync(stage, scenario, where);

            Console.WriteLine($"interop {where}: {report.Passed - passed} passed, {report.Failed - failed} failed");
            Console.WriteLine($"interop {where}, Node alone: {node.Requests} requests, {node.Answered500} answered 500, {node.Dropped} dropped");
        }
    }

    // Whoever goes first creates the table or the indexes; the other side has to live with them.
    private static async Task PrimeAsync(Stage stage)
    {
        var (first, _) = await stage.OpenBothAsync();
        await new Browser().RunAsync(first, Steps.Set("primed", true));
    }

    private async Task PlayAsync(Stage stage, Scenario scenario, string where)
    {
        try
        {
            await scenario.PlayAsync(stage).WaitAsync(Limit);
            var trouble = await stage.TakeNodeTroubleAsync();
            Check.That(trouble.Count == 0, $"no trouble in Node, but there was: {string.Join("; ", trouble)}");
            report.Pass();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            await stage.TakeNodeTroubleAsync();
            report.Fail(where, scenario, failure is CheckFailedException ? failure.Message : failure.ToString());
        }
    }
}
