using System.Text;

namespace SessionStores.Benchmarks;

/// <summary>Payloads as the middleware writes them, of a given size.</summary>
internal static class Payloads
{
    private const string Start =
        """{"cookie":{"originalMaxAge":3600000,"expires":"2099-01-01T00:00:00.000Z","httpOnly":true,"path":"/"},"user":"user-1000","views":1000""";

    /// <summary>The least size that can be made.</summary>
    public const int Least = 160;

    public static byte[] Of(int bytes)
    {
        var text = new StringBuilder(Start);
        var left = bytes - Start.Length - 1;
        for (var member = 0; left > 0; member++)
        {
            // ,"mNNN":"…" takes 10 characters around its text.
            var length = left - 10 is < 100 and var rest ? rest : Math.Min(54, left - 20);
            text.Append($",\"m{member:000}\":\"").Append('x', length).Append('"');
            left -= length + 10;
        }

        return Encoding.UTF8.GetBytes(text.Append('}').ToString());
    }
}
