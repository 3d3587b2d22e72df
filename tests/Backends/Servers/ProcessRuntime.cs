using System.Collections.Concurrent;
using System.Diagnostics;

namespace SessionStores.Backends;

/// <summary>A server run from a local binary. Its output goes to a file in its temporary folder, which is removed with it.</summary>
internal sealed class ProcessRuntime(string binary, ServerSpec spec, int port) : IServerRuntime
{
    // The kernel's parent-death signal is bound to the thread that starts a process: from a thread of the pool, a server would die when the pool
    // ends that thread. This one lives as long as the process.
    private static readonly BlockingCollection<Task<Process>> Starts = [];

    private TemporaryFolder? _folder;
    private Process? _process;

    static ProcessRuntime() =>
        new Thread(() =>
        {
            foreach (var start in Starts.GetConsumingEnumerable())
                start.RunSynchronously();
        })
        { IsBackground = true, Name = "test servers" }.Start();

    public bool IsRunning => _process is { HasExited: false };

    public async Task LaunchAsync(CancellationToken cancellationToken)
    {
        if (_folder is null)
            await PrepareAsync(_folder = await TemporaryFolder.CreateAsync(spec.User));

        // The shell points the output at the log and then becomes the server, so that the id stays the same.
        string[] shell = ["/bin/sh", "-c", "log=$1; shift; exec \"$@\" </dev/null >>\"$log\" 2>&1", "sh", LogIn(_folder)];
        var line = spec.User.Wrap([.. shell, binary, .. spec.Command(PlaceIn(_folder)).Skip(1)], dieWithParent: OperatingSystem.IsLinux());
        var info = new ProcessStartInfo(line[0], line.Skip(1)) { WorkingDirectory = _folder.FullPath };
        foreach (var (key, value) in spec.Environment)
            info.Environment[key] = value;
        _process?.Dispose();
        var start = new Task<Process>(() => Process.Start(info)!, TaskCreationOptions.RunContinuationsAsynchronously);
        Starts.Add(start, cancellationToken);
        _process = await start;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        ProcessTree.Send(_process!.Id, spec.StopsOnInterrupt ? ProcessTree.Interrupt : ProcessTree.Terminate);
        return _process.WaitForExitAsync(cancellationToken);
    }

    public async Task KillAsync(CancellationToken cancellationToken)
    {
        var all = ProcessTree.Descendants(_process!.Id);
        ProcessTree.SendToAll(_process.Id, ProcessTree.Kill);
        await _process.WaitForExitAsync(cancellationToken);
        await Wait.UntilAsync(
            () => !all.Any(ProcessTree.Exists), TimeSpan.FromSeconds(30), $"the children of {binary} to be gone", cancellationToken);
    }

    public Task PauseAsync(CancellationToken cancellationToken) => SendToAllAsync(ProcessTree.Stop);

    public Task ResumeAsync(CancellationToken cancellationToken) => SendToAllAsync(ProcessTree.Continue);

    public Task<long?> ReadExitCodeAsync(CancellationToken cancellationToken) => Task.FromResult<long?>(IsRunning ? null : _process!.ExitCode);

    public Task<int> ReadProcessIdAsync(CancellationToken cancellationToken) => Task.FromResult(_process!.Id);

    public Task<string> ReadLogAsync(CancellationToken cancellationToken) =>
        _folder is not null && File.Exists(LogIn(_folder)) ? File.ReadAllTextAsync(LogIn(_folder), cancellationToken) : Task.FromResult("(it wrote no log)");

    public void EndAtExit()
    {
        if (IsRunning)
            ProcessTree.SendToAll(_process!.Id, ProcessTree.Kill);
    }

    public async ValueTask DisposeAsync()
    {
        if (IsRunning)
            await KillAsync(CancellationToken.None);
        _process?.Dispose();
        _process = null;
        _folder?.Dispose();
    }

    private static string LogIn(TemporaryFolder folder) => Path.Combine(folder.FullPath, "server.log");

    private ServerPlace PlaceIn(TemporaryFolder folder) => new(port, "127.0.0.1", folder.FullPath);

    private async Task PrepareAsync(TemporaryFolder folder)
    {
        await spec.Prepare(folder.FullPath);
        foreach (var (name, text) in spec.Files(PlaceIn(folder)))
        {
            var file = Path.Combine(folder.FullPath, name);
            await File.WriteAllTextAsync(file, text);
            await spec.User.OwnAsync(file);
        }
    }

    private Task SendToAllAsync(int signal)
    {
        if (!IsRunning)
            throw new InvalidOperationException($"{spec.Name} is not running.");
        ProcessTree.SendToAll(_process!.Id, signal);
        return Task.CompletedTask;
    }
}
