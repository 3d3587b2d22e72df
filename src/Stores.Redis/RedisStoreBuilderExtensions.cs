using Microsoft.Extensions.Logging;
using SessionStores;
using SessionStores.Redis;
using StackExchange.Redis;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers <see cref="RedisStore"/> for a set of sessions.</summary>
public static class RedisStoreBuilderExtensions
{
    /// <summary>Keeps the sessions in Redis, on a connection of the store's own.</summary>
    /// <param name="builder">What <c>AddSessionStores</c> returned.</param>
    /// <param name="configuration">The configuration string of StackExchange.Redis, such as <c>localhost:6379</c>, or a URL, such as
    /// <c>rediss://user:password@host:6380/0</c>.</param>
    /// <param name="configure">Changes the options.</param>
    /// <exception cref="ArgumentException">The configuration string is invalid, or an option is out of its range; every such option is named.</exception>
    public static ISessionStoresBuilder UseRedis(this ISessionStoresBuilder builder, string configuration, Action<RedisStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(configuration);

        return builder.UseRedis(RedisConnection.Parse(configuration), configure);
    }

    /// <summary>Keeps the sessions in Redis, on a connection of the store's own.</summary>
    /// <param name="builder">What <c>AddSessionStores</c> returned.</param>
    /// <param name="configuration">The configuration of the connection.</param>
    /// <param name="configure">Changes the options.</param>
    /// <exception cref="ArgumentException">The configuration has no end point or one that is a URL, or an option is out of its range; every such option is named.</exception>
    public static ISessionStoresBuilder UseRedis(this ISessionStoresBuilder builder, ConfigurationOptions configuration, Action<RedisStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configuration);

        var own = configuration.Clone();
        var options = Options(configure);
        RedisConnection.ThrowIfInvalid(own, options);
        return builder.UseStore(services => new RedisStore(own, options, Logger(services)));
    }

    /// <summary>Keeps the sessions in Redis, on the application's own connection, which the store does not dispose.</summary>
    /// <param name="builder">What <c>AddSessionStores</c> returned.</param>
    /// <param name="multiplexer">The connection.</param>
    /// <param name="configure">Changes the options.</param>
    /// <exception cref="ArgumentException">An option is out of its range; every such option is named.</exception>
    public static ISessionStoresBuilder UseRedis(this ISessionStoresBuilder builder, IConnectionMultiplexer multiplexer, Action<RedisStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(multiplexer);

        return builder.UseRedis(_ => multiplexer, configure);
    }

    /// <summary>Keeps the sessions in Redis, on the application's own connection, which the store does not dispose.</summary>
    /// <param name="builder">What <c>AddSessionStores</c> returned.</param>
    /// <param name="multiplexer">Finds the connection; called once, when the store is first needed.</param>
    /// <param name="configure">Changes the options.</param>
    /// <exception cref="ArgumentException">An option is out of its range; every such option is named.</exception>
    public static ISessionStoresBuilder UseRedis(
        this ISessionStoresBuilder builder, Func<IServiceProvider, IConnectionMultiplexer> multiplexer, Action<RedisStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(multiplexer);

        var options = Options(configure);
        RedisConnection.ThrowIfHasCredentials(options);
        return builder.UseStore(services => new RedisStore(multiplexer(services), options, Logger(services)));
    }

    private static RedisStoreOptions Options(Action<RedisStoreOptions>? configure)
    {
        var options = new RedisStoreOptions();
        configure?.Invoke(options);
        options.Validate();
        return options;
    }

    private static ILogger<RedisStore>? Logger(IServiceProvider services) => (ILogger<RedisStore>?)services.GetService(typeof(ILogger<RedisStore>));
}
