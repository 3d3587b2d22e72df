namespace SessionStores.Tests;

/// <summary>Whether calls of the kit share round trips: as the environment variable SESSIONSTORES_SHARING says, else as by default.</summary>
internal static class SharingMode
{
    private static readonly string? Mode = Environment.GetEnvironmentVariable("SESSIONSTORES_SHARING");

    /// <summary>Whether calls that wait at the same time share a round trip: not with <c>off</c>.</summary>
    public static bool Shares => Mode switch
    {
        null or "" or "always" => true,
        "off" => false,
        _ => throw new InvalidOperationException($"SESSIONSTORES_SHARING must be always or off, but is {Mode}."),
    };

    /// <summary>Whether every call that can does, even if no other waits: with <c>always</c>.</summary>
    public static bool SharesAlways => Mode == "always";
}
