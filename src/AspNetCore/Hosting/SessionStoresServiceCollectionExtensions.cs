using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionStores;
using SessionStores.AspNetCore;
using SessionStores.Memory;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers sessions.</summary>
public static class SessionStoresServiceCollectionExtensions
{
    /// <summary>Registers sessions. The store is chosen on the answer, such as <c>.UseRedis(...)</c>; without a choice sessions are kept in
    /// memory, or in the <see cref="ISessionStore"/> that the application has registered itself.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="configure">Sets the options; a secret is required. Checked when the application starts.</param>
    public static ISessionStoresBuilder AddSessionStores(this IServiceCollection services, Action<SessionStoresOptions> configure) =>
        AddSessionStores(services, "", configure);

    /// <summary>Registers a set of sessions with a name of its own, beside the default one.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="name">The name of the set, for <c>UseSessionStores</c> and <c>GetHttpSession</c>. Each set needs a cookie name of its own.</param>
    /// <param name="configure">Sets the options; a secret is required. Checked when the application starts.</param>
    public static ISessionStoresBuilder AddSessionStores(this IServiceCollection services, string name, Action<SessionStoresOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(configure);

        services.AddMetrics();
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SessionMetrics>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SessionStoresOptions>, SessionStoresOptionsValidator>());
        services.AddOptions<SessionStoresOptions>(name).Configure(configure).ValidateOnStart();
        if (name.Length == 0)
        {
            services.TryAddSingleton<ISessionStore>(DefaultStore);
            services.TryAddSingleton(provider => provider.GetRequiredKeyedService<SessionAccess>(""));
        }
        else
        {
            services.TryAddKeyedSingleton(name, (provider, _) => DefaultStore(provider));
        }

        if (!services.Any(service => service.ServiceType == typeof(SessionRuntime) && name.Equals(service.ServiceKey)))
            services.AddSingleton<IHostedService>(provider => new SessionHousekeeping(provider.GetRequiredKeyedService<SessionRuntime>(name)));

        services.TryAddKeyedSingleton(name, (provider, _) => Runtime(provider, name));
        services.TryAddKeyedSingleton(name, (provider, _) => new SessionAccess(provider.GetRequiredKeyedService<SessionRuntime>(name)));
        return new SessionStoresBuilder(services, name);
    }

    private static SessionRuntime Runtime(IServiceProvider provider, string name) => new(
        name,
        provider.GetRequiredService<IOptionsMonitor<SessionStoresOptions>>().Get(name),
        name.Length == 0 ? provider.GetRequiredService<ISessionStore>() : provider.GetRequiredKeyedService<ISessionStore>(name),
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<SessionMetrics>(),
        provider.GetRequiredService<ILoggerFactory>().CreateLogger("SessionStores.AspNetCore"));

    private static ISessionStore DefaultStore(IServiceProvider provider)
    {
        if (provider.GetService<IHostEnvironment>() is { } environment && environment.IsProduction())
            SessionStores.AspNetCore.Log.MemoryInProduction(provider.GetRequiredService<ILoggerFactory>().CreateLogger("SessionStores.AspNetCore"));

        return new MemoryStore(null, provider.GetRequiredService<TimeProvider>(), provider.GetService<ILogger<MemoryStore>>());
    }
}
