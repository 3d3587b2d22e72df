using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using SessionStores;
using SessionStores.AspNetCore;
using SessionStores.Configuration;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers sessions as a configuration section says, the store included.</summary>
/// <remarks>
/// <para>The section holds the options of <see cref="SessionStoresOptions"/> that are no code, <c>Secrets</c>, a section <c>Cookie</c>, and a
/// section <c>Store</c> with <c>Provider</c>, <c>Connection</c> and the options of that store. <c>ExpressDefaults</c> set to true selects
/// <see cref="SessionStoresOptions.UseExpressDefaults"/> first. It is read once, when it is registered.</para>
/// <para>Everything is checked when the application starts, and every problem is named at once: unknown names with the name that was
/// probably meant, values out of range, a missing connection, a package that is not referenced.</para>
/// </remarks>
public static class SessionStoresConfigurationExtensions
{
    private const string FoundByName = "The provider is found by its name. For trimmed and native applications pass it: AddSessionStores(configuration, new RedisStoreProvider()).";

    /// <summary>Registers sessions. The provider is found in the package <c>SessionStores.</c> with its name.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="configuration">The section, such as <c>configuration.GetSection("Sessions")</c>.</param>
    [RequiresUnreferencedCode(FoundByName)]
    public static ISessionStoresBuilder AddSessionStores(this IServiceCollection services, IConfiguration configuration) =>
        AddSessionStores(services, "", configuration);

    /// <summary>Registers a set of sessions with a name of its own. The provider is found in the package <c>SessionStores.</c> with its
    /// name.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="name">The name of the set.</param>
    /// <param name="configuration">The section of this set.</param>
    [RequiresUnreferencedCode(FoundByName)]
    public static ISessionStoresBuilder AddSessionStores(this IServiceCollection services, string name, IConfiguration configuration) =>
        Add(services, name, configuration, SessionStoreProviders.ByConvention);

    /// <summary>Registers sessions. The provider is one of those given, or memory. For trimmed and native applications.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="configuration">The section, such as <c>configuration.GetSection("Sessions")</c>.</param>
    /// <param name="providers">The stores that a deployment can choose, such as <c>new RedisStoreProvider()</c>.</param>
    public static ISessionStoresBuilder AddSessionStores(this IServiceCollection services, IConfiguration configuration, params ISessionStoreProvider[] providers) =>
        AddSessionStores(services, "", configuration, providers);

    /// <summary>Registers a set of sessions with a name of its own. The provider is one of those given, or memory.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="name">The name of the set.</param>
    /// <param name="configuration">The section of this set.</param>
    /// <param name="providers">The stores that a deployment can choose.</param>
    public static ISessionStoresBuilder AddSessionStores(this IServiceCollection services, string name, IConfiguration configuration, params ISessionStoreProvider[] providers)
    {
        ArgumentNullException.ThrowIfNull(providers);
        return Add(services, name, configuration, wanted => SessionStoreProviders.Among(providers, wanted) is { } provider
            ? (provider, null)
            : (null, SessionStoreProviders.Missing(providers, wanted)));
    }

    private static ISessionStoresBuilder Add(
        IServiceCollection services, string name, IConfiguration configuration, Func<string, (ISessionStoreProvider? Provider, string? Problem)> find)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(configuration);

        var settings = SessionSettings.Of(configuration);
        SessionSettings.Read(settings, configuration, new SessionStoresOptions());
        settings.AddUnknown();

        var builder = services.AddSessionStores(name, options => SessionSettings.Read(settings, configuration, options));
        var store = SessionSettings.OfStore(configuration);
        ChooseStore(builder, store, configuration.GetSection(SessionSettings.Store).Path, find);
        services.AddSingleton<IValidateOptions<SessionStoresOptions>>(new SessionSettingsValidator(name, [.. settings.Problems, .. store.Problems]));
        return builder;
    }

    private static void ChooseStore(
        ISessionStoresBuilder builder, SessionStoreSettings store, string path, Func<string, (ISessionStoreProvider? Provider, string? Problem)> find)
    {
        string? wanted = null;
        store.Text(SessionSettings.Provider, value => wanted = value);
        if (string.IsNullOrWhiteSpace(wanted))
        {
            store.AddProblem($"{path}:{SessionSettings.Provider} is required: the name of a store, such as Redis or Memory.");
            return;
        }

        var (provider, problem) = find(wanted);
        if (provider is null)
        {
            // The other settings are those of a store that is not there, so nothing can be said of them.
            store.AddProblem(problem!);
            return;
        }

        provider.Configure(builder, store);
        store.AddUnknown();
    }
}
