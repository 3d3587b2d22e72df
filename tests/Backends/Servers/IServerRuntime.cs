namespace SessionStores.Backends;

/// <summary>How a server is controlled: as a container or as a process. <see cref="ServerHandle"/> decides what is called when.</summary>
internal interface IServerRuntime : IAsyncDisposable
{
    /// <summary>Whether the server exists, paused or not.</summary>
    bool IsRunning { get; }

    /// <summary>Starts the server, or starts it again on the same port and data; does not wait until it is ready.</summary>
    Task LaunchAsync(CancellationToken cancellationToken);

    /// <summary>Ends a running server in an orderly way and waits until it is gone.</summary>
    Task StopAsync(CancellationToken cancellationToken);

    /// <summary>Ends a running server and its children with SIGKILL, and waits until they are gone.</summary>
    Task KillAsync(CancellationToken cancellationToken);

    Task PauseAsync(CancellationToken cancellationToken);

    Task ResumeAsync(CancellationToken cancellationToken);

    /// <summary>The exit code of a server that has ended; null while it runs.</summary>
    Task<long?> ReadExitCodeAsync(CancellationToken cancellationToken);

    /// <summary>The id of the running server's process on this machine.</summary>
    Task<int> ReadProcessIdAsync(CancellationToken cancellationToken);

    Task<string> ReadLogAsync(CancellationToken cancellationToken);

    /// <summary>Ends the server when this process exits, which waits for no task.</summary>
    void EndAtExit();
}
