using System.Globalization;

namespace SessionStores.AspNetCore;

/// <summary>Instants as JavaScript writes them: <c>2030-01-02T03:04:05.678Z</c>, always UTC, always three digits.</summary>
internal static class SessionDate
{
    /// <summary>The format, for <see cref="CultureInfo.InvariantCulture"/> and UTC instants.</summary>
    public const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>How many characters an instant has.</summary>
    public const int Length = 24;

    /// <summary>Writes an instant; what is finer than a millisecond is cut off, as in JavaScript.</summary>
    public static string ToString(DateTimeOffset instant) => instant.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>Writes an instant as 24 bytes.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than <see cref="Length"/>.</exception>
    public static void Write(DateTimeOffset instant, Span<byte> destination)
    {
        if (!instant.UtcDateTime.TryFormat(destination, out _, Format, CultureInfo.InvariantCulture))
            throw new ArgumentException("The destination must hold 24 bytes.", nameof(destination));
    }

    /// <summary>Reads an instant with any number of digits and any offset; without an offset it is UTC.</summary>
    public static bool TryParse(string? text, out DateTimeOffset instant) => DateTimeOffset.TryParse(
        text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out instant);
}
