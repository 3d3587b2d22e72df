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
    /// <param name="configuration">The configuration string of StackExchange.Redis, such as <c>localhost:6379</c>.</param>
    /// <param name="configure">Changes the options.</param>
    /// <exception cref="ArgumentException">The configuration string is invalid, or an option is out of its range; every such option is named.</exception>
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
    /// <exception cref="ArgumentException">The configuration has no end point, or an option is out of its range; every such option is named.</exception>
    public static ISessionStoresBuilder UseRedis(this ISessionStoresBuilder builder, ConfigurationOptions configuration, Action<RedisStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configuration);
        if (configuration.EndPoints.Count == 0)
            throw new ArgumentException("The configuration must name at least one end point, such as localhost:6379, but has none.", nameof(configuration));

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

    /// <summary>The parser's own message may quote a value, which may be a password. It names the keyword of an invalid value; one that it
    /// does not know may be part of a password with a comma, and is not repeated.</summary>
    private static ConfigurationOptions Parse(string configuration)
    {
        const string cannotParse = "StackExchange.Redis cannot parse the configuration string:";
        try
        {
            return ConfigurationOptions.Parse(configuration);
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw new ArgumentException($"{cannotParse} the value of '{exception.ParamName}' is invalid.", nameof(configuration));
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            throw new ArgumentException(
                $"{cannotParse} part {UnknownPart(configuration)} is not an end point or 'keyword=value' with a known keyword. Parts are separated by commas, which a value must not contain.",
                nameof(configuration));
        }
    }

    private static int UnknownPart(string configuration)
    {
        var parts = configuration.Split(',');
        for (var count = 1; count < parts.Length; count++)
        {
            try
            {
                ConfigurationOptions.Parse(string.Join(',', parts[..count]));
            }
            catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
            {
                return count;
            }
        }

        return parts.Length;
    }

    private static ILogger<RedisStore>? Logger(IServiceProvider services) => (ILogger<RedisStore>?)services.GetService(typeof(ILogger<RedisStore>));
}
