using System.Net.Sockets;
using MongoDB.Driver;
using Npgsql;

namespace SessionStores.Backends;

/// <summary>
/// One server (process or container) and the faults that a test can put it through, which mean the same for both. One test at a time controls
/// a server: the members are not safe to call concurrently.
/// </summary>
public sealed class ServerHandle : IAsyncDisposable
{
    // What PostgreSQL logs each time it is asked, while it starts, whether it is ready: it would fill the tail.
    private const string Noise = "the database system is starting up";
    private const int Attempts = 5;
    private static readonly TimeSpan ReadyPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StartDeadline = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(30);

    private readonly string _source;
    private readonly ServerSpec? _spec;
    private readonly IServerRuntime? _runtime;
    private readonly PortReservation? _port;
    private bool _isPaused;

    /// <summary>A server of a connection string: it is used, never controlled.</summary>
    internal ServerHandle(string name, string host, int port, string variable) => (Name, Host, Port, _source) = (name, host, port, variable);

    private ServerHandle(ServerSource source, ServerSpec spec, IServerRuntime runtime, PortReservation port)
        : this(spec.Name, "127.0.0.1", port.Port, source.Describe()) => (_spec, _runtime, _port) = (spec, runtime, port);

    /// <summary>What it is, for messages: <c>redis</c>, <c>postgres replica</c>.</summary>
    public string Name { get; }

    /// <summary>The address to connect to.</summary>
    public string Host { get; }

    /// <summary>The port to connect to; stays the same over a restart.</summary>
    public int Port { get; }

    /// <summary>Whether the methods below work. False for a server of a connection string, for which they throw.</summary>
    public bool CanControl => _runtime is not null;

    /// <summary>Whether the server exists, paused or not. True for a server of a connection string.</summary>
    public bool IsRunning => _runtime?.IsRunning ?? true;

    private IServerRuntime Runtime =>
        _runtime ?? throw new NotSupportedException($"The {Name} server comes from {_source}, so that tests cannot control it (CanControl is false).");

    /// <summary>Ends the server in an orderly way and waits until it is gone. A paused one is resumed first; a stopped one stays so.</summary>
    /// <exception cref="NotSupportedException">The server is that of a connection string.</exception>
    /// <exception cref="BackendStartException">It did not end within thirty seconds.</exception>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (!Runtime.IsRunning)
            return;
        await ResumeAsync(cancellationToken);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(StopDeadline);
        try
        {
            await Runtime.StopAsync(deadline.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw await FailureAsync($"{this} did not end within {StopDeadline.TotalSeconds} s.", exception);
        }
    }

    /// <summary>Ends the server and its children with SIGKILL, and waits until they are gone.</summary>
    /// <inheritdoc cref="StopAsync" path="/exception"/>
    public async Task KillAsync(CancellationToken cancellationToken = default)
    {
        if (!Runtime.IsRunning)
            return;
        // A frozen container takes no signal.
        await ResumeAsync(cancellationToken);
        await Runtime.KillAsync(cancellationToken);
    }

    /// <summary>Freezes the server and its children: connections stay open and nothing is sent.</summary>
    /// <exception cref="NotSupportedException">The server is that of a connection string.</exception>
    public async Task PauseAsync(CancellationToken cancellationToken = default)
    {
        await Runtime.PauseAsync(cancellationToken);
        _isPaused = true;
    }

    /// <summary>Undoes <see cref="PauseAsync"/>.</summary>
    /// <inheritdoc cref="PauseAsync" path="/exception"/>
    public async Task ResumeAsync(CancellationToken cancellationToken = default)
    {
        var runtime = Runtime;
        if (!_isPaused)
            return;
        await runtime.ResumeAsync(cancellationToken);
        _isPaused = false;
    }

    /// <summary>Starts the server on the same port and data, and waits until it is ready. A running one is stopped first.</summary>
    /// <exception cref="NotSupportedException">The server is that of a connection string.</exception>
    /// <exception cref="BackendStartException">It ended or was not ready in time; the end of its log is in the message.</exception>
    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        await StopAsync(cancellationToken);
        await LaunchAsync(cancellationToken);
    }

    /// <summary>The ids of the processes of a running server on this machine, its children included.</summary>
    /// <exception cref="NotSupportedException">The server is that of a connection string.</exception>
    public async Task<IReadOnlyList<int>> ReadProcessIdsAsync(CancellationToken cancellationToken = default)
    {
        var root = await Runtime.ReadProcessIdAsync(cancellationToken);
        return [root, .. ProcessTree.Descendants(root)];
    }

    /// <summary>Ends the server, if it is ours, and removes its files.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_runtime is null)
            return;
        AtProcessExit.Forget(this);
        await _runtime.DisposeAsync();
        _port!.Dispose();
    }

    /// <summary>What it is and what it runs from, for messages.</summary>
    public override string ToString() => $"{Name} on port {Port} ({_source})";

    /// <summary>Starts a server. When it fails, nothing of it is left.</summary>
    internal static async Task<ServerHandle> StartAsync(ServerSource source, ServerSpec spec, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = PortReservation.Take();
            IServerRuntime runtime = source.IsContainer
                ? new ContainerRuntime(source.Image, spec, port.Port)
                : new ProcessRuntime(source.Binary, spec, port.Port);
            var server = new ServerHandle(source, spec, runtime, port);
            try
            {
                await server.LaunchAsync(cancellationToken);
                return server;
            }
            catch (BackendStartException exception) when (attempt < Attempts && exception.Message.Contains("ddress already in use", StringComparison.Ordinal))
            {
                // A program other than our tests took the port between the check and the start: take another one.
                await server.DisposeAsync();
            }
            catch
            {
                await server.DisposeAsync();
                throw;
            }
        }
    }

    private async Task LaunchAsync(CancellationToken cancellationToken)
    {
        AtProcessExit.Register(this, Runtime.EndAtExit);
        _isPaused = false;
        try
        {
            // Testcontainers throws a TimeoutException when the server ends at once.
            await Runtime.LaunchAsync(cancellationToken);
            await Wait.UntilAsync(IsReadyAsync, StartDeadline, $"{this} to be ready", cancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw await FailureAsync(exception.Message, exception);
        }
    }

    // One question of at most two seconds; a refused, cut or silent connection means "not yet".
    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(ReadyPatience);
        try
        {
            if (await _spec!.IsReady(Port, patience.Token))
                return true;
        }
        catch (Exception exception) when (MeansNotYet(exception) && !cancellationToken.IsCancellationRequested)
        {
        }

        return await Runtime.ReadExitCodeAsync(cancellationToken) is { } code
            ? throw await FailureAsync($"{this} ended with code {code} before it was ready.")
            : false;
    }

    private static bool MeansNotYet(Exception exception) => exception switch
    {
        PostgresException postgres => postgres.SqlState == PostgresErrorCodes.CannotConnectNow,
        RespErrorException redis => redis.Message.Split(' ')[0] is "LOADING" or "MASTERDOWN",
        SocketException or IOException or OperationCanceledException or TimeoutException or NpgsqlException or MongoException => true,
        _ => false,
    };

    /// <summary>An exception with the end of the server's log.</summary>
    internal async Task<BackendStartException> FailureAsync(string message, Exception? innerException = null)
    {
        var lines = (await Runtime.ReadLogAsync(CancellationToken.None)).TrimEnd().Split('\n');
        var tail = lines.Where(line => !line.Contains(Noise, StringComparison.Ordinal)).TakeLast(30);
        return new BackendStartException($"{message}\n{string.Join('\n', tail)}", innerException);
    }
}

/// <summary>A server that is available did not start, did not become ready, or did not follow a command. The end of its log is in the message.</summary>
public sealed class BackendStartException(string message, Exception? innerException = null) : Exception(message, innerException);
