using System.Text.Json;
using SessionStores.Conformance;

namespace SessionStores.Reliability.Tests;

/// <summary>Histories under faults. The longer run that <c>docs/reliability.md</c> shows is that of <c>eng/reliability.cs</c>.</summary>
public abstract class ReliabilityTests(ITestOutputHelper output)
{
    private static readonly Lock Report = new();

    /// <summary>The names of faults, or of those that contain the text of <c>SESSIONSTORES_FAULTS</c>.</summary>
    internal static TheoryData<string> NamesOf(IEnumerable<Nemesis> nemeses) =>
        [.. nemeses.Select(nemesis => nemesis.Name).Where(name => name.Contains(Environment.GetEnvironmentVariable("SESSIONSTORES_FAULTS") ?? "", StringComparison.OrdinalIgnoreCase))];

    protected async Task CheckAsync(string fault)
    {
        var nemesis = Nemeses.All.Single(each => each.Name == fault);

        var outcome = await nemesis.RunAsync(Length.OfRun, SeededRandom.FromEnvironment() ?? SeededRandom.NewSeed());

        output.WriteLine(outcome.ToString());
        Write(outcome);
        if (nemesis.Promise == Promise.Kept)
            Assert.True((outcome.Lost, outcome.Resurrected) == (0, 0) && (outcome.Stale == 0 || nemesis.ShowsChangesEarly), outcome.ToString());
        if (nemesis.Promise == Promise.Broken)
            Assert.True(outcome.Lost + outcome.Resurrected > 0, $"Nothing was lost by a configuration that loses: the faults are too weak. {outcome}");
    }

    private static void Write(Outcome outcome)
    {
        if (Environment.GetEnvironmentVariable("SESSIONSTORES_REPORTS") is not { Length: > 0 } folder || !Directory.Exists(folder))
            return;

        lock (Report)
        {
            File.AppendAllLines(Path.Combine(folder, "reliability.jsonl"), outcome.Lines.Select(line => JsonSerializer.Serialize(line)));
            File.AppendAllLines(Path.Combine(folder, "reliability.txt"), outcome.Lines.Select(line => line.ToString()));
        }
    }
}
