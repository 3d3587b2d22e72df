using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace SessionStores.MongoGateway;

/// <summary>
/// A server for tests that speaks MongoDB's wire protocol and runs the commands on the DocumentDB extension of a PostgreSQL server:
/// <c>SessionStores.MongoGateway --port N</c>, with the connection string of that server in <c>SESSIONSTORES_DOCUMENTDB</c>.
/// </summary>
internal static class Program
{
    private const string Variable = "SESSIONSTORES_DOCUMENTDB";

    private static async Task<int> Main(string[] arguments)
    {
        var index = Array.IndexOf(arguments, "--port");
        var text = index < 0 ? null : arguments.ElementAtOrDefault(index + 1);
        if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } postgres)
        {
            await Console.Error.WriteLineAsync($"usage: SessionStores.MongoGateway --port N, with the connection string of PostgreSQL and DocumentDB in {Variable}");
            return 2;
        }

        await using var database = await DocumentDb.ConnectAsync(new NpgsqlConnectionStringBuilder(postgres));
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start(backlog: 512);
        var commands = new Commands(database);
        while (true)
        {
            var client = await listener.AcceptTcpClientAsync();
            _ = Connection.ServeAsync(client, commands);
        }
    }
}
