using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SessionStores;
using SessionStores.AspNetCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Keeps the sign-ins of cookie authentication in a session store.</summary>
public static class SessionTicketAuthenticationBuilderExtensions
{
    /// <summary>Keeps the tickets of a cookie scheme in the store of <c>AddSessionStores</c>, so that the browser has only a key and
    /// sign-ins can be listed and ended by user. The cookie has <c>Secure</c> where <see cref="SessionCookieOptions.Secure"/> of the sessions says so, unless
    /// <c>AddCookie</c> sets another policy than <see cref="Microsoft.AspNetCore.Http.CookieSecurePolicy.SameAsRequest"/>.</summary>
    /// <param name="builder">The authentication of the application.</param>
    /// <param name="scheme">The scheme given to <c>AddCookie</c>. Checked when the application starts.</param>
    /// <param name="configure">Changes the options. Checked when the application starts.</param>
    public static AuthenticationBuilder AddSessionTickets(
        this AuthenticationBuilder builder,
        string scheme = CookieAuthenticationDefaults.AuthenticationScheme,
        Action<SessionTicketOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(scheme);

        builder.Services.AddDataProtection();
        builder.Services.AddSingleton(new SessionTicketScheme(scheme));
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SessionTicketOptions>, SessionTicketOptionsValidator>());
        builder.Services.AddOptions<SessionTicketOptions>(scheme).Configure(configure ?? (_ => { })).ValidateOnStart();
        builder.Services.AddOptions<CookieAuthenticationOptions>(scheme).PostConfigure<IServiceProvider>((cookie, services) =>
        {
            var options = services.GetRequiredService<IOptionsMonitor<SessionTicketOptions>>().Get(scheme);
            var runtime = services.GetRequiredKeyedService<SessionRuntime>(options.SessionsName);
            if (options.Key is not null && runtime.Calls.Store.GetCapability<ISessionKeys>() is null)
            {
                throw new OptionsValidationException(scheme, typeof(SessionTicketOptions),
                    [$"SessionTicketOptions.Key of the scheme '{scheme}' is set, but {runtime.Calls.Store.GetType().Name} keeps no keys. Choose a store that offers ISessionKeys, such as MemoryStore, or PostgresStore with the option Keys."]);
            }

            var keys = new SessionTicketKeys(cookie);
            var store = new SessionTicketStore(
                runtime.Calls,
                keys,
                services.GetRequiredService<IDataProtectionProvider>(),
                cookie.TimeProvider ?? services.GetRequiredService<TimeProvider>(),
                options,
                runtime.Set)
            {
                Former = options.MoveFrom?.Invoke(services) is { } former ? new FormerTickets(former, new MovedKeys(runtime.Calls, $"ticket {scheme}"), runtime.Set.Metrics) : null,
            };
            cookie.SessionStore = store;
            cookie.CookieManager = new SessionTicketCookies(cookie.CookieManager ?? new ChunkingCookieManager(), keys, store, runtime.Set);
        });
        return builder;
    }
}
