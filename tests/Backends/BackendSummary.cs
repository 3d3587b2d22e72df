namespace SessionStores.Backends;

/// <summary>
/// One line per backend that this process asked for: what was used, or why it did not run. Written to standard output when the process ends,
/// and appended to <c>backends.txt</c> in the folder that <c>SESSIONSTORES_REPORTS</c> names, since <c>dotnet test</c> shows no output.
/// </summary>
public static class BackendSummary
{
    static BackendSummary() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Write();

    /// <summary>The lines so far, sorted: <c>redis: local binary redis-server 7.0.15</c>.</summary>
    public static IReadOnlyList<string> Lines => List.Lines;

    internal static BackendSummaryList List { get; } = new();

    private static void Write()
    {
        foreach (var line in Lines)
            Console.Out.WriteLine($"backend {line}");
        if (Environment.GetEnvironmentVariable("SESSIONSTORES_REPORTS") is { Length: > 0 } folder && Directory.Exists(folder))
            File.AppendAllLines(Path.Combine(folder, "backends.txt"), Lines);
    }
}
