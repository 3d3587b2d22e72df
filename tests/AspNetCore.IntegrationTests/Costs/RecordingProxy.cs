using System.Net;
using System.Net.Sockets;

namespace SessionStores.AspNetCore.IntegrationTests.Costs;

/// <summary>Passes everything on between clients and a server, and keeps the bytes since the last call of <see cref="Take"/>.</summary>
internal sealed class RecordingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _gate = new();
    private readonly List<MemoryStream> _sent = [];
    private long _received;

    public RecordingProxy(string host, int port)
    {
        _listener.Start();
        _ = AcceptAsync(host, port);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What each connection has sent to the server, and how many bytes came back.</summary>
    public (IReadOnlyList<byte[]> Sent, long Received) Take()
    {
        lock (_gate)
        {
            var taken = (_sent.Select(connection => connection.ToArray()).Where(bytes => bytes.Length > 0).ToList(), _received);
            _sent.ForEach(connection => connection.SetLength(0));
            _received = 0;
            return taken;
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync(string host, int port)
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                var server = new TcpClient { NoDelay = true };
                client.NoDelay = true;
                await server.ConnectAsync(host, port);
                var sent = new MemoryStream();
                lock (_gate)
                    _sent.Add(sent);

                _ = CopyAsync(client, server, sent);
                _ = CopyAsync(server, client, null);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The listener was stopped.
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to, MemoryStream? sent)
    {
        try
        {
            var buffer = new byte[64 * 1024];
            while (await from.GetStream().ReadAsync(buffer) is > 0 and var count)
            {
                lock (_gate)
                {
                    sent?.Write(buffer, 0, count);
                    _received += sent is null ? count : 0;
                }

                await to.GetStream().WriteAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // One side has ended.
        }
        finally
        {
            from.Dispose();
            to.Dispose();
        }
    }
}
