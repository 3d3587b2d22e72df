using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace SessionStores.Redis;

/// <summary>Chooses <see cref="RedisStore"/> for a set of sessions.</summary>
public static class RedisStoreBuilderExtensions
{
    /// <summary>Keeps the sessions in Redis, on a connection of the store's own.</summary>
    /// <param name="builder">What <c>AddSessionStores</c> returned.</param>
    /// <param name="configuration">The configuration text of StackExchange.Redis, such as <c>localhost:6379</c>.</param>
    /// <param name="configure">Changes the options.</param>
    /// <exception cref="ArgumentException">The text is none, or an option is out of its range; every such option is named.</exception>
    public static ISessionStoresBuilder UseRedis(this ISessionStoresBuilder builder, string configuration, Action<RedisStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(configuration);

        return builder.UseRedis(Parse(configuration), configure);
    }

    /// <summary>Keeps the sessions in Redis, on a connection of the store's own.</summary>
    /// <param name="builder">What <c>AddSessionStores</c> returned.</param>
    /// <param name="configuration">The configuration of the connection.</param>
    /// <param name="configure">Changes the options.</param>
    /// <exception cref="ArgumentException">There is no end point, or an option is out of its range; every such option is named.</exception>
    public static ISessionStoresBuilder UseRedis(this ISessionStoresBuilder builder, ConfigurationOptions configuration, Action<RedisStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configuration);
        if (configuration.EndPoints.Count == 0)
            throw new ArgumentException("The configuration must name at least one end point, but names none.", nameof(configuration));

        var own = configuration.Clone();
        var options = Options(configure);
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
        return builder.UseStore(services => new RedisStore(multiplexer(services), options, Logger(services)));
    }

    private static RedisStoreOptions Options(Action<RedisStoreOptions>? configure)
    {
        var options = new RedisStoreOptions();
        configure?.Invoke(options);
        options.Validate();
        return options;
    }

    /// <summary>The parser's own message may quote the text, which may hold a password.</summary>
    private static ConfigurationOptions Parse(string configuration)
    {
        try
        {
            return ConfigurationOptions.Parse(configuration);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            throw new ArgumentException("The configuration text is none that StackExchange.Redis understands.", nameof(configuration));
        }
    }

    private static ILogger<RedisStore>? Logger(IServiceProvider services) => (ILogger<RedisStore>?)services.GetService(typeof(ILogger<RedisStore>));
}
