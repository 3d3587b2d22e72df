namespace SessionStores.Conformance;

/// <summary>A server of its own for the fault cases, so that they disturb no other case. The kit runs one fault case at a time.</summary>
public interface IServerFaults : IAsyncDisposable
{
    /// <summary>The faults that this server can be put through.</summary>
    IReadOnlySet<ServerFault> Offered { get; }

    /// <summary>Whether a write that returned survives <see cref="ServerFault.Killed"/>.</summary>
    bool KeepsWrites { get; }

    /// <summary>Creates a store on this server; see <see cref="SessionStoreFixture.CreateStoreAsync"/>.</summary>
    ValueTask<ISessionStore> CreateStoreAsync(string @namespace, StoreSettings settings);

    /// <summary>Brings the fault about. When this returns, the fault is in force.</summary>
    ValueTask BeginAsync(ServerFault fault);

    /// <summary>Ends the fault. When this returns, the server takes connections and commands again.</summary>
    ValueTask EndAsync(ServerFault fault);
}
