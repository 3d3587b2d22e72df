using SessionStores.Backends;

namespace SessionStores.Reliability.Tests;

/// <summary>Servers that were started for one round, and how to open a store on them.</summary>
/// <param name="backend">The servers.</param>
/// <param name="open">Opens a store of a node of its own.</param>
internal sealed class Target(Backend backend, Func<ISessionStore> open) : IAsyncDisposable
{
    public Backend Backend => backend;

    /// <summary>The network between the stores and the server, or between a primary and its replica.</summary>
    public TcpFault? Network { get; init; }

    /// <summary>What is behind the servers that are struck; ends last.</summary>
    public IAsyncDisposable? Behind { get; init; }

    public ISessionStore Open() => open();

    public async ValueTask DisposeAsync()
    {
        if (Network is not null)
            await Network.DisposeAsync();

        await backend.DisposeAsync();
        if (Behind is not null)
            await Behind.DisposeAsync();
    }

    /// <summary>The servers of a lease; skips the test when they are missing.</summary>
    public static TBackend Available<TBackend>(BackendLease<TBackend> lease)
        where TBackend : Backend
    {
        Assert.SkipUnless(lease.IsAvailable, lease.Reason);
        return lease.Backend;
    }
}
