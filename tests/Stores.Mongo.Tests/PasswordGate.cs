using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;
using SessionStores.Backends;

namespace SessionStores.Mongo.Tests;

/// <summary>A server that asks for a user and password (mechanism PLAIN), in front of one that does not. Both can change while it runs; a
/// connection that has signed in stays signed in, as with MongoDB.</summary>
internal sealed class PasswordGate : IAsyncDisposable
{
    private const int OpReply = 1;
    private const int OpQuery = 2004;
    private const int OpMsg = 2013;
    private const int AuthenticationFailed = 18;
    private const int Unauthorized = 13;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, byte> _clients = new();
    private readonly ServerHandle _server;
    private readonly Task _accepting;
    private volatile string _password;

    public PasswordGate(ServerHandle server, string password)
    {
        _server = server;
        _password = password;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string ConnectionString => $"mongodb://{_listener.LocalEndpoint}/?directConnection=true&appName={ObjectId.GenerateNewId()}";

    /// <summary>Changes the password, and ends every connection.</summary>
    public void Change(string password)
    {
        _password = password;
        foreach (var client in _clients.Keys)
        {
            try
            {
                client.LingerState = new LingerOption(true, 0); // a reset, as of a server that is gone
                client.Close();
            }
            catch (ObjectDisposedException)
            {
                // The driver has closed it.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        Change("");
        await _accepting;
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                _clients[client.Client] = 0;
                _ = ServeAsync(client, client.Client);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The gate is closed.
        }
    }

    private async Task ServeAsync(TcpClient client, Socket socket)
    {
        try
        {
            using (client)
            using (var server = new TcpClient(_server.Host, _server.Port))
            {
                var (fromClient, fromServer) = (client.GetStream(), server.GetStream());
                _ = fromServer.CopyToAsync(fromClient).ContinueWith(_ => client.Close(), TaskScheduler.Default);
                await PassAsync(fromClient, fromServer);
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // One of the two closed the connection.
        }
        finally
        {
            _clients.TryRemove(socket, out _);
        }
    }

    private async Task PassAsync(NetworkStream client, NetworkStream server)
    {
        var isSignedIn = false;
        var header = new byte[16];
        while (true)
        {
            await client.ReadExactlyAsync(header);
            var message = new byte[BinaryPrimitives.ReadInt32LittleEndian(header)];
            header.CopyTo(message, 0);
            await client.ReadExactlyAsync(message.AsMemory(header.Length));
            var command = CommandOf(message);
            switch (command.GetElement(0).Name)
            {
                case "saslStart":
                    isSignedIn = Encoding.UTF8.GetString(command["payload"].AsByteArray) == $"\0ann\0{_password}";
                    await client.WriteAsync(Reply(header, isSignedIn
                        ? new() { { "conversationId", 1 }, { "done", true }, { "payload", Array.Empty<byte>() }, { "ok", 1.0 } }
                        : Failure(AuthenticationFailed, "Authentication failed.")));
                    break;
                case "hello" or "isMaster" or "ismaster":
                    await server.WriteAsync(message);
                    break;
                default:
                    if (isSignedIn)
                        await server.WriteAsync(message);
                    else
                        await client.WriteAsync(Reply(header, Failure(Unauthorized, "Command requires authentication")));
                    break;
            }
        }
    }

    private static BsonDocument Failure(int code, string text) => new() { { "ok", 0.0 }, { "errmsg", text }, { "code", code } };

    private static int OpCodeOf(byte[] header) => BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(12));

    /// <summary>The command of a message, or of a query, which drivers send while a connection is opened.</summary>
    private static BsonDocument CommandOf(byte[] message)
    {
        var start = OpCodeOf(message) == OpQuery ? Array.IndexOf(message, (byte)0, 20) + 9 : 21;
        return BsonSerializer.Deserialize<BsonDocument>(message[start..]);
    }

    private static byte[] Reply(byte[] request, BsonDocument document)
    {
        var isQuery = OpCodeOf(request) == OpQuery;
        var body = document.ToBson();
        var start = isQuery ? 36 : 21;
        var reply = new byte[start + body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(reply, reply.Length);
        request.AsSpan(4, 4).CopyTo(reply.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(reply.AsSpan(12), isQuery ? OpReply : OpMsg);
        if (isQuery)
            BinaryPrimitives.WriteInt32LittleEndian(reply.AsSpan(32), 1);

        body.CopyTo(reply, start);
        return reply;
    }
}
