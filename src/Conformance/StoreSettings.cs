namespace SessionStores.Conformance;

/// <summary>How the kit wants a store to be created. What is null keeps the store's own default.</summary>
public sealed record StoreSettings
{
    /// <summary>The clock that decides expiry, one for each case; it stands still until the case moves it. Set when the fixture offers <see cref="StoreCapabilities.Clock"/>.</summary>
    public TimeProvider? Clock { get; init; }

    /// <summary>The clock of the node, 40 minutes ahead of the server's or behind it; set in the cases of
    /// <see cref="StoreCapabilities.NodeClock"/>. Nothing that decides about a session may depend on it.</summary>
    public TimeProvider? NodeClock { get; init; }

    /// <summary>The largest payload the store takes, in bytes.</summary>
    public int? MaxPayloadBytes { get; init; }

    /// <summary>The time within which a call has to end when the server does not reply.</summary>
    public TimeSpan? CommandTimeout { get; init; }

    /// <summary>Takes what the store logs: the formatted message, its arguments and the text of its exception. Any thread.</summary>
    public Action<string>? Log { get; init; }
}
