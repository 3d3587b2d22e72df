using System.Globalization;
using System.Net;
using StackExchange.Redis;

namespace SessionStores.Redis;

/// <remarks>What a connection can be configured with.</remarks>
internal sealed partial class RedisConnection
{
    private const string UrlForm = "redis://user:password@host:6379/0, or rediss:// for TLS, with characters of the password escaped as %XX. "
        + "For other settings use the configuration string of StackExchange.Redis, such as host:6379,password=...,ssl=true";

    /// <summary>Reads a configuration string of StackExchange.Redis, or a URL.</summary>
    /// <remarks>The parser's own message may quote a value, which may be a password. It names the keyword of an invalid value; one that it
    /// does not know may be part of a password with a comma, and is not repeated.</remarks>
    /// <exception cref="ArgumentException">It is neither.</exception>
    public static ConfigurationOptions Parse(string configuration)
    {
        if (configuration.TrimStart().StartsWith("redis", StringComparison.OrdinalIgnoreCase) && configuration.Contains("://", StringComparison.Ordinal))
            return ParseUrl(configuration.Trim());

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

    /// <exception cref="ArgumentException">The configuration has no end point or one that is a URL, or cannot be used with the options.</exception>
    public static void ThrowIfInvalid(ConfigurationOptions configuration, RedisStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        if (configuration.EndPoints.Count == 0)
            throw new ArgumentException("The configuration must name at least one end point, such as localhost:6379, but has none.", nameof(configuration));

        if (configuration.EndPoints.Any(static endPoint => endPoint is DnsEndPoint { Host: var host } && host.Contains("//", StringComparison.Ordinal)))
            throw new ArgumentException($"An end point must be 'host:port', but one is a URL, with a scheme other than redis:// and rediss:// or within a list or an object. The URL of a Redis is passed alone, as text: {UrlForm}.", nameof(configuration));

        if (options.Credentials is not null && configuration.Tunnel is not null)
            throw new ArgumentException($"{nameof(RedisStoreOptions)}.{nameof(options.Credentials)} cannot be used with a Tunnel.", nameof(configuration));
    }

    /// <exception cref="ArgumentException">The options have credentials, which a connection of the application does not take.</exception>
    public static void ThrowIfHasCredentials(RedisStoreOptions options)
    {
        if (options.Credentials is not null)
            throw new ArgumentException($"{nameof(RedisStoreOptions)}.{nameof(options.Credentials)} must be null for a connection of the application, which signs in by itself.", nameof(options));
    }

    private static string PlaceOf(ConfigurationOptions configuration, RedisStoreOptions options) =>
        PlaceOf(configuration.EndPoints, options.Database >= 0 ? options.Database : configuration.DefaultDatabase ?? 0);

    private static string PlaceOf(IEnumerable<EndPoint> servers, int database)
    {
        var names = servers.Select(static server => server is DnsEndPoint named ? $"{named.Host}:{(named.Port == 0 ? 6379 : named.Port)}" : server.ToString());
        return $"{string.Join(',', names.Order(StringComparer.Ordinal))}/{database}";
    }

    private static ConfigurationOptions ParseUrl(string configuration)
    {
        if (!Uri.TryCreate(configuration, UriKind.Absolute, out var url) || url.Scheme is not ("redis" or "rediss") || url.Host.Length == 0 || url.Query.Length + url.Fragment.Length > 0)
            throw new ArgumentException($"A URL of Redis must be {UrlForm}.", nameof(configuration));

        var options = new ConfigurationOptions { Ssl = url.Scheme == "rediss", EndPoints = { { url.IdnHost, url.IsDefaultPort ? 6379 : url.Port } } };
        var path = url.AbsolutePath.Trim('/');
        if (path.Length > 0)
        {
            if (!ushort.TryParse(path, NumberStyles.None, CultureInfo.InvariantCulture, out var database))
                throw new ArgumentException($"The path of a URL of Redis must be the number of a database. The form is {UrlForm}.", nameof(configuration));

            options.DefaultDatabase = database;
        }

        var colon = url.UserInfo.IndexOf(':', StringComparison.Ordinal);
        var user = Uri.UnescapeDataString(colon < 0 ? url.UserInfo : url.UserInfo[..colon]);
        options.User = user.Length > 0 ? user : null;
        options.Password = colon < 0 ? null : Uri.UnescapeDataString(url.UserInfo[(colon + 1)..]);
        return options;
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
}
