using System.Globalization;

namespace SessionStores.Backends;

/// <summary>
/// Ends what <c>eng/test</c> was doing when it was killed: its processes have its id in <c>SESSIONSTORES_RUN</c>, and live on without it. Their
/// containers are removed by <see cref="ContainerEngine"/>, and their folders by <see cref="TemporaryFolder"/>.
/// </summary>
internal static class KilledRuns
{
    public const string Variable = "SESSIONSTORES_RUN";
    private static readonly Lazy<Task> Ended = new(EndAllAsync);

    /// <summary>Ends them before this process starts its first server.</summary>
    public static Task EndAsync() => Ended.Value;

    // One that is still running may start another one: until none is left.
    private static Task EndAllAsync() => Wait.UntilAsync(
        () =>
        {
            var left = Directory.Exists("/proc/self") ? Directory.EnumerateDirectories("/proc").Select(ReadLeft).OfType<int>().ToList() : [];
            left.ForEach(id => ProcessTree.Send(id, ProcessTree.Kill));
            return left.Count == 0;
        },
        TimeSpan.FromSeconds(30), "the processes of a killed test run to be gone");

    /// <summary>The id of a process whose run is gone, or null.</summary>
    private static int? ReadLeft(string folder)
    {
        try
        {
            return int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) && id != Environment.ProcessId
                && File.ReadAllText(Path.Combine(folder, "environ")).Split('\0').FirstOrDefault(line => line.StartsWith(Variable + "=", StringComparison.Ordinal)) is { } line
                && int.TryParse(line[(Variable.Length + 1)..], CultureInfo.InvariantCulture, out var run) && !ProcessTree.Exists(run)
                ? id
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null; // it has ended, or is of another user
        }
    }
}
