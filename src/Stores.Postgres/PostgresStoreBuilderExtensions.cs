using Microsoft.Extensions.Logging;
using Npgsql;
using SessionStores;
using SessionStores.Postgres;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Chooses <see cref="PostgresStore"/> for a set of sessions.</summary>
public static class PostgresStoreBuilderExtensions
{
    /// <summary>Keeps the sessions in PostgreSQL, over the store's own connections.</summary>
    /// <param name="builder">What <c>AddSessionStores</c> returned.</param>
    /// <param name="connectionString">An Npgsql connection string, or a URL such as <c>postgres://user:password@host/database</c>. With several
    /// hosts the primary is used.</param>
    /// <param name="configure">Changes the options.</param>
    /// <exception cref="ArgumentException">Npgsql cannot parse the connection string, or an option is out of range; every such option is named.</exception>
    public static ISessionStoresBuilder UsePostgres(this ISessionStoresBuilder builder, string connectionString, Action<PostgresStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = Configured(configure);
        PostgresConnection.ThrowIfInvalid(connectionString, options);
        return builder.UseStore(services => new PostgresStore(connectionString, options, LoggerOf(services)));
    }

    /// <summary>Keeps the sessions in PostgreSQL, over the application's own data source, which the application disposes.</summary>
    /// <param name="builder">What <c>AddSessionStores</c> returned.</param>
    /// <param name="dataSource">The data source.</param>
    /// <param name="configure">Changes the options.</param>
    /// <exception cref="ArgumentException">An option is out of range; every such option is named.</exception>
    public static ISessionStoresBuilder UsePostgres(this ISessionStoresBuilder builder, NpgsqlDataSource dataSource, Action<PostgresStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        return builder.UsePostgres(_ => dataSource, configure);
    }

    /// <summary>Keeps the sessions in PostgreSQL, over a data source that the application's container knows.</summary>
    /// <param name="builder">What <c>AddSessionStores</c> returned.</param>
    /// <param name="dataSource">Finds the data source; called once, when the store is first needed. The store does not dispose it.</param>
    /// <param name="configure">Changes the options.</param>
    /// <exception cref="ArgumentException">An option is out of range; every such option is named.</exception>
    public static ISessionStoresBuilder UsePostgres(
        this ISessionStoresBuilder builder, Func<IServiceProvider, NpgsqlDataSource> dataSource, Action<PostgresStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(dataSource);
        var options = Configured(configure);
        PostgresConnection.ThrowIfHasCredentials(options);
        return builder.UseStore(services => new PostgresStore(dataSource(services), options, LoggerOf(services)));
    }

    private static PostgresStoreOptions Configured(Action<PostgresStoreOptions>? configure)
    {
        var options = new PostgresStoreOptions();
        configure?.Invoke(options);
        options.Validate();
        return options;
    }

    private static ILogger<PostgresStore>? LoggerOf(IServiceProvider services) => (ILogger<PostgresStore>?)services.GetService(typeof(ILogger<PostgresStore>));
}
