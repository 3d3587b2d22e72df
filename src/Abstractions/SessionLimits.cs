namespace SessionStores;

/// <summary>The limits of the contract.</summary>
public static class SessionLimits
{
    /// <summary>The longest id, in UTF-16 characters: 256.</summary>
    public const int MaxIdLength = 256;

    /// <summary>The longest subject, in UTF-16 characters: 256.</summary>
    public const int MaxSubjectLength = 256;

    /// <summary>The deepest nesting of a payload that a store writes: 1,000 levels.</summary>
    public const int MaxPayloadDepth = 1000;

    /// <summary>The limit on a payload unless the store's options say otherwise: 1,048,576 bytes (1 MiB).</summary>
    public const int DefaultMaxPayloadBytes = 1 << 20;
}
