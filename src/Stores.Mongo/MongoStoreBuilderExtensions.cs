using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Driver;
using SessionStores;
using SessionStores.Mongo;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Selects <see cref="MongoStore"/> for a set of sessions. The options are validated in the call; the store connects on first use.</summary>
public static class MongoStoreBuilderExtensions
{
    /// <summary>Keeps the sessions in MongoDB, through a client that the store creates on first use and disposes.</summary>
    /// <param name="builder">What <c>AddSessionStores</c> returned.</param>
    /// <param name="connectionString">A MongoDB connection string.</param>
    /// <param name="configure">Changes the options.</param>
    /// <exception cref="ArgumentException">The connection string or an option is invalid; the message names each option.</exception>
    public static ISessionStoresBuilder UseMongo(this ISessionStoresBuilder builder, string connectionString, Action<MongoStoreOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        MongoConnection.Parse(connectionString);
        return Use(builder, configure, isOwn: true, (_, options, logger) => new MongoStore(connectionString, options, logger));
    }

    /// <summary>Keeps the sessions in MongoDB, through the application's client; <see cref="MongoStoreOptions.Database"/> must be set.</summary>
    /// <param name="builder">What <c>AddSessionStores</c> returned.</param>
    /// <param name="client">The client. The store does not dispose it.</param>
    /// <param name="configure">Changes the options; sets the database.</param>
    /// <exception cref="ArgumentException">No database is set, or an option is invalid; the message names each.</exception>
    public static ISessionStoresBuilder UseMongo(this ISessionStoresBuilder builder, IMongoClient client, Action<MongoStoreOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(configure);
        return Use(builder, Configure, isOwn: false, (_, options, logger) =>
            new MongoStore(client.GetDatabase(options.Database).GetCollection<BsonDocument>(options.Collection), options, logger));

        void Configure(MongoStoreOptions options)
        {
            configure(options);
            if (options.Database is null)
                throw new ArgumentException($"{nameof(MongoStoreOptions)}: {nameof(options.Database)} must be set when the store is given a client, but is null.", nameof(configure));
        }
    }

    /// <summary>Keeps the sessions in the application's database.</summary>
    /// <param name="builder">What <c>AddSessionStores</c> returned.</param>
    /// <param name="database">The database. The store does not dispose its client.</param>
    /// <param name="configure">Changes the options.</param>
    /// <exception cref="ArgumentException">An option is invalid; the message names each.</exception>
    public static ISessionStoresBuilder UseMongo(this ISessionStoresBuilder builder, IMongoDatabase database, Action<MongoStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(database);
        return UseMongo(builder, _ => database, configure);
    }

    /// <summary>Keeps the sessions in a database from the application's services.</summary>
    /// <param name="builder">What <c>AddSessionStores</c> returned.</param>
    /// <param name="database">Returns the database, whose client the store does not dispose. Called once, when the store is created.</param>
    /// <param name="configure">Changes the options.</param>
    /// <exception cref="ArgumentException">An option is invalid; the message names each.</exception>
    public static ISessionStoresBuilder UseMongo(this ISessionStoresBuilder builder, Func<IServiceProvider, IMongoDatabase> database, Action<MongoStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(database);
        return Use(builder, configure, isOwn: false, (services, options, logger) =>
            new MongoStore(database(services).GetCollection<BsonDocument>(options.Collection), options, logger));
    }

    /// <summary>Keeps the sessions in the application's collection.</summary>
    /// <param name="builder">What <c>AddSessionStores</c> returned.</param>
    /// <param name="collection">The collection. The store does not dispose its client.</param>
    /// <param name="configure">Changes the options.</param>
    /// <exception cref="ArgumentException">An option is invalid; the message names each.</exception>
    public static ISessionStoresBuilder UseMongo(this ISessionStoresBuilder builder, IMongoCollection<BsonDocument> collection, Action<MongoStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(collection);
        return Use(builder, configure, isOwn: false, (_, options, logger) => new MongoStore(collection, options, logger));
    }

    private static ISessionStoresBuilder Use(
        ISessionStoresBuilder builder,
        Action<MongoStoreOptions>? configure,
        bool isOwn,
        Func<IServiceProvider, MongoStoreOptions, ILogger<MongoStore>?, MongoStore> create)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new MongoStoreOptions();
        configure?.Invoke(options);
        options.Validate();
        if (!isOwn)
            MongoConnection.ThrowIfHasCredentials(options);

        options = options.Copy();
        return builder.UseStore(services => create(
            services,
            options,
            (ILogger<MongoStore>?)services.GetService(typeof(ILogger<MongoStore>))));
    }
}
