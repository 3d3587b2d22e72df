using System.Net.Sockets;
using MongoDB.Bson;
using Npgsql;

namespace SessionStores.MongoGateway;

/// <summary>The connection of one driver: a request at a time, as drivers send them.</summary>
internal static class Connection
{
    /// <summary>Serves requests until the driver closes the connection. A command that runs then is finished, as a MongoDB server does.</summary>
    public static async Task ServeAsync(TcpClient client, Commands commands)
    {
        await Task.Yield();
        try
        {
            using (client)
            {
                client.NoDelay = true;
                var stream = client.GetStream();
                while (await Message.ReadAsync(stream) is { } message)
                {
                    var reply = await RunAsync(message, commands);
                    if (message.WantsReply)
                        await stream.WriteAsync(message.Reply(reply));
                }
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or InvalidDataException)
        {
            await Console.Error.WriteLineAsync($"A connection ended: {exception.Message}");
        }
    }

    private static async Task<byte[]> RunAsync(Message message, Commands commands)
    {
        try
        {
            return await commands.RunAsync(message);
        }
        catch (CommandException exception)
        {
            return Failure(exception.Code, exception.Message);
        }
        catch (PostgresException exception)
        {
            return Failure(ErrorCodes.Of(exception.SqlState), exception.MessageText);
        }
        catch (OperationCanceledException)
        {
            return Failure(ErrorCodes.MaxTimeExpired, "operation exceeded time limit");
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            await Console.Error.WriteLineAsync(exception.ToString());
            return Failure(ErrorCodes.HostUnreachable, $"PostgreSQL cannot be reached: {exception.Message}");
        }
    }

    private static byte[] Failure(int code, string message) =>
        new BsonDocument { { "ok", 0.0 }, { "errmsg", message }, { "code", code }, { "codeName", ErrorCodes.NameOf(code) } }.ToBson();
}
