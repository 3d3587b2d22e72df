using System.Diagnostics;

namespace SessionStores.Backends;

/// <summary>A server run from a local binary. Its output goes to a file in its temporary folder.</summary>
internal sealed class ProcessServer : ServerHandle
{
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(30);
    private readonly ProcessServerSpec _spec;
    private readonly string _log;
    private Process? _process;

    private ProcessServer(ProcessServerSpec spec)
        : base(spec.Name, "127.0.0.1", spec.Port.Port)
    {
        _spec = spec;
        _log = Path.Combine(spec.Folder.FullPath, $"server-{spec.Port.Port}.log");
    }

    public override bool CanControl => true;

    public override bool IsRunning => _process is { HasExited: false };

    /// <summary>Starts the server. When it fails, its port and folder are released before the exception is thrown.</summary>
    public static async Task<ProcessServer> StartAsync(ProcessServerSpec spec, CancellationToken cancellationToken)
    {
        var server = new ProcessServer(spec);
        try
        {
            await server.LaunchAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (!IsRunning)
            return;
        ProcessTree.SendToAll(_process!.Id, PosixSignalNumber.Continue);
        ProcessTree.Send(_process.Id, _spec.StopSignal);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(StopDeadline);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BackendStartException($"{Describe()} did not end within {StopDeadline.TotalSeconds} s.\n{Tail()}", exception);
        }
    }

    public override async Task KillAsync(CancellationToken cancellationToken = default)
    {
        if (!IsRunning)
            return;
        var all = ProcessTree.Descendants(_process!.Id);
        ProcessTree.SendToAll(_process.Id, PosixSignalNumber.Kill);
        await _process.WaitForExitAsync(cancellationToken);
        await Wait.UntilAsync(() => !all.Any(ProcessTree.Exists), StopDeadline, $"the children of {Describe()} to be gone", cancellationToken);
    }

    public override Task PauseAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfNotRunning();
        ProcessTree.SendToAll(_process!.Id, PosixSignalNumber.Stop);
        return Task.CompletedTask;
    }

    public override Task ResumeAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfNotRunning();
        ProcessTree.SendToAll(_process!.Id, PosixSignalNumber.Continue);
        return Task.CompletedTask;
    }

    public override async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        await StopAsync(cancellationToken);
        await LaunchAsync(cancellationToken);
    }

    public override Task<string> ReadLogTailAsync(CancellationToken cancellationToken = default) => Task.FromResult(Tail());

    public override async ValueTask DisposeAsync()
    {
        await KillAsync();
        AtProcessExit.Forget(this);
        _process?.Dispose();
        _process = null;
        _spec.Folder.Dispose();
        _spec.Port.Dispose();
    }

    private async Task LaunchAsync(CancellationToken cancellationToken)
    {
        // The shell points the output at the log and then becomes the server, so that the id stays the same.
        string[] shell = ["/bin/sh", "-c", "log=$1; shift; exec \"$@\" </dev/null >>\"$log\" 2>&1", "sh", _log];
        var line = _spec.User.Wrap([.. shell, .. _spec.CommandLine], dieWithParent: OperatingSystem.IsLinux());
        var start = new ProcessStartInfo(line[0], line.Skip(1)) { WorkingDirectory = _spec.Folder.FullPath };
        foreach (var (key, value) in _spec.Environment)
            start.Environment[key] = value;
        _process?.Dispose();
        _process = await ServerThread.StartAsync(start);
        AtProcessExit.Register(this, () =>
        {
            if (IsRunning)
                ProcessTree.SendToAll(_process!.Id, PosixSignalNumber.Kill);
        });
        try
        {
            await Wait.UntilAsync(IsReadyAsync, _spec.StartDeadline, $"{Describe()} to answer", cancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw new BackendStartException($"{exception.Message}\n{Tail()}", exception);
        }
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        var ready = await Readiness.AskAsync(_spec.IsReady, cancellationToken);
        if (!IsRunning)
            throw new BackendStartException($"{Describe()} ended with code {_process!.ExitCode} instead of answering.\n{Tail()}");
        return ready;
    }

    private string Describe() => $"{Name} on port {Port} ({_spec.CommandLine[0]})";

    private string Tail() => File.Exists(_log) ? LogTail.Of(File.ReadLines(_log)) : "(it wrote no log)";

    private void ThrowIfNotRunning()
    {
        if (!IsRunning)
            throw new InvalidOperationException($"{Describe()} is not running.");
    }
}
