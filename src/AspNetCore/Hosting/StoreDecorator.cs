using Microsoft.Extensions.DependencyInjection;

namespace SessionStores.AspNetCore;

/// <summary>What is put in front of the store of one set of sessions; a keyed service of the set.</summary>
internal sealed class StoreDecorator(Func<IServiceProvider, ISessionStore, ISessionStore> decorate)
{
    private bool _isApplied;

    /// <summary>Puts the decorators of a set in front of its store, in the order of their registration.</summary>
    public static ISessionStore Apply(IServiceProvider services, string set, ISessionStore store)
    {
        foreach (var decorator in services.GetKeyedServices<StoreDecorator>(set))
        {
            store = decorator.Decorate(services, store);
            decorator._isApplied = true;
        }

        return store;
    }

    /// <summary>Refuses a store that came another way than through the builder of its set: without its decorators it would not be protected.</summary>
    /// <exception cref="InvalidOperationException">A decorator of the set was not applied.</exception>
    public static void ThrowIfNotApplied(IServiceProvider services, string set, ISessionStore store)
    {
        if (services.GetKeyedServices<StoreDecorator>(set).Any(decorator => !decorator._isApplied))
        {
            throw new InvalidOperationException(
                $"The sessions{(set.Length == 0 ? "" : $" of the set '{set}'")} are decorated, such as by UseProtection, but their {store.GetType().Name} was registered by the application as ISessionStore, where no decorator reaches it. Choose it on the builder instead: AddSessionStores(...).UseStore(services => ...).");
        }
    }

    private ISessionStore Decorate(IServiceProvider services, ISessionStore store) => decorate(services, store);
}
