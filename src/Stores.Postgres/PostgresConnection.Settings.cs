using Npgsql;

namespace SessionStores.Postgres;

/// <remarks>What a data source of the store's own is configured with.</remarks>
internal sealed partial class PostgresConnection
{
    private const string UrlForm = "postgres://user:password@host:5432/database?sslmode=require, with characters of the password escaped as %XX. "
        + "For other settings and several hosts use a connection string of Npgsql, such as Host=db1,db2;Database=app;Username=web;Password=...";

    private const string HostRecheckSeconds = "Host Recheck Seconds";

    /// <summary>The parameters of a URL, as libpq has them, and the settings of Npgsql.</summary>
    private static readonly Dictionary<string, string> UrlParameters = new(StringComparer.Ordinal)
    {
        ["application_name"] = "Application Name",
        ["channel_binding"] = "Channel Binding",
        ["connect_timeout"] = "Timeout",
        ["options"] = "Options",
        ["sslcert"] = "SSL Certificate",
        ["sslkey"] = "SSL Key",
        ["sslmode"] = "SSL Mode",
        ["sslrootcert"] = "Root Certificate",
    };

    /// <exception cref="ArgumentException">The options have credentials, which a data source of the application does not take.</exception>
    public static void ThrowIfHasCredentials(PostgresStoreOptions options)
    {
        if (options.Credentials is not null)
        {
            throw new ArgumentException(
                $"{nameof(PostgresStoreOptions)}.{nameof(options.Credentials)} must be null for a data source of the application, which signs in by itself: see NpgsqlDataSourceBuilder.UsePeriodicPasswordProvider.",
                nameof(options));
        }
    }

    /// <summary>The settings of a data source of the store's own.</summary>
    internal static NpgsqlConnectionStringBuilder Settings(string connectionString, PostgresStoreOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        var settings = Parse(connectionString);

        // No statement leaves anything behind in its connection, so there is nothing to reset; nor does one depend on its time zone, and
        // without one the server shows the zone that it gives Node peers.
        settings.NoResetOnClose = true;
        settings.Remove("Timezone");

        // A session is not part of the application's transaction, and the details of an error quote the row.
        settings.Enlist = false;
        settings.IncludeErrorDetail = false;

        // The store ends late operations by itself. The driver would do so by a blocking request to the server on a thread of the pool; it
        // closes the connection of a call that was ended at once.
        settings.CommandTimeout = 0;
        settings.CancellationTimeout = -1;
        settings.Timeout = Math.Clamp((int)Math.Ceiling(options.OperationTimeout.TotalSeconds), 1, settings.Timeout == 0 ? int.MaxValue : settings.Timeout);
        if (settings.Host?.Contains(',', StringComparison.Ordinal) == true)
        {
            settings.TargetSessionAttributes ??= "primary";

            // The driver remembers which host is the primary for so long, 10 seconds unless set: so long no promoted standby is found.
            if (!settings.ShouldSerialize(HostRecheckSeconds))
                settings.HostRecheckSeconds = 1;
        }

        return settings;
    }

    /// <summary>Reads a connection string of Npgsql, or a URL. The driver's own message may quote a value, which may be a password.</summary>
    internal static NpgsqlConnectionStringBuilder Parse(string connectionString)
    {
        if (connectionString.TrimStart().StartsWith("postgres", StringComparison.OrdinalIgnoreCase) && connectionString.Contains("://", StringComparison.Ordinal))
            return ParseUrl(connectionString.Trim());

        try
        {
            return new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            throw new ArgumentException(
                $"Npgsql cannot parse the connection string. It must be 'Host=db;Database=app;Username=web;Password=...', or {UrlForm}.", nameof(connectionString));
        }
    }

    private static NpgsqlConnectionStringBuilder ParseUrl(string connectionString)
    {
        if (!Uri.TryCreate(connectionString, UriKind.Absolute, out var url) || url.Scheme is not ("postgres" or "postgresql") || url.Host.Length == 0 || url.Fragment.Length > 0)
            throw new ArgumentException($"A URL of PostgreSQL must be {UrlForm}.", nameof(connectionString));

        var settings = new NpgsqlConnectionStringBuilder { Host = url.IdnHost, Port = url.IsDefaultPort ? 5432 : url.Port };
        var colon = url.UserInfo.IndexOf(':', StringComparison.Ordinal);
        settings.Username = TextOf(colon < 0 ? url.UserInfo : url.UserInfo[..colon]);
        settings.Password = TextOf(colon < 0 ? "" : url.UserInfo[(colon + 1)..]);
        settings.Database = TextOf(url.AbsolutePath.TrimStart('/'));
        foreach (var parameter in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = parameter.Split('=', 2);
            if (parts.Length < 2 || !UrlParameters.TryGetValue(parts[0], out var setting))
            {
                throw new ArgumentException(
                    $"A parameter of a URL of PostgreSQL must be one of {string.Join(", ", UrlParameters.Keys.Order(StringComparer.Ordinal))}. The form is {UrlForm}.", nameof(connectionString));
            }

            try
            {
                settings[setting] = Uri.UnescapeDataString(setting == "SSL Mode" ? parts[1].Replace("-", "", StringComparison.Ordinal) : parts[1]);
            }
            catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
            {
                throw new ArgumentException($"The value of {parts[0]} in a URL of PostgreSQL is invalid.", nameof(connectionString));
            }
        }

        return settings;
    }

    private static string? TextOf(string escaped) => escaped.Length == 0 ? null : Uri.UnescapeDataString(escaped);
}
