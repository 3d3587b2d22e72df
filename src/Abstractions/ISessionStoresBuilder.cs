namespace SessionStores;

/// <summary>Takes the store of one set of sessions while an application is being put together.</summary>
/// <remarks>Store packages add <c>UseX</c> extension methods to it. They check their options at once and do no I/O.</remarks>
public interface ISessionStoresBuilder
{
    /// <summary>The name of the set of sessions; empty for the default one.</summary>
    string Name { get; }

    /// <summary>Sets how the store is created. The last call wins. The application's container owns and disposes the store.</summary>
    /// <param name="create">Makes the store; called once, when it is first needed.</param>
    ISessionStoresBuilder UseStore(Func<IServiceProvider, ISessionStore> create);

    /// <summary>Puts a decorator in front of the store, whichever it is: also the default one, and one that is chosen after this call. Of several
    /// decorators the first is next to the store.</summary>
    /// <param name="decorate">Wraps the store; called once, when the store is first needed. The decorator owns and disposes the store.</param>
    ISessionStoresBuilder Decorate(Func<IServiceProvider, ISessionStore, ISessionStore> decorate);
}
