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
    private readonly (string Host, int Port) _target;
    private TcpListener? _listener;
    private Mode _mode = Mode.Through;
    private TaskCompletionSource _modeChanged = NewSignal();
    private int _accepted;

    private TcpFault(string host, int port)
    {
        _target = (host, port);
        Listen();
    }

    private enum Mode
    {
        Through,
        DropBeforeReply,
        Halve,
        Hang,
        Refuse,
    }

    /// <summary>The address to connect to.</summary>
    public string Host { get; } = "127.0.0.1";

    /// <summary>The port to connect to; the same for the life of the proxy.</summary>
    public int Port => _port.Port;

    /// <summary>How many connections were accepted so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

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
    public void PassThrough() => Change(Mode.Through);

    /// <summary>
    /// Lets requests through and cuts the connection when the server's reply arrives, without passing it on: the server has done what was
    /// asked, and the client never learns it.
    /// </summary>
    public void DropBeforeReply() => Change(Mode.DropBeforeReply);

    /// <summary>Passes half of what a client sends next to the server, and cuts the connection: what was asked arrives in part.</summary>
    public void Halve() => Change(Mode.Halve);

    /// <summary>Accepts connections and holds back every byte of both directions until the next command.</summary>
    public void Hang() => Change(Mode.Hang);

    /// <summary>Cuts the open connections and refuses new ones until the next command.</summary>
    public void Refuse()
    {
        Change(Mode.Refuse);
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

    /// <summary>Waits while the proxy hangs, then returns how many of the bytes may pass; if not all, the connection is to be cut.</summary>
    internal async Task<int> MayPassAsync(bool toServer, int count, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_mode != Mode.Hang)
                    return (_mode, toServer) switch
                    {
                        (Mode.Through, _) or (Mode.Halve, false) or (Mode.DropBeforeReply, true) => count,
                        (Mode.Halve, true) => count / 2,
                        _ => 0,
                    };
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

    private void Change(Mode mode)
    {
        lock (_gate)
        {
            _mode = mode;
            if (mode == Mode.Refuse)
            {
                _listener?.Stop();
                _listener = null;
            }
            else if (_listener is null)
            {
                Listen();
            }

            _modeChanged.SetResult();
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
                var connection = new TcpFaultConnection(this, await listener.AcceptTcpClientAsync());
                bool wanted;
                lock (_gate)
                {
                    _accepted++;
                    wanted = listener == _listener && _connections.Add(connection);
                }

                // Accepted while the proxy began to refuse: cut, like those that were open.
                if (wanted)
                    connection.Run(_target.Host, _target.Port);
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
