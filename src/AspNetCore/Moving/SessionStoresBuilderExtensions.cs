using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection.Extensions;
using SessionStores;
using SessionStores.AspNetCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <content>Takes over the sessions of ASP.NET Core's own middleware.</content>
public static partial class SessionStoresBuilderExtensions
{
    /// <summary>Moves the sessions of <c>AddSession</c> and <c>UseSession</c> into the store, each with its values at the first request that brings its cookie, so that no
    /// visitor loses a session when an application changes to <c>UseSessionStores</c>.</summary>
    /// <remarks>Keep the registration of the distributed cache that has the sessions, such as <c>AddStackExchangeRedisCache</c>, and the Data Protection keys. A visitor who has
    /// a session of this set keeps that one. Remove the call when <see cref="SessionOptions.IdleTimeout"/> has passed since the last node changed.</remarks>
    /// <param name="builder">What <c>AddSessionStores</c> returned.</param>
    /// <param name="configure">Sets the options of the former sessions: what <c>AddSession</c> was given.</param>
    /// <exception cref="ArgumentException">An option is invalid.</exception>
    public static ISessionStoresBuilder MoveFrameworkSessions(this ISessionStoresBuilder builder, Action<SessionOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder is not SessionStoresBuilder { Services: var services })
            throw new ArgumentException("The builder must be one that AddSessionStores returned.", nameof(builder));

        var options = new SessionOptions();
        configure?.Invoke(options);
        ThrowIfInvalid(options);
        services.AddDataProtection();
        services.RemoveAllKeyed<FrameworkSessions>(builder.Name);
        services.AddKeyedSingleton(builder.Name, (provider, _) => new FrameworkSessions(
            options,
            provider.GetService<IDistributedCache>() ?? throw new InvalidOperationException(
                "MoveFrameworkSessions needs the distributed cache that has the sessions. Keep its registration, such as services.AddStackExchangeRedisCache(...)."),
            provider.GetRequiredService<IDataProtectionProvider>()));
        return builder;
    }

    private static void ThrowIfInvalid(SessionOptions options)
    {
        if (!CookieRules.IsToken(options.Cookie.Name))
            throw new ArgumentException($"SessionOptions.Cookie.Name must be the name of the former cookie, such as .AspNetCore.Session, but is '{options.Cookie.Name}'.", nameof(options));

        if (options.IdleTimeout <= TimeSpan.Zero)
            throw new ArgumentException($"SessionOptions.IdleTimeout must be longer than zero, but is {options.IdleTimeout}.", nameof(options));

        if (options.IOTimeout <= TimeSpan.Zero && options.IOTimeout != Timeout.InfiniteTimeSpan)
            throw new ArgumentException($"SessionOptions.IOTimeout must be longer than zero, or infinite, but is {options.IOTimeout}.", nameof(options));
    }
}
