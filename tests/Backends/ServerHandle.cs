namespace SessionStores.Backends;

/// <summary>
/// One server process (or container) that a test can steer. The handles mean the same for a process and for a container. One test at a
/// time steers a server: the members are not safe to call at once.
/// </summary>
public abstract class ServerHandle : IAsyncDisposable
{
    private protected ServerHandle(string name, string host, int port)
    {
        Name = name;
        Host = host;
        Port = port;
    }

    /// <summary>What it is, for messages: <c>redis</c>, <c>postgres replica</c>.</summary>
    public string Name { get; }

    /// <summary>The address to connect to.</summary>
    public string Host { get; }

    /// <summary>The port to connect to; stays the same over a restart.</summary>
    public int Port { get; }

    /// <summary>Whether the handles below work. False for a server that came by connection string: then they throw.</summary>
    public abstract bool CanControl { get; }

    /// <summary>Whether the server process exists, paused or not. True for a server that came by connection string.</summary>
    public abstract bool IsRunning { get; }

    /// <summary>Ends the server in an orderly way and waits until it is gone. A paused one is resumed first; a stopped one stays so.</summary>
    /// <exception cref="NotSupportedException">The server came by connection string.</exception>
    /// <exception cref="BackendStartException">It did not end within thirty seconds.</exception>
    public abstract Task StopAsync(CancellationToken cancellationToken = default);

    /// <summary>Ends the server and its children with SIGKILL, and waits until they are gone.</summary>
    /// <exception cref="NotSupportedException">The server came by connection string.</exception>
    public abstract Task KillAsync(CancellationToken cancellationToken = default);

    /// <summary>Freezes the server and its children (SIGSTOP): connections stay open and nothing answers.</summary>
    /// <exception cref="NotSupportedException">The server came by connection string.</exception>
    public abstract Task PauseAsync(CancellationToken cancellationToken = default);

    /// <summary>Undoes <see cref="PauseAsync"/>.</summary>
    /// <exception cref="NotSupportedException">The server came by connection string.</exception>
    public abstract Task ResumeAsync(CancellationToken cancellationToken = default);

    /// <summary>Starts the server on the same port and data, and waits until it answers. A running one is stopped first.</summary>
    /// <exception cref="NotSupportedException">The server came by connection string.</exception>
    /// <exception cref="BackendStartException">It ended or did not answer in time; the end of its log is in the message.</exception>
    public abstract Task RestartAsync(CancellationToken cancellationToken = default);

    /// <summary>The last lines that the server wrote.</summary>
    public abstract Task<string> ReadLogTailAsync(CancellationToken cancellationToken = default);

    /// <summary>Ends the server, if it is ours, and removes its files.</summary>
    public abstract ValueTask DisposeAsync();
}
