using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace SessionStores.Backends;

/// <summary>
/// The two questions that a test server is asked before a driver connects, over MongoDB's wire protocol: OP_MSG (opcode 2013) with one
/// document, https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/.
/// </summary>
internal static class MongoWire
{
    private const int OpMsg = 2013;
    private const byte TypeDouble = 1;
    private const byte TypeString = 2;
    private const byte TypeInt32 = 16;

    // isMaster is the older name of hello, and the only one that some compatible servers know.
    public static async Task<bool> AnswersAsync(string host, int port, CancellationToken cancellationToken) =>
        (await AskAsync("hello", host, port, cancellationToken)).ContainsKey("maxWireVersion")
        || (await AskAsync("isMaster", host, port, cancellationToken)).ContainsKey("maxWireVersion");

    public static async Task<string> AskVersionAsync(string host, int port, CancellationToken cancellationToken)
    {
        var reply = await AskAsync("buildInfo", host, port, cancellationToken);
        var version = reply.GetValueOrDefault("version") ?? "unknown";
        var others = reply.Where(pair => pair.Key != "version" && pair.Key.EndsWith("ersion", StringComparison.Ordinal) && pair.Value is not null);
        return string.Join(", ", others.Select(pair => $"{pair.Key} {pair.Value}").Prepend(version));
    }

    private static async Task<Dictionary<string, string?>> AskAsync(string command, string host, int port, CancellationToken cancellationToken)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(host, port, cancellationToken);
        var stream = connection.GetStream();
        await stream.WriteAsync(Message(command), cancellationToken);
        var header = new byte[16];
        await stream.ReadExactlyAsync(header, cancellationToken);
        var body = new byte[BinaryPrimitives.ReadInt32LittleEndian(header) - header.Length];
        await stream.ReadExactlyAsync(body, cancellationToken);
        // After the header: flags (4 bytes), kind of section (1 byte), document.
        return ReadTopLevel(body.AsSpan(5));
    }

    // { <command>: 1, $db: "admin" }
    private static byte[] Message(string command)
    {
        using var document = new MemoryStream();
        using (var writer = new BinaryWriter(document, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(0);
            writer.Write(TypeInt32);
            writer.Write(Encoding.UTF8.GetBytes(command + "\0"));
            writer.Write(1);
            writer.Write(TypeString);
            writer.Write("$db\0"u8);
            writer.Write(6);
            writer.Write("admin\0"u8);
            writer.Write((byte)0);
        }

        var bytes = document.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length);
        var message = new byte[21 + bytes.Length];
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), 1);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(12), OpMsg);
        bytes.CopyTo(message, 21);
        return message;
    }

    // The names of the fields, with the text of those that are strings.
    private static Dictionary<string, string?> ReadTopLevel(ReadOnlySpan<byte> document)
    {
        Dictionary<string, string?> fields = new(StringComparer.Ordinal);
        var rest = document[4..];
        while (rest.Length > 0 && rest[0] != 0)
        {
            var type = rest[0];
            var end = rest.IndexOf((byte)0);
            var name = Encoding.UTF8.GetString(rest[1..end]);
            rest = rest[(end + 1)..];
            var length = Length(type, rest);
            fields[name] = type == TypeString ? Encoding.UTF8.GetString(rest[4..(length - 1)]) : null;
            rest = rest[length..];
        }

        return fields;
    }

    private static int Length(byte type, ReadOnlySpan<byte> value) => type switch
    {
        TypeDouble or 9 or 17 or 18 => 8, // double, date, timestamp, int64
        TypeString => 4 + BinaryPrimitives.ReadInt32LittleEndian(value),
        3 or 4 => BinaryPrimitives.ReadInt32LittleEndian(value), // document, array
        5 => 5 + BinaryPrimitives.ReadInt32LittleEndian(value), // binary
        7 => 12, // object id
        8 => 1, // boolean
        10 => 0, // null
        TypeInt32 => 4,
        19 => 16, // decimal
        _ => throw new IOException($"The server sent a value of BSON type {type}, which its greeting does not use."),
    };
}
