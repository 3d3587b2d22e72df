using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Driver;
using MongoDB.Driver.Core.Clusters;

namespace SessionStores.Mongo;

/// <summary>Reaches the collection of a store: one that was passed in, or one of a client that is created on first use. Ends every call in
/// time, and translates and logs its faults.</summary>
internal sealed partial class MongoConnection : IDisposable
{
    private readonly MongoStoreOptions _options;
    private readonly ILogger _logger;
    private readonly MongoUrl? _url;
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private readonly Lock _gate = new();
    private IMongoCollection<BsonDocument>? _collection;
    private volatile bool _disposed;

    public MongoConnection(IMongoCollection<BsonDocument> collection, MongoStoreOptions options, ILogger logger)
        : this(options, logger)
    {
        ArgumentNullException.ThrowIfNull(collection);
        ThrowIfHasCredentials(options);
        _collection = WithConcerns(collection);
    }

    /// <exception cref="ArgumentException">The connection string is invalid. The message does not quote it.</exception>
    public MongoConnection(string connectionString, MongoStoreOptions options, ILogger logger)
        : this(options, logger) =>
        _url = Parse(connectionString);

    private MongoConnection(MongoStoreOptions options, ILogger logger)
    {
        _options = options;
        _logger = logger;
        Deadline = new Deadline(options.OperationTimeout, exception => Log.CancellationFailed(logger, exception));
    }

    /// <summary>The servers and the collection, without user and password.</summary>
    public string Place
    {
        get
        {
            var servers = _url?.Servers ?? _collection!.Database.Client.Settings.Servers;
            var name = _url is null ? _collection!.CollectionNamespace.FullName : $"{DatabaseName}.{_options.Collection}";
            return $"{string.Join(',', servers.Select(static server => server.ToString()).Order(StringComparer.Ordinal))} {name}";
        }
    }

    /// <summary>Ends every call after <see cref="MongoStoreOptions.OperationTimeout"/>.</summary>
    public Deadline Deadline { get; }

    private Exception? WhyNotConnected =>
        _collection?.Database.Client.Cluster.Description.Servers.Select(static server => server.HeartbeatException).FirstOrDefault(static exception => exception is not null);

    private bool IsConnected => _collection?.Database.Client.Cluster.Description.State == ClusterState.Connected;

    /// <exception cref="ArgumentException">The connection string is invalid. The message does not quote it.</exception>
    public static MongoUrl Parse(string connectionString)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        try
        {
            var url = new MongoUrl(connectionString);
            if (url.IsResolved)
                MongoClientSettings.FromUrl(url).Freeze(); // that of mongodb+srv would be looked up now

            if (!url.Servers.Any(static server => server.Host.AsSpan().ContainsAny(' ', '\t')))
                return url;
        }
        catch (Exception exception) when (exception is MongoConfigurationException or FormatException or ArgumentException or NotSupportedException or InvalidOperationException)
        {
            // The driver's text quotes the connection string.
        }

        throw new ArgumentException(
            "The connection string or a setting in it is invalid. It must be one of MongoDB, such as mongodb://user:password@host:27017/database, with special characters of the "
            + "password written as %XX.", nameof(connectionString));
    }

    /// <summary>Sends a command that changes something; once more when it did not reach the server. The driver itself repeats reads, and
    /// writes only where the server is in a replica set.</summary>
    public static async Task<T> SendAsync<T>(Func<Task<T>> command)
    {
        try
        {
            return await command().ConfigureAwait(false);
        }
        catch (MongoException exception) when (MongoFaults.WasNotSent(exception))
        {
            return await command().ConfigureAwait(false);
        }
    }

    /// <summary>Runs the commands of an operation within <see cref="MongoStoreOptions.OperationTimeout"/>.</summary>
    /// <exception cref="SessionStoreException">The server failed, or the work says so.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public async ValueTask<T> RunAsync<T>(
        string operation, Func<IMongoCollection<BsonDocument>, CancellationToken, Task<T>> work, CancellationToken cancellationToken, long? started = null)
    {
        ThrowIfDisposed();
        try
        {
            return await Deadline.RunAsync(
                (Connection: this, Work: work),
                static (state, call) => state.Connection.RunAsync(state.Work, call),
                started ?? Deadline.Start(),
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (MongoFaults.Describes(exception) || exception is SessionStoreException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var fault = Failed(operation, exception);
            if (fault == exception)
                throw;

            throw fault;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _owned?.Dispose();
            _former?.Dispose();
        }

        _connecting.Dispose();
    }

    private SessionStoreException Failed(string operation, Exception exception)
    {
        var fault = exception as SessionStoreException ?? MongoFaults.Translate(operation, exception, _options.OperationTimeout, IsConnected, WhyNotConnected);
        Log.OperationFailed(_logger, operation, fault.Fault, MongoFaults.CodeOf(exception));
        return fault;
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, typeof(MongoStore));

    private async Task<T> RunAsync<T>(Func<IMongoCollection<BsonDocument>, CancellationToken, Task<T>> work, Deadline.Call call)
    {
        var collection = _collection ?? (await ConnectAsync(null, call.Token).ConfigureAwait(false))!;
        call.ThrowIfAbandoned();
        return await (_options.Credentials is null ? work(collection, call.Token) : RunSignedInAsync(collection, work, call)).ConfigureAwait(false);
    }

    private IMongoCollection<BsonDocument> WithConcerns(IMongoCollection<BsonDocument> collection) =>
        collection.WithWriteConcern(_options.WriteConcern).WithReadPreference(ReadPreference.Primary);
}
