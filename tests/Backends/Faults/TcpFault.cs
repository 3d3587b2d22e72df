using System.Net;
using System.Net.Sockets;

namespace SessionStores.Backends;

/// <summary>
/// A TCP proxy on loopback in front of a server, which breaks the network on command. A command takes effect for open and for new connections
/// before it returns; nothing depends on time.
/// </summary>
public sealed class TcpFault : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<TcpFaultConnection> _connections = [];
    private readonly PortReservation _port = PortReservation.Take();
    private readonly string _targetHost;
    private readonly int _targetPort;
    private TcpListener? _listener;
    private TcpFaultMode _mode = TcpFaultMode.Through;
    private TaskCompletionSource _modeChanged = NewSignal();
    private long _bytesUntilDrop;
    private int _accepted;
    private int _dropped;
    private long _bytesToServer;

    private TcpFault(string targetHost, int targetPort)
    {
        _targetHost = targetHost;
        _targetPort = targetPort;
        Listen();
    }

    /// <summary>The address to connect to.</summary>
    public string Host { get; } = "127.0.0.1";

    /// <summary>The port to connect to; the same for the life of the proxy.</summary>
    public int Port => _port.Port;

    /// <summary>How many connections were accepted so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>How many connections <see cref="DropAfter"/> and <see cref="DropBeforeReply"/> have cut so far.</summary>
    public int Dropped => Volatile.Read(ref _dropped);

    /// <summary>How many bytes went to the server so far.</summary>
    public long BytesToServer => Volatile.Read(ref _bytesToServer);

    /// <summary>How many connections are open now.</summary>
    public int Open
    {
        get
        {
            lock (_gate)
                return _connections.Count;
        }
    }

    /// <summary>Starts a proxy that passes everything through.</summary>
    public static TcpFault Start(string targetHost, int targetPort) => new(targetHost, targetPort);

    /// <inheritdoc cref="Start(string, int)"/>
    public static TcpFault Start(ServerHandle server)
    {
        ArgumentNullException.ThrowIfNull(server);
        return new TcpFault(server.Host, server.Port);
    }

    /// <summary>Passes everything through again, also what was held back by <see cref="Hang"/>.</summary>
    public void PassThrough() => Change(TcpFaultMode.Through);

    /// <summary>
    /// Lets this many more bytes through to the server, over all connections together, and cuts the connection that brought the last of them, before
    /// any reply. From then on each connection is cut when a byte arrives on it.
    /// </summary>
    public void DropAfter(long bytesToServer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytesToServer);
        Change(TcpFaultMode.DropAfter, bytesToServer);
    }

    /// <summary>
    /// Lets requests through and cuts the connection when the server's reply arrives, without passing it on: the server has done what was
    /// asked, and the client never learns it.
    /// </summary>
    public void DropBeforeReply() => Change(TcpFaultMode.DropBeforeReply);

    /// <summary>Accepts connections and holds back every byte of both directions until the next command.</summary>
    public void Hang() => Change(TcpFaultMode.Hang);

    /// <summary>Cuts the open connections and refuses new ones until the next command.</summary>
    public void Refuse()
    {
        Change(TcpFaultMode.Refuse);
        CutAll();
    }

    /// <summary>Cuts the open connections; new ones are treated as before.</summary>
    public void CutAll()
    {
        TcpFaultConnection[] connections;
        lock (_gate)
            connections = [.. _connections];
        foreach (var connection in connections)
            connection.Dispose();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Refuse();
        _port.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Waits while the proxy hangs, then says how many of these bytes may go on, and whether the connection is to be cut after them.</summary>
    internal async Task<(int Allowed, bool Cut)> AllowAsync(int count, bool toServer, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_mode != TcpFaultMode.Hang)
                    return AllowNow(count, toServer);
                changed = _modeChanged.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    internal void Closed(TcpFaultConnection connection)
    {
        lock (_gate)
            _connections.Remove(connection);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private (int Allowed, bool Cut) AllowNow(int count, bool toServer)
    {
        var (allowed, cut) = _mode switch
        {
            TcpFaultMode.DropAfter when toServer => ((int)Math.Min(count, _bytesUntilDrop), count >= _bytesUntilDrop),
            TcpFaultMode.DropAfter when _bytesUntilDrop == 0 => (0, true),
            TcpFaultMode.DropBeforeReply when !toServer => (0, true),
            TcpFaultMode.Refuse => (0, true),
            _ => (count, false),
        };
        if (cut)
            _dropped++;
        if (toServer)
        {
            _bytesUntilDrop = Math.Max(0, _bytesUntilDrop - allowed);
            _bytesToServer += allowed;
        }

        return (allowed, cut);
    }

    private void Change(TcpFaultMode mode, long bytesUntilDrop = 0)
    {
        lock (_gate)
        {
            _mode = mode;
            _bytesUntilDrop = bytesUntilDrop;
            if (mode == TcpFaultMode.Refuse)
            {
                _listener?.Stop();
                _listener = null;
            }
            else if (_listener is null)
            {
                Listen();
            }

            _modeChanged.TrySetResult();
            _modeChanged = NewSignal();
        }
    }

    private void Listen()
    {
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _ = AcceptAsync(_listener);
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync();
                var connection = new TcpFaultConnection(this, client);
                bool wanted;
                lock (_gate)
                {
                    _accepted++;
                    wanted = listener == _listener;
                    if (wanted)
                        _connections.Add(connection);
                }

                // Accepted while the proxy was told to refuse: cut, like those that were open.
                if (wanted)
                    connection.Run(_targetHost, _targetPort);
                else
                    connection.Dispose();
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The listener was stopped.
        }
    }
}
