using System.Globalization;

namespace SessionStores;

/// <summary>A payload is over the limit of the store (L17). The stored record is as it was.</summary>
/// <param name="size">The size of the payload in bytes.</param>
/// <param name="limit">The largest size that the store takes, in bytes.</param>
public sealed class SessionPayloadTooLargeException(int size, int limit) : ArgumentException(
    string.Create(CultureInfo.InvariantCulture, $"A session payload must be at most {limit:N0} bytes, but has {size:N0}. Keep large data elsewhere and its key in the session, or raise MaxPayloadBytes."))
{
    /// <summary>The size of the payload in bytes.</summary>
    public int Size { get; } = size;

    /// <summary>The largest size that the store takes, in bytes.</summary>
    public int Limit { get; } = limit;
}
