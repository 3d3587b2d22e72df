using System.Text;

namespace SessionStores.Redis;

/// <summary>The slot of a key in Redis Cluster: CRC-16 (XMODEM) of the key, modulo 16,384.</summary>
internal static class ClusterSlot
{
    /// <summary>Whether part of a key decides its slot alone: <c>{…}</c>. Then all keys that begin with it lie in one slot.</summary>
    public static bool HasTag(string prefix) => prefix.IndexOf('{') is >= 0 and var open && prefix.IndexOf('}', open) > open + 1;

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
}
