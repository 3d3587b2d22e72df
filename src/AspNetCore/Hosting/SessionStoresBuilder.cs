using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace SessionStores.AspNetCore;

/// <summary>Registers the store of one set of sessions. The store of the default set is the application's <see cref="ISessionStore"/>; the
/// others are keyed by their names.</summary>
internal sealed class SessionStoresBuilder(IServiceCollection services, string name) : ISessionStoresBuilder
{
    public string Name { get; } = name;

    public IServiceCollection Services { get; } = services;

    public ISessionStoresBuilder UseStore(Func<IServiceProvider, ISessionStore> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        if (Name.Length == 0)
        {
            Services.Replace(ServiceDescriptor.Singleton(provider => StoreDecorator.Apply(provider, "", create(provider))));
        }
        else
        {
            Services.RemoveAllKeyed<ISessionStore>(Name);
            Services.AddKeyedSingleton(Name, (provider, _) => StoreDecorator.Apply(provider, Name, create(provider)));
        }

        return this;
    }

    public ISessionStoresBuilder Decorate(Func<IServiceProvider, ISessionStore, ISessionStore> decorate)
    {
        ArgumentNullException.ThrowIfNull(decorate);
        Services.AddKeyedSingleton(Name, new StoreDecorator(decorate));
        return this;
    }
}
