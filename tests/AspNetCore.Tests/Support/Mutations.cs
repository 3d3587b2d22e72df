using System.Text;

namespace SessionStores.AspNetCore.Tests;

/// <summary>Grows odd records from real ones: bytes that are flipped, cut and doubled, and tokens that mean something to a reader.</summary>
internal sealed class Mutations(int seed)
{
    private static readonly byte[][] Real = [.. new[]
    {
        """{"cookie":{"originalMaxAge":3600000,"expires":"2030-01-02T04:04:05.678Z","httpOnly":true,"path":"/"},"email":"a@b.c","views":1}""",
        """{"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"},"views":3,"cart":[{"id":1,"name":"tea"},{"id":2}],"user":{"name":"Zoë"}}""",
        """{"cookie":{"originalMaxAge":60000,"partitioned":true,"priority":"high","expires":"2031-01-01T00:00:00.000Z","secure":false,"httpOnly":false,"domain":"example.com","path":"/app","sameSite":"lax"},"passport":{"user":42}}""",
        """{"cookie":{"originalMaxAge":false,"expires":false,"httpOnly":true,"path":"/","sameSite":true},"views":null,"__absolute":1893560645678}""",
        """{"cookie":{"path":"/","unknown":{"a":[1,2,3]}},"flash":{},"csrfSecret":"x\u00e9\n","big":12345678901234567890,"2":[]}""",
    }.Select(Encoding.UTF8.GetBytes)];

    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "null", "true", "false", "{}", "[]", "-1", "0", "1e308", "-1e308", "1e999", "3.0", "\"\"", "\"x\"", "\"\\ud800\"", "\"\\udc00abcdefgh\"", "\"\\u0000\"",
            "\"__subject\":1,", "\"\\u005f_subject\":1,", "\"cookie\":0,", "\"cookie\":{\"path\":\"/\"},", "\"__absolute\":1,", "\"__absolute\":1e308,", "\"originalMaxAge\":1e308,",
            "\"originalMaxAge\":-5,", "\"path\":\"/;\\r\\nSet-Cookie: a=b\",", "\"domain\":\"evil.example\\r\\nx: y\",", "\"httpOnly\":false,", "\"secure\":true,", "\"secure\":\"auto\",",
            "\"sameSite\":\"1\",", "\"sameSite\":\"none\",", "\"priority\":\"2\",", "\"expires\":\"\\ud800\",", "\"expires\":\"0001-01-01\",", "\"expires\":\"9999-12-31T23:59:59.999-14:00\",",
            "\"\\ud800\":1,", "\"id\":1,", "\"maxAge\":5,", "\"views\":\"3\",", "\"views\":{\"a\":1},", "__proto__", "\\ud83d", "\\", "\"", "{", "}", "[", "]", ",", ":", " ", "\t", "\u2028",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0], [0xEF, 0xBB, 0xBF],
        Encoding.UTF8.GetBytes($"\"deep\":{new string('[', 1100)}{new string(']', 1100)},"),
        Encoding.UTF8.GetBytes($"\"deep\":{new string('[', 998)}{new string(']', 998)},"),
        Encoding.UTF8.GetBytes($"\"path\":\"/{new string('a', 20_000)}\","),
    ];

    private static readonly byte[][] Members = [.. Tokens.Where(token => token is [(byte)'"', .., (byte)','])];

    private readonly Random _random = new(seed);

    public byte[] Next()
    {
        // Half of them remain JSON in most cases, so that more than the parser is tried.
        var bytes = new List<byte>(Real[_random.Next(Real.Length)]);
        Action<List<byte>> mutate = _random.Next(2) == 0 ? Mutate : MutateMembers;
        for (var count = _random.Next(1, 6); count > 0; count--)
            mutate(bytes);

        return [.. bytes];
    }

    public string? NextSubject() => _random.Next(8) switch
    {
        0 => "me",
        1 => "\ud800",
        2 => "a\nb",
        3 => "",
        4 => new string('x', 300),
        _ => null,
    };

    private void Mutate(List<byte> bytes)
    {
        var at = _random.Next(bytes.Count + 1);
        var length = Math.Min(_random.Next(1, 12), bytes.Count - at);
        switch (_random.Next(7))
        {
            case 0 when length > 0:
                bytes[at] = (byte)_random.Next(256);
                break;
            case 1:
                bytes.RemoveRange(at, length);
                break;
            case 2:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 3:
                bytes.InsertRange(at, Tokens[_random.Next(Tokens.Length)]);
                break;
            case 4:
                ReplaceValue(bytes);
                break;
            default:
                InsertMember(bytes, Tokens);
                break;
        }
    }

    private void MutateMembers(List<byte> bytes)
    {
        if (_random.Next(2) == 0)
            ReplaceValue(bytes);
        else
            InsertMember(bytes, Members);
    }

    /// <summary>Inserts behind a brace, where a member fits.</summary>
    private void InsertMember(List<byte> bytes, byte[][] members)
    {
        var braces = bytes.Select((value, place) => (value, place)).Where(item => item.value == '{').Select(item => item.place).ToList();
        if (braces.Count > 0)
            bytes.InsertRange(braces[_random.Next(braces.Count)] + 1, members[_random.Next(members.Length)]);
    }

    private void ReplaceValue(List<byte> bytes)
    {
        var colons = bytes.Select((value, place) => (value, place)).Where(item => item.value == ':').Select(item => item.place).ToList();
        if (colons.Count == 0)
            return;

        var start = colons[_random.Next(colons.Count)] + 1;
        var end = bytes.FindIndex(start, value => value is (byte)',' or (byte)'}');
        if (end > start)
            bytes.RemoveRange(start, end - start);

        bytes.InsertRange(start, Tokens[_random.Next(16)]);
    }
}
