using MongoDB.Bson;
using MongoDB.Driver;
using MongoDB.Driver.Core.Configuration;

namespace SessionStores.Mongo;

/// <summary>The collection of a store: one that was given, or one of a client that is made when it is first needed.</summary>
internal sealed class MongoConnection : IDisposable
{
    private readonly MongoStoreOptions _options;
    private readonly MongoUrl? _url;
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private IMongoCollection<BsonDocument>? _collection;
    private MongoClient? _owned;

    public MongoConnection(IMongoCollection<BsonDocument> collection, MongoStoreOptions options)
    {
        _options = options;
        _collection = WithConcerns(collection);
    }

    /// <exception cref="ArgumentException">The connection string is none. The message does not quote it.</exception>
    public MongoConnection(string connectionString, MongoStoreOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        _options = options;
        _url = Parse(connectionString);
    }

    /// <summary>Whether the driver knows a server that it could use.</summary>
    public bool IsConnected =>
        _collection?.Database.Client.Cluster.Description.State == MongoDB.Driver.Core.Clusters.ClusterState.Connected;

    /// <exception cref="ArgumentException">The connection string is none.</exception>
    public static MongoUrl Parse(string connectionString)
    {
        try
        {
            return new MongoUrl(connectionString);
        }
        catch (Exception exception) when (exception is MongoConfigurationException or FormatException or ArgumentException)
        {
            throw new ArgumentException("The connection string must be one of MongoDB, such as mongodb://host:27017/database.", nameof(connectionString));
        }
    }

    public async ValueTask<IMongoCollection<BsonDocument>> CollectionAsync(CancellationToken cancellationToken)
    {
        if (_collection is { } ready)
            return ready;

        await _connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _collection ??= await ConnectAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _connecting.Release();
        }
    }

    public void Dispose()
    {
        _owned?.Dispose();
        _connecting.Dispose();
    }

    private async Task<IMongoCollection<BsonDocument>> ConnectAsync(CancellationToken cancellationToken)
    {
        var settings = await SettingsAsync(cancellationToken).ConfigureAwait(false);
        settings.ServerSelectionTimeout = Least(settings.ServerSelectionTimeout, _options.OperationTimeout);
        settings.ConnectTimeout = Least(settings.ConnectTimeout, _options.OperationTimeout);
        settings.WaitQueueTimeout = Least(settings.WaitQueueTimeout, _options.OperationTimeout);
        if (!LimitsQueue(_url!))
            SetQueueSize(settings, int.MaxValue);

        // The driver's traces quote what the server says, and of an insert under a taken id it says the id (L21).
        settings.TracingOptions = new TracingOptions { Disabled = true };
        _owned = new MongoClient(settings);
        return WithConcerns(_owned.GetDatabase(_options.Database ?? _url!.DatabaseName ?? "test").GetCollection<BsonDocument>(_options.Collection));
    }

    private async Task<MongoClientSettings> SettingsAsync(CancellationToken cancellationToken)
    {
        if (_url!.IsResolved)
            return MongoClientSettings.FromUrl(_url);

        try
        {
            // The name of a mongodb+srv server is looked up here, and the driver does it synchronously: on a thread that nobody needs.
            return await Task.Run(() => MongoClientSettings.FromUrl(_url), cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new IOException("The name of the MongoDB server could not be looked up.", exception);
        }
    }

#pragma warning disable CS0618 // The driver is going to drop the limit; until then it has to be lifted.
    private static bool LimitsQueue(MongoUrl url) => url.WaitQueueSize != MongoDefaults.WaitQueueSize || url.WaitQueueMultiple != MongoDefaults.WaitQueueMultiple;

    /// <summary>How many calls may wait for a connection. The driver's default, five for each connection of the pool, fails calls in a rush that
    /// would be over in milliseconds; the wait has an end in any case, the call's own.</summary>
    private static void SetQueueSize(MongoClientSettings settings, int size) => settings.WaitQueueSize = size;
#pragma warning restore CS0618

    private IMongoCollection<BsonDocument> WithConcerns(IMongoCollection<BsonDocument> collection) =>
        collection.WithWriteConcern(_options.WriteConcern).WithReadPreference(ReadPreference.Primary);

    private static TimeSpan Least(TimeSpan first, TimeSpan second) => first < second ? first : second;
}
