using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace SessionStores.Backends;

/// <summary>Signals to a process and everything below it.</summary>
internal static class ProcessTree
{
    private const int NoSuchProcess = 3;

    /// <summary>Whether a process of this id runs. One that ended and that no one has collected yet does not.</summary>
    public static bool Exists(int id)
    {
        if (Directory.Exists("/proc/self"))
            return Stat(id) is { } fields && fields[0] is not ("Z" or "X");
        try
        {
            using var process = Process.GetProcessById(id);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Sends one signal to one process; nothing when it is gone.</summary>
    public static void Send(int id, PosixSignalNumber signal)
    {
        if (Kill(id, Number(signal)) != 0 && Marshal.GetLastPInvokeError() is var error and not NoSuchProcess)
            throw new BackendStartException($"Signal {signal} could not be sent to process {id}: error {error}.");
    }

    /// <summary>Sends a signal to a process and all its descendants; the root is stopped first so that it cannot make more of them.</summary>
    public static void SendToAll(int root, PosixSignalNumber signal)
    {
        if (signal != PosixSignalNumber.Continue)
            Send(root, PosixSignalNumber.Stop);
        foreach (var id in Descendants(root))
            Send(id, signal);
        Send(root, signal);
    }

    /// <summary>All processes below <paramref name="root"/>.</summary>
    public static IReadOnlyList<int> Descendants(int root)
    {
        var childrenOf = Parents().ToLookup(pair => pair.Parent, pair => pair.Id);
        List<int> found = [];
        var queue = new Queue<int>([root]);
        while (queue.TryDequeue(out var parent))
        {
            foreach (var child in childrenOf[parent])
            {
                found.Add(child);
                queue.Enqueue(child);
            }
        }

        return found;
    }

    private static IEnumerable<(int Id, int Parent)> Parents()
    {
        if (!Directory.Exists("/proc/self"))
            return ParentsFromPs();
        return Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0)
            .Select(id => (id, Stat(id) is { } fields ? int.Parse(fields[1], CultureInfo.InvariantCulture) : 0));
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

    private static (int Id, int Parent)[] ParentsFromPs()
    {
        using var ps = Process.Start(new ProcessStartInfo("ps", ["-A", "-o", "pid=,ppid="]) { RedirectStandardOutput = true })!;
        var text = ps.StandardOutput.ReadToEnd();
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(fields => (int.Parse(fields[0], CultureInfo.InvariantCulture), int.Parse(fields[1], CultureInfo.InvariantCulture)))
            .ToArray();
    }

    private static int Number(PosixSignalNumber signal) => signal switch
    {
        PosixSignalNumber.Stop => OperatingSystem.IsMacOS() ? 17 : 19,
        PosixSignalNumber.Continue => OperatingSystem.IsMacOS() ? 19 : 18,
        _ => (int)signal,
    };

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int id, int signal);
}
