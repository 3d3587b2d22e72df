using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace SessionStores.Backends;

/// <summary>Signals to a process and everything below it.</summary>
internal static class ProcessTree
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;
    private const int NoSuchProcess = 3;
    private static readonly bool HasProc = Directory.Exists("/proc/self");

    public static int Stop { get; } = OperatingSystem.IsMacOS() ? 17 : 19;

    public static int Continue { get; } = OperatingSystem.IsMacOS() ? 19 : 18;

    /// <summary>Whether a process of this id runs. One that ended and whose parent has not collected it yet does not.</summary>
    public static bool Exists(int id) => HasProc ? Stat(id) is { } fields && fields[0] is not ("Z" or "X") : SendSignal(id, 0) == 0;

    /// <summary>Sends one signal to one process; nothing when it is gone.</summary>
    public static void Send(int id, int signal)
    {
        if (SendSignal(id, signal) != 0 && Marshal.GetLastPInvokeError() is var error and not NoSuchProcess)
            throw new BackendStartException($"Signal {signal} could not be sent to process {id}: error {error}.");
    }

    /// <summary>Sends a signal to a process and all its descendants; the root is stopped first so that it cannot create more of them.</summary>
    public static void SendToAll(int root, int signal)
    {
        if (signal != Continue)
            Send(root, Stop);
        foreach (var id in Descendants(root))
            Send(id, signal);
        Send(root, signal);
    }

    /// <summary>All processes below <paramref name="root"/>.</summary>
    public static IReadOnlyList<int> Descendants(int root)
    {
        var childrenOf = (HasProc ? ParentsFromProc() : ParentsFromPs()).ToLookup(pair => pair.Parent, pair => pair.Id);
        List<int> found = [.. childrenOf[root]];
        for (var index = 0; index < found.Count; index++)
            found.AddRange(childrenOf[found[index]]);
        return found;
    }

    private static IEnumerable<(int Id, int Parent)> ParentsFromProc() =>
        from folder in Directory.EnumerateDirectories("/proc")
        let id = int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var number) ? number : 0
        where id > 0
        let fields = Stat(id)
        where fields is not null
        select (id, int.Parse(fields[1], CultureInfo.InvariantCulture));

    private static IEnumerable<(int Id, int Parent)> ParentsFromPs()
    {
        using var ps = Process.Start(new ProcessStartInfo("ps", ["-A", "-o", "pid=,ppid="]) { RedirectStandardOutput = true })!;
        return [.. from line in ps.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            let numbers = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            select (int.Parse(numbers[0], CultureInfo.InvariantCulture), int.Parse(numbers[1], CultureInfo.InvariantCulture))];
    }

    /// <summary>State, parent and so on from <c>/proc</c>; null when the process is gone.</summary>
    private static string[]? Stat(int id)
    {
        try
        {
            // "id (name) state parent …": the name may hold spaces and brackets.
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int id, int signal);
}
