using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace SessionStores.AspNetCore;

/// <summary>Reads the records of ASP.NET Core's own session, which are the same bytes in every distributed cache.</summary>
/// <remarks>
/// A record is one byte with the revision, three with the number of values, and 16 with an id that only appears in logs. For each value two bytes
/// with the length of its key, the key in UTF-8, four bytes with the length of the value, and the value. Numbers are big-endian.
/// </remarks>
internal static class FrameworkRecord
{
    private const byte Revision = 2;
    private const int HeaderLength = 20;

    /// <summary>Reads the values as members of a session. Returns false if the record has another revision or is truncated.</summary>
    public static bool TryRead(ReadOnlySpan<byte> record, [NotNullWhen(true)] out List<(string Name, ReadOnlyMemory<byte> Json)>? members)
    {
        members = null;
        if (record.Length < HeaderLength || record[0] != Revision)
            return false;

        var read = new List<(string Name, ReadOnlyMemory<byte> Json)>();
        var rest = record[HeaderLength..];
        for (var left = (record[1] << 16) | (record[2] << 8) | record[3]; left > 0; left--)
        {
            if (!TryTake(ref rest, sizeof(ushort), out var key) || !TryTake(ref rest, sizeof(int), out var value))
                return false;

            read.Add((FrameworkValue.MemberOf(Encoding.UTF8.GetString(key)), FrameworkValue.ToJson(value)));
        }

        members = read;
        return true;
    }

    /// <summary>Takes bytes that follow their length.</summary>
    private static bool TryTake(ref ReadOnlySpan<byte> rest, int sizeOfLength, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (rest.Length < sizeOfLength)
            return false;

        var length = sizeOfLength == sizeof(ushort) ? BinaryPrimitives.ReadUInt16BigEndian(rest) : BinaryPrimitives.ReadInt32BigEndian(rest);
        rest = rest[sizeOfLength..];
        if (length < 0 || length > rest.Length)
            return false;

        taken = rest[..length];
        rest = rest[length..];
        return true;
    }
}
