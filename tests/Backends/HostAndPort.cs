using System.Globalization;

namespace SessionStores.Backends;

/// <summary>Reads <c>host</c> and <c>host:port</c>.</summary>
internal static class HostAndPort
{
    public static (string Host, int Port) Parse(string text, int defaultPort)
    {
        var colon = text.LastIndexOf(':');
        return colon < 0 || text.EndsWith(']')
            ? (text, defaultPort)
            : (text[..colon], int.Parse(text[(colon + 1)..], CultureInfo.InvariantCulture));
    }
}
