namespace SessionStores.Backends;

/// <summary>The end of a server's log, for messages.</summary>
internal static class LogTail
{
    // What PostgreSQL answers each time it is asked, while it starts, whether it is ready: it would fill the tail.
    private const string Noise = "the database system is starting up";

    public static string Of(IEnumerable<string> lines) =>
        string.Join('\n', lines.Where(line => !line.Contains(Noise, StringComparison.Ordinal)).TakeLast(30));
}
