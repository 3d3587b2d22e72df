using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.Mongo;

/// <summary>Chooses <see cref="MongoStore"/> for a set of sessions. The options are checked at once; nothing connects.</summary>
public static class MongoStoreBuilderExtensions
{
    /// <summary>Keeps the sessions in MongoDB, through a client that the store makes at its first call and disposes.</summary>
    /// <param name="builder">What <c>AddSessionStores</c> returned.</param>
    /// <param name="connectionString">A connection string of MongoDB.</param>
    /// <param name="configure">Changes the options.</param>
    /// <exception cref="ArgumentException">The connection string is none, or an option is out of its range; every such option is named.</exception>
    public static ISessionStoresBuilder UseMongo(this ISessionStoresBuilder builder, string connectionString, Action<MongoStoreOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        MongoConnection.Parse(connectionString);
        return Use(builder, configure, (_, options, time, logger) => new MongoStore(connectionString, options, time, logger));
    }

    /// <summary>Keeps the sessions in MongoDB, through a client of the caller; <see cref="MongoStoreOptions.Database"/> must be set.</summary>
    /// <param name="builder">What <c>AddSessionStores</c> returned.</param>
    /// <param name="client">The client, which stays the caller's.</param>
    /// <param name="configure">Changes the options; sets the database.</param>
    /// <exception cref="ArgumentException">No database is set, or an option is out of its range; every such option is named.</exception>
    public static ISessionStoresBuilder UseMongo(this ISessionStoresBuilder builder, IMongoClient client, Action<MongoStoreOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(configure);
        return Use(builder, Configure, (_, options, time, logger) =>
            new MongoStore(client.GetDatabase(options.Database).GetCollection<BsonDocument>(options.Collection), options, time, logger));

        void Configure(MongoStoreOptions options)
        {
            configure(options);
            if (options.Database is null)
                throw new ArgumentException($"{nameof(MongoStoreOptions)}: {nameof(options.Database)} must be set where the store is given a client, but is null.", nameof(configure));
        }
    }

    /// <summary>Keeps the sessions in a database of the caller.</summary>
    /// <param name="builder">What <c>AddSessionStores</c> returned.</param>
    /// <param name="database">The database, whose client stays the caller's.</param>
    /// <param name="configure">Changes the options.</param>
    /// <exception cref="ArgumentException">An option is out of its range; every such option is named.</exception>
    public static ISessionStoresBuilder UseMongo(this ISessionStoresBuilder builder, IMongoDatabase database, Action<MongoStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(database);
        return UseMongo(builder, _ => database, configure);
    }

    /// <summary>Keeps the sessions in a database that the application's container provides.</summary>
    /// <param name="builder">What <c>AddSessionStores</c> returned.</param>
    /// <param name="database">Answers the database, whose client stays the container's; called once, when the store is first needed.</param>
    /// <param name="configure">Changes the options.</param>
    /// <exception cref="ArgumentException">An option is out of its range; every such option is named.</exception>
    public static ISessionStoresBuilder UseMongo(this ISessionStoresBuilder builder, Func<IServiceProvider, IMongoDatabase> database, Action<MongoStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(database);
        return Use(builder, configure, (services, options, time, logger) =>
            new MongoStore(database(services).GetCollection<BsonDocument>(options.Collection), options, time, logger));
    }

    /// <summary>Keeps the sessions in a collection of the caller.</summary>
    /// <param name="builder">What <c>AddSessionStores</c> returned.</param>
    /// <param name="collection">The collection, whose client stays the caller's.</param>
    /// <param name="configure">Changes the options.</param>
    /// <exception cref="ArgumentException">An option is out of its range; every such option is named.</exception>
    public static ISessionStoresBuilder UseMongo(this ISessionStoresBuilder builder, IMongoCollection<BsonDocument> collection, Action<MongoStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(collection);
        return Use(builder, configure, (_, options, time, logger) => new MongoStore(collection, options, time, logger));
    }

    private static ISessionStoresBuilder Use(
        ISessionStoresBuilder builder,
        Action<MongoStoreOptions>? configure,
        Func<IServiceProvider, MongoStoreOptions, TimeProvider?, ILogger<MongoStore>?, MongoStore> create)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new MongoStoreOptions();
        configure?.Invoke(options);
        options = options.Checked();
        return builder.UseStore(services => create(
            services,
            options,
            (TimeProvider?)services.GetService(typeof(TimeProvider)),
            (ILogger<MongoStore>?)services.GetService(typeof(ILogger<MongoStore>))));
    }
}
