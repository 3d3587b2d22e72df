using Npgsql;

namespace SessionStores.Postgres;

/// <summary>The data source of a store that was given a connection string.</summary>
internal static class OwnDataSource
{
    public static NpgsqlDataSource Create(string connectionString, PostgresStoreOptions options)
    {
        PostgresStoreOptionsValidator.ThrowIfInvalid(options);
        return NpgsqlDataSource.Create(Settings(connectionString, options));
    }

    /// <summary>Checks a connection string without a connection.</summary>
    public static void ThrowIfInvalid(string connectionString, PostgresStoreOptions options) => Settings(connectionString, options);

    private static NpgsqlConnectionStringBuilder Settings(string connectionString, PostgresStoreOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (ArgumentException)
        {
            // The exception's own text may quote the connection string.
            throw new ArgumentException("The connection string is not one that Npgsql can read.", nameof(connectionString));
        }

        // No statement leaves anything behind in its connection, so there is nothing to reset; nor does one depend on its time zone, and
        // without one the server shows the zone that it gives Node peers.
        settings.NoResetOnClose = true;
        settings.Remove("Timezone");

        // A session is not part of the application's transaction, and the details of an error quote the row.
        settings.Enlist = false;
        settings.IncludeErrorDetail = false;

        // The store ends late operations by itself. The driver would do so by a blocking request to the server on a thread of the pool; of a
        // call that was ended it lets the connection go at once.
        settings.CommandTimeout = 0;
        settings.CancellationTimeout = -1;
        settings.Timeout = Math.Clamp((int)Math.Ceiling(options.OperationTimeout.TotalSeconds), 1, settings.Timeout == 0 ? int.MaxValue : settings.Timeout);
        if (settings.Host?.Contains(',', StringComparison.Ordinal) == true)
            settings.TargetSessionAttributes ??= "primary";

        return settings;
    }
}
