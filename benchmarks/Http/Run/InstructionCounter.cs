using System.Diagnostics;
using System.Globalization;

namespace SessionStores.Http.Run;

/// <summary>Counts the instructions of processes while a command runs, by perf, where the processor counts them: in most virtual machines it does
/// not.</summary>
internal sealed class InstructionCounter
{
    private const string Event = "instructions";
    private readonly string? _perf;

    private InstructionCounter(string? perf, string description) => (_perf, Description) = (perf, description);

    public string Description { get; }

    public static async Task<InstructionCounter> FindAsync()
    {
        if (Programs.Find("perf") is not { } perf)
            return new InstructionCounter(null, "instructions are not counted: perf is not installed");

        using var process = Process.Start(new ProcessStartInfo(perf, ["stat", "-x,", "-e", Event, "true"]) { RedirectStandardError = true })!;
        var counted = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return Parse(counted) is null
            ? new InstructionCounter(null, $"instructions are not counted: perf stat -e {Event} says {counted.Trim()}")
            : new InstructionCounter(perf, "instructions are counted by perf");
    }

    /// <summary>The command that runs another one and counts during it.</summary>
    public string[] Around(string[] command, IReadOnlyCollection<int> processes, string report) =>
        _perf is null ? command : [_perf, "stat", "-x,", "-e", Event, "-o", report, "-p", string.Join(',', processes), "--", .. command];

    /// <summary>What was counted; null where nothing was.</summary>
    public async Task<long?> ReadAsync(string report) => _perf is null || !File.Exists(report) ? null : Parse(await File.ReadAllTextAsync(report));

    private static long? Parse(string report) =>
        report.Split('\n').Select(line => line.Split(',')).Where(fields => fields.Length > 2 && fields[2].StartsWith(Event, StringComparison.Ordinal))
            .Select(fields => long.TryParse(fields[0], CultureInfo.InvariantCulture, out var count) ? count : (long?)null).FirstOrDefault();
}
