using Microsoft.Extensions.DependencyInjection;
using SessionStores.Configuration;

namespace SessionStores.Tool;

/// <summary>The store of a command. Disposing it closes its connections.</summary>
internal sealed class OpenStore(ServiceProvider services, string provider, SessionStoreSettings settings) : IAsyncDisposable
{
    public ISessionStore Store { get; } = services.GetRequiredService<ISessionStore>();

    /// <summary>Redis, Postgres, Mongo or Memory.</summary>
    public string Provider => provider;

    /// <summary>The connection text; a secret. Empty for a store without a server.</summary>
    public string Connection => settings.Connection ?? "";

    /// <summary>The server and the place of the sessions there, without user and password.</summary>
    public string Description => Store.KeySpace ?? Store.GetType().Name;

    /// <summary>A setting of the store, or its default.</summary>
    public string Setting(string name, string otherwise)
    {
        var value = otherwise;
        settings.Text(name, text => value = text);
        return value;
    }

    /// <exception cref="UsageException">The store does not offer the capability.</exception>
    public T Capability<T>()
        where T : class =>
        Store.GetCapability<T>() ?? throw new UsageException($"{Store.GetType().Name} does not offer {typeof(T).Name}, which this command needs.");

    public ValueTask DisposeAsync() => services.DisposeAsync();
}
