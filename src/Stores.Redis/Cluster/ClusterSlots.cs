using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace SessionStores.Redis;

/// <summary>Slots of Redis Cluster: which part of the keys each primary has.</summary>
internal static class ClusterSlots
{
    /// <summary>Whether part of a key decides its slot by itself: <c>{…}</c>. Then all keys that begin with it are in one slot.</summary>
    public static bool HasTag(string prefix) => prefix.IndexOf('{') is >= 0 and var open && prefix.IndexOf('}', open) > open + 1;

    /// <summary>What another key needs in braces to be in the slot of a key.</summary>
    public static string TagOf(string key)
    {
        if (key.IndexOf('{', StringComparison.Ordinal) is >= 0 and var open && key.IndexOf('}', open) is var close && close > open + 1)
            return key[(open + 1)..close];

        return key.Contains('}', StringComparison.Ordinal) ? KeyIn("", [(Of(key), Of(key))]).ToString() : key;
    }

    /// <summary>The slot of a key: CRC-16 (XMODEM) of the key, modulo 16,384.</summary>
    /// <param name="key">A key without a tag.</param>
    public static int Of(string key)
    {
        var crc = 0;
        foreach (var octet in Encoding.UTF8.GetBytes(key))
        {
            crc ^= octet << 8;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 0x8000) == 0 ? crc << 1 : (crc << 1) ^ 0x1021;

            crc &= 0xFFFF;
        }

        return crc % 16_384;
    }

    /// <summary>One key with a prefix for each primary.</summary>
    /// <param name="slots">The reply to <see cref="ClusterCommands.Slots"/>.</param>
    /// <param name="prefix">A prefix without a tag.</param>
    public static IReadOnlyList<RedisKey> Routes(RedisResult slots, string prefix)
    {
        var primaries = new Dictionary<string, List<(int First, int Last)>>(StringComparer.Ordinal);
        foreach (var range in (RedisResult[])slots!)
        {
            var primary = (string)range[2][2]!;
            if (!primaries.TryGetValue(primary, out var ranges))
                primaries.Add(primary, ranges = []);

            ranges.Add(((int)range[0], (int)range[1]));
        }

        return [.. primaries.Values.Select(ranges => KeyIn(prefix, ranges))];
    }

    private static RedisKey KeyIn(string prefix, List<(int First, int Last)> ranges)
    {
        for (var i = 0; ; i++)
        {
            var key = prefix + i.ToString(CultureInfo.InvariantCulture);
            var slot = Of(key);
            if (ranges.Exists(range => range.First <= slot && slot <= range.Last))
                return key;
        }
    }
}
