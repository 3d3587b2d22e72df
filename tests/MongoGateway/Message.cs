using System.Buffers.Binary;
using System.Text;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;

namespace SessionStores.MongoGateway;

/// <summary>
/// A request of a driver: OP_MSG, or the OP_QUERY with which drivers greet a server that they do not know yet.
/// https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
/// </summary>
/// <param name="Id">What the reply refers to.</param>
/// <param name="IsQuery">Whether it came as OP_QUERY and is replied to with OP_REPLY.</param>
/// <param name="WantsReply">False for writes without acknowledgement.</param>
/// <param name="Command">The command; its first element is its name.</param>
/// <param name="Documents">The documents of a write, one after the other, where the driver sent them beside the command.</param>
internal sealed record Message(int Id, bool IsQuery, bool WantsReply, BsonDocument Command, byte[]? Documents)
{
    private const int HeaderLength = 16;
    private const int MaxLength = 48_000_000;
    private const int OpReply = 1;
    private const int OpQuery = 2004;
    private const int OpMsg = 2013;
    private const int ChecksumPresent = 1;
    private const int MoreToCome = 2;

    /// <summary>Reads the next request; null when the driver has closed the connection.</summary>
    public static async Task<Message?> ReadAsync(Stream stream)
    {
        var header = new byte[HeaderLength];
        if (await stream.ReadAtLeastAsync(header, HeaderLength, throwOnEndOfStream: false) < HeaderLength)
            return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length is < HeaderLength or > MaxLength)
            throw new InvalidDataException($"A message of {length} bytes is invalid; the limit is {MaxLength}.");
        var body = new byte[length - HeaderLength];
        await stream.ReadExactlyAsync(body);
        var id = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(4));
        return BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(12)) switch
        {
            OpMsg => ReadMsg(id, body),
            OpQuery => ReadQuery(id, body),
            var code => throw new InvalidDataException($"Opcode {code} is not supported; OP_MSG ({OpMsg}) and OP_QUERY ({OpQuery}) are."),
        };
    }

    /// <summary>The bytes of the reply that holds a document.</summary>
    public byte[] Reply(byte[] document)
    {
        // OP_REPLY: flags, cursor (8 bytes), offset, count. OP_MSG: flags, kind of the only section.
        var prefix = IsQuery ? 20 : 5;
        var reply = new byte[HeaderLength + prefix + document.Length];
        BinaryPrimitives.WriteInt32LittleEndian(reply, reply.Length);
        BinaryPrimitives.WriteInt32LittleEndian(reply.AsSpan(8), Id);
        BinaryPrimitives.WriteInt32LittleEndian(reply.AsSpan(12), IsQuery ? OpReply : OpMsg);
        if (IsQuery)
            BinaryPrimitives.WriteInt32LittleEndian(reply.AsSpan(32), 1);
        document.CopyTo(reply, HeaderLength + prefix);
        return reply;
    }

    private static Message ReadMsg(int id, byte[] body)
    {
        var flags = BinaryPrimitives.ReadInt32LittleEndian(body);
        var end = body.Length - ((flags & ChecksumPresent) == 0 ? 0 : 4);
        BsonDocument? command = null;
        byte[]? documents = null;
        for (var at = 4; at < end;)
        {
            var kind = body[at++];
            var section = body.AsSpan(at, BinaryPrimitives.ReadInt32LittleEndian(body.AsSpan(at)));
            at += section.Length;
            if (kind == 0)
            {
                command = Document(section);
                continue;
            }

            // A sequence: its length, the name of the field that it belongs to, the documents.
            var name = section[4..].IndexOf((byte)0);
            documents = section[(4 + name + 1)..].ToArray();
        }

        return new Message(id, IsQuery: false, (flags & MoreToCome) == 0, command ?? throw new InvalidDataException("An OP_MSG has no command."), documents);
    }

    private static Message ReadQuery(int id, byte[] body)
    {
        // Flags, "admin.$cmd", documents to skip, documents to return, the command, which some drivers wrap in $query.
        var rest = body.AsSpan(4);
        var name = rest.IndexOf((byte)0);
        var collection = Encoding.UTF8.GetString(rest[..name]);
        var command = Document(rest[(name + 9)..]);
        command = command.GetValue("$query", command).AsBsonDocument;
        command["$db"] = collection.Split('.')[0];
        return new Message(id, IsQuery: true, WantsReply: true, command, Documents: null);
    }

    private static BsonDocument Document(ReadOnlySpan<byte> bytes) =>
        BsonSerializer.Deserialize<BsonDocument>(bytes[..BinaryPrimitives.ReadInt32LittleEndian(bytes)].ToArray());
}
