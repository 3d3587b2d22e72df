using System.Net.Sockets;

namespace SessionStores.Backends;

/// <summary>One connection through the proxy: two copy loops, which ask the proxy before they pass anything.</summary>
internal sealed class TcpFaultConnection(TcpFault proxy, TcpClient client) : IDisposable
{
    private readonly CancellationTokenSource _cut = new();
    private readonly TcpClient _server = new() { NoDelay = true };

    private bool _isCut;

    public void Run(string targetHost, int targetPort) => _ = RunAsync(targetHost, targetPort);

    /// <summary>Ends both sides: the client sees a reset; the server an end after the bytes that were passed on, so that it reads them all.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isCut, true))
            return;
        _cut.Cancel();
        client.Client.LingerState = new LingerOption(true, 0);
        client.Dispose();
        _server.Dispose();
    }

    private static bool IsEnd(Exception exception) =>
        exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException;

    private async Task RunAsync(string targetHost, int targetPort)
    {
        try
        {
            client.NoDelay = true;
            await _server.ConnectAsync(targetHost, targetPort, _cut.Token);
            var toServer = CopyAsync(client.GetStream(), _server.GetStream(), toServer: true);
            var toClient = CopyAsync(_server.GetStream(), client.GetStream(), toServer: false);
            await Task.WhenAll(toServer, toClient);
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            // The server refuses, or the connection was cut.
        }
        finally
        {
            Dispose();
            proxy.Closed(this);
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, bool toServer)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (true)
            {
                var count = await from.ReadAsync(buffer, _cut.Token);
                if (count == 0)
                {
                    to.Socket.Shutdown(SocketShutdown.Send);
                    return;
                }

                var passes = await proxy.MayPassAsync(toServer, count, _cut.Token);
                await to.WriteAsync(buffer.AsMemory(0, passes), _cut.Token);
                if (passes < count)
                {
                    Dispose();
                    return;
                }
            }
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            Dispose();
        }
    }
}
