using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using SessionStores;
using SessionStores.AspNetCore;
using SessionStores.Configuration;

namespace Microsoft.Extensions.DependencyInjection;

/// <content>Registers sessions from a configuration section, including the store.</content>
public static partial class SessionStoresServiceCollectionExtensions
{
    private const string FoundByName = "The provider is found by its name, which trimming can remove. For trimmed and native applications pass it: AddSessionStores(configuration, new RedisStoreProvider()).";

    /// <summary>Registers sessions from a configuration section. The provider is found in the package <c>SessionStores.</c> with its name.</summary>
    /// <remarks>
    /// <para>The section holds the options of <see cref="SessionStoresOptions"/> that are not code, <c>Secrets</c>, a section <c>Cookie</c>, a
    /// section <c>Store</c> with <c>Provider</c>, <c>Connection</c> and the options of that store, and to protect the sessions a section <c>Protection</c> with
    /// <c>Keys</c>, or <c>DataProtection</c> set to true, and the options of <see cref="SessionStores.Protection.SessionProtectionOptions"/>. <c>ExpressDefaults</c> set to true applies
    /// <see cref="SessionStoresOptions.UseExpressDefaults"/> first, and <c>HostPrefix</c> <see cref="SessionStoresOptions.UseHostPrefix"/> last. The section is read once, at registration.</para>
    /// <para>A section <c>MovingFrom</c> in <c>Store</c> names the store that the sessions leave, in the same way, with a <c>Stage</c>
    /// (<see cref="SessionStores.Moving.MovingStage"/>) and, where its sessions are protected, a section <c>Protection</c> of its own.</para>
    /// <para>A section <c>FrameworkSessions</c> with <c>Move</c> set to true moves the sessions of ASP.NET Core's own middleware; it may have <c>Cookie</c> with <c>Name</c>, <c>Path</c>
    /// and <c>Domain</c>, <c>IdleTimeout</c> and <c>IOTimeout</c>, as <c>AddSession</c> had.</para>
    /// <para>It is validated when the application starts, and every problem is reported at once: unknown names with the nearest known name,
    /// values out of range, a missing connection, a package that is not referenced.</para>
    /// <para><c>Connection</c> is a connection string, or the name of one in <c>ConnectionStrings</c> of the application's configuration.</para>
    /// </remarks>
    /// <param name="services">The services of the application.</param>
    /// <param name="configuration">The section, such as <c>configuration.GetSection("Sessions")</c>.</param>
    [RequiresUnreferencedCode(FoundByName)]
    public static ISessionStoresBuilder AddSessionStores(this IServiceCollection services, IConfiguration configuration) =>
        AddSessionStores(services, "", configuration);

    /// <summary>Registers a named set of sessions from a configuration section. The provider is found in the package <c>SessionStores.</c>
    /// with its name.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="name">The name of the set.</param>
    /// <param name="configuration">The section of this set.</param>
    [RequiresUnreferencedCode(FoundByName)]
    public static ISessionStoresBuilder AddSessionStores(this IServiceCollection services, string name, IConfiguration configuration) =>
        AddConfigured(services, name, configuration, SessionStoreProviders.ByConvention);

    /// <summary>Registers sessions from a configuration section. The provider is one of those given, or memory. For trimmed and native
    /// applications.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="configuration">The section, such as <c>configuration.GetSection("Sessions")</c>.</param>
    /// <param name="providers">The stores that a deployment can choose, such as <c>new RedisStoreProvider()</c>.</param>
    public static ISessionStoresBuilder AddSessionStores(this IServiceCollection services, IConfiguration configuration, params ISessionStoreProvider[] providers) =>
        AddSessionStores(services, "", configuration, providers);

    /// <summary>Registers a named set of sessions from a configuration section. The provider is one of those given, or memory.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="name">The name of the set.</param>
    /// <param name="configuration">The section of this set.</param>
    /// <param name="providers">The stores that a deployment can choose.</param>
    public static ISessionStoresBuilder AddSessionStores(this IServiceCollection services, string name, IConfiguration configuration, params ISessionStoreProvider[] providers)
    {
        ArgumentNullException.ThrowIfNull(providers);
        return AddConfigured(services, name, configuration, wanted => SessionStoreProviders.Among(providers, wanted) is { } provider
            ? (provider, null)
            : (null, SessionStoreProviders.Missing(providers, wanted)));
    }

    private static ISessionStoresBuilder AddConfigured(
        IServiceCollection services, string name, IConfiguration configuration, Func<string, (ISessionStoreProvider? Provider, string? Problem)> find)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(configuration);

        var settings = SessionSettings.Of(configuration);
        SessionSettings.Read(settings, configuration, new SessionStoresOptions());
        settings.AddUnknown();

        var builder = services.AddSessionStores(name, options => SessionSettings.Read(settings, configuration, options));
        var section = configuration.GetSection(SessionSettings.Store);
        var application = NamedConnection.OfApplication(services, configuration);
        var store = SessionSettings.OfStore(section, application);
        SessionStoreProviders.Choose(builder, store, section.Path, find);
        var protection = ProtectionSettings.Use(builder, configuration);

        // After the protection, which is that of the new side only.
        var moving = MovingSettings.Use(builder, section.GetSection(MovingSettings.Section), application, (old, settings, path) => SessionStoreProviders.Choose(old, settings, path, find));
        var framework = FrameworkSessionSettings.Use(builder, configuration);
        services.AddSingleton<IValidateOptions<SessionStoresOptions>>(new SessionSettingsValidator(name, [.. settings.Problems, .. store.Problems, .. protection, .. moving, .. framework]));
        return builder;
    }
}
