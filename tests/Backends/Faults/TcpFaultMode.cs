namespace SessionStores.Backends;

/// <summary>What the proxy does with connections and bytes.</summary>
internal enum TcpFaultMode
{
    Through,
    DropAfter,
    DropBeforeReply,
    Hang,
    Refuse,
}
