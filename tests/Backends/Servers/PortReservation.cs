using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace SessionStores.Backends;

/// <summary>
/// A loopback port held for one server, also while that server is down. A locked file keeps it from the other test processes of this
/// machine; it is below the ephemeral range, so that no outgoing connection takes it (or connects to itself) during a restart.
/// </summary>
internal sealed class PortReservation : IDisposable
{
    private const int Lowest = 12_000;
    private const int Highest = 32_000;
    private const int ClusterBusOffset = 10_000;
    private static readonly string Folder = Path.Combine(Path.GetTempPath(), "sessionstores-ports");
    private readonly FileStream _lock;

    private PortReservation(int port, FileStream fileLock) => (Port, _lock) = (port, fileLock);

    public int Port { get; }

    /// <summary>Takes a free port; the port 10,000 above, on which the nodes of a Redis Cluster talk, is free too.</summary>
    public static PortReservation Take()
    {
        Directory.CreateDirectory(Folder);
        for (var attempt = 0; attempt < 1_000; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(Lowest, Highest);
            if (!IsFree(port) || !IsFree(port + ClusterBusOffset))
                continue;
            try
            {
                var file = Path.Combine(Folder, $"{port}");
                return new PortReservation(port, new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Another test process holds it: draw again.
            }
        }

        throw new BackendStartException($"Found no free loopback port between {Lowest} and {Highest}.");
    }

    public void Dispose() => _lock.Dispose();

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
