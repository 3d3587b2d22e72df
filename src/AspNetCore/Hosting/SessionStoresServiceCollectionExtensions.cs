using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionStores;
using SessionStores.AspNetCore;
using SessionStores.Memory;
using SessionStores.Protection;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers sessions.</summary>
public static partial class SessionStoresServiceCollectionExtensions
{
    /// <summary>Registers sessions with the default options. Choose the store on the returned builder, such as <c>.UseRedis(...)</c>; otherwise
    /// sessions are kept in memory, or in the <see cref="ISessionStore"/> that the application has registered itself.</summary>
    /// <remarks>The secret is the configuration value <c>SessionSecret</c>. In Development it can be left out.</remarks>
    /// <param name="services">The services of the application.</param>
    public static ISessionStoresBuilder AddSessionStores(this IServiceCollection services) => AddSessionStores(services, "", static _ => { });

    /// <summary>Registers sessions. Choose the store on the returned builder, such as <c>.UseRedis(...)</c>; otherwise sessions are kept in
    /// memory, or in the <see cref="ISessionStore"/> that the application has registered itself.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="configure">Sets the options. Checked when the application starts.</param>
    public static ISessionStoresBuilder AddSessionStores(this IServiceCollection services, Action<SessionStoresOptions> configure) =>
        AddSessionStores(services, "", configure);

    /// <summary>Registers a named set of sessions, in addition to the default one.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="name">The name of the set, for <c>UseSessionStores</c> and <c>GetHttpSession</c>. Each set needs its own cookie name.</param>
    /// <param name="configure">Sets the options. Checked when the application starts.</param>
    public static ISessionStoresBuilder AddSessionStores(this IServiceCollection services, string name, Action<SessionStoresOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(configure);

        services.AddMetrics();
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SessionMetrics>();
        services.TryAddSingleton<MountedSets>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<SessionOptions>, FrameworkSessionCheck>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, MountedSetsCheck>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SessionStoresOptions>, SessionStoresOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<SessionStoresOptions>, DefaultSecrets>());
        services.AddOptions<SessionStoresOptions>(name).Configure(configure).ValidateOnStart();
        if (name.Length == 0)
        {
            services.TryAddSingleton(provider => StoreDecorator.Apply(provider, "", DefaultStore(provider)));
            services.TryAddSingleton(provider => provider.GetRequiredKeyedService<SessionAccess>(""));
        }
        else
        {
            services.TryAddKeyedSingleton(name, (provider, _) => StoreDecorator.Apply(provider, name, DefaultStore(provider)));
        }

        if (!services.Any(service => service.ServiceType == typeof(SessionRuntime) && name.Equals(service.ServiceKey)))
        {
            services.AddSingleton(new SessionSetName(name));
            services.AddSingleton<IHostedService>(provider => new SessionStoreProbe(provider.GetRequiredKeyedService<SessionRuntime>(name)));
            services.AddSingleton<IHostedService>(provider => new SessionHousekeeping(provider.GetRequiredKeyedService<SessionRuntime>(name)));
        }

        services.TryAddKeyedSingleton(name, (provider, _) => Runtime(provider, name));
        services.TryAddKeyedSingleton(name, (provider, _) => new SessionAccess(provider.GetRequiredKeyedService<SessionRuntime>(name)));
        return new SessionStoresBuilder(services, name);
    }

    private static SessionRuntime Runtime(IServiceProvider provider, string name)
    {
        var set = new SessionSet(
            name,
            provider.GetRequiredService<IOptionsMonitor<SessionStoresOptions>>().Get(name),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<SessionMetrics>(),
            Logger(provider),
            provider.GetService<IServiceProviderIsService>()?.IsService(typeof(ISessionEvents)) != false ? new Lazy<ISessionEvents[]>(() => [.. provider.GetServices<ISessionEvents>()]) : null)
        {
            HasOutputCache = provider.GetService<IOutputCacheStore>() is not null,
            HasTickets = provider.GetService<SessionTicketScheme>() is not null,
            IsDevelopment = provider.GetService<IHostEnvironment>()?.IsDevelopment() == true,
        };
        var store = name.Length == 0 ? provider.GetRequiredService<ISessionStore>() : provider.GetRequiredKeyedService<ISessionStore>(name);
        StoreDecorator.ThrowIfNotApplied(provider, name, store);
        if (set.Options.ShareWithExpress && store is ProtectedStore)
        {
            throw new InvalidOperationException(
                "SessionStoresOptions.ShareWithExpress and UseProtection exclude each other: an Express application cannot read protected sessions. Remove UseProtection, or set ShareWithExpress to false (UseExpressDefaults sets it to true).");
        }

        return new SessionRuntime(set, store, provider.GetKeyedService<FrameworkSessions>(name));
    }

    private static MemoryStore DefaultStore(IServiceProvider provider)
    {
        if (provider.GetService<IHostEnvironment>() is { } environment && environment.IsProduction())
            SessionStores.AspNetCore.Log.MemoryInProduction(Logger(provider));

        return new MemoryStore(null, provider.GetRequiredService<TimeProvider>(), provider.GetService<ILogger<MemoryStore>>());
    }

    private static ILogger Logger(IServiceProvider provider) => provider.GetRequiredService<ILoggerFactory>().CreateLogger("SessionStores.AspNetCore");
}
