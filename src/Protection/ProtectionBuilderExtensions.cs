using Microsoft.Extensions.Logging;
using SessionStores;
using SessionStores.Protection;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Protects the store of a set of sessions.</summary>
public static class ProtectionBuilderExtensions
{
    /// <summary>Protects the sessions at rest: the store sees hashed ids and sealed payloads. May be called before or after the store is chosen.</summary>
    /// <param name="builder">What <c>AddSessionStores</c> returned.</param>
    /// <param name="configure">Sets the keys.</param>
    /// <exception cref="ArgumentException">An option is invalid; every such option is named.</exception>
    public static ISessionStoresBuilder UseProtection(this ISessionStoresBuilder builder, Action<SessionProtectionOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);

        var options = new SessionProtectionOptions();
        configure(options);
        options.Validate();
        return builder.Decorate((services, store) => Protect(services, store, options));
    }

    /// <summary>Protects the sessions at rest, with keys that a service of the application has.</summary>
    /// <param name="builder">What <c>AddSessionStores</c> returned.</param>
    /// <param name="configure">Sets the keys. Called when the store is created; the options are checked then.</param>
    public static ISessionStoresBuilder UseProtection(this ISessionStoresBuilder builder, Action<SessionProtectionOptions, IServiceProvider> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);

        return builder.Decorate((services, store) =>
        {
            var options = new SessionProtectionOptions();
            configure(options, services);
            return Protect(services, store, options);
        });
    }

    private static ProtectedStore Protect(IServiceProvider services, ISessionStore store, SessionProtectionOptions options) => new(
        store,
        options,
        (TimeProvider?)services.GetService(typeof(TimeProvider)),
        (ILogger<ProtectedStore>?)services.GetService(typeof(ILogger<ProtectedStore>)));
}
