using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace SessionStores.AspNetCore.IntegrationTests.Costs;

/// <summary>Counts the commands in what a client has sent.</summary>
internal static class WireProtocol
{
    public static int CountCommands(string provider, ReadOnlySpan<byte> sent)
    {
        var count = 0;
        while (!sent.IsEmpty)
        {
            var isCommand = true;
            var length = provider switch
            {
                "Redis" => LengthOfRedis(sent),
                "Postgres" => LengthOfPostgres(sent, out isCommand),
                _ => BinaryPrimitives.ReadInt32LittleEndian(sent),
            };
            count += isCommand ? 1 : 0;
            sent = sent[length..];
        }

        return count;
    }

    /// <summary>An array of strings: <c>*2</c>, <c>$3</c>, <c>GET</c>, and so on.</summary>
    private static int LengthOfRedis(ReadOnlySpan<byte> sent)
    {
        var (parts, at) = ReadNumber(sent, 0, '*');
        for (var part = 0; part < parts; part++)
        {
            (var length, at) = ReadNumber(sent, at, '$');
            at += length + 2;
        }

        return at;
    }

    private static (int Number, int Next) ReadNumber(ReadOnlySpan<byte> sent, int at, char kind)
    {
        Assert.Equal((byte)kind, sent[at]);
        var end = at + sent[at..].IndexOf("\r\n"u8);
        return (int.Parse(Encoding.ASCII.GetString(sent[(at + 1)..end]), CultureInfo.InvariantCulture), end + 2);
    }

    /// <summary>A type and a length. What runs a statement is Execute or Query; Parse, Bind and Sync go with it.</summary>
    private static int LengthOfPostgres(ReadOnlySpan<byte> sent, out bool isCommand)
    {
        isCommand = sent[0] is (byte)'E' or (byte)'Q';
        return 1 + BinaryPrimitives.ReadInt32BigEndian(sent[1..]);
    }
}
