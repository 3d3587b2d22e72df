using System.Text.Json.Nodes;
using SessionStores.Interop.Tests.Running;
using SessionStores.Interop.Tests.Sites;

namespace SessionStores.Interop.Tests.Servers;

/// <summary>A server that both sides use, and a way to look at it past both of them.</summary>
internal abstract class SharedServer(string name) : IAsyncDisposable
{
    public string Name { get; } = name;

    /// <summary>The aliases of the older releases of the Node store.</summary>
    public abstract IReadOnlyList<string> OlderStores { get; }

    /// <summary>Makes an empty namespace for what follows.</summary>
    public abstract Task PrepareAsync();

    /// <summary>The settings from which the Node side makes its store.</summary>
    public abstract JsonObject ToNode(SiteOptions options);

    /// <summary>Sets the store of the .NET side.</summary>
    public abstract void Use(ISessionStoresBuilder builder, SiteOptions options);

    /// <summary>The record of a session, or null when it is absent or has expired.</summary>
    public abstract Task<StoredRecord?> FindAsync(string id);

    /// <summary>Stores text as some other program would.</summary>
    public abstract Task WriteAsync(string id, string text, TimeSpan life);

    /// <summary>Sets how long a record still lives; a negative life ends it now.</summary>
    public abstract Task SetLifeAsync(string id, TimeSpan life);

    public abstract Task RemoveAsync(string id);

    public abstract ValueTask DisposeAsync();

    /// <summary>The record of a session that must be there.</summary>
    public async Task<StoredRecord> ReadAsync(string id) =>
        await FindAsync(id) ?? throw new CheckFailedException("Expected: the session is stored.");
}
