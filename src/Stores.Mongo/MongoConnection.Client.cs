using System.Runtime.CompilerServices;
using System.Security.Authentication;
using MongoDB.Bson;
using MongoDB.Driver;
using MongoDB.Driver.Core.Configuration;
using MongoDB.Driver.Core.Events;

namespace SessionStores.Mongo;

/// <remarks>The client of a store that has one of its own.</remarks>
internal sealed partial class MongoConnection
{
    private const int MaxAttempts = 5;

    /// <summary>How many writes of the call that runs the server may have received; only where credentials can change.</summary>
    private static readonly AsyncLocal<StrongBox<int>?> Writes = new();

    private MongoClient? _owned;

    /// <summary>The client before; calls that began on it may still be running.</summary>
    private MongoClient? _former;
    private MongoCredential? _credential;

    private string DatabaseName => _options.Database ?? _url!.DatabaseName ?? "test";

    /// <exception cref="ArgumentException">The options have credentials, which a client of the application does not take.</exception>
    public static void ThrowIfHasCredentials(MongoStoreOptions options)
    {
        if (options.Credentials is not null)
            throw new ArgumentException($"{nameof(MongoStoreOptions)}.{nameof(options.Credentials)} must be null for a client of the application, which signs in by itself.", nameof(options));
    }

    /// <summary>Runs the commands of an operation; again, through a client with the credentials of now, when the server refuses those of the client
    /// before it has received a write. A read on a connection that died reports only that, and not that the next one was refused.</summary>
    private async Task<T> RunSignedInAsync<T>(
        IMongoCollection<BsonDocument> collection, Func<IMongoCollection<BsonDocument>, CancellationToken, Task<T>> work, Deadline.Call call)
    {
        var writes = new StrongBox<int>();
        Writes.Value = writes;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await work(collection, call.Token).ConfigureAwait(false);
            }
            catch (MongoException exception) when (attempt < MaxAttempts && writes.Value == 0 && (exception is MongoConnectionException or MongoConnectionPoolPausedException))
            {
                var next = MongoFaults.IsSignInRefused(exception) ? await ConnectAsync(collection, call.Token).ConfigureAwait(false) : _collection;
                if (next is null)
                    throw;

                call.ThrowIfAbandoned();
                collection = next;
            }
        }
    }

    /// <summary>Returns the collection through a client that signs in with the credentials of now.</summary>
    /// <param name="refused">The one whose sign-in was refused, or null.</param>
    /// <param name="cancellationToken">The token of the call.</param>
    /// <returns>Null if the credentials are those that were refused.</returns>
    private async Task<IMongoCollection<BsonDocument>?> ConnectAsync(IMongoCollection<BsonDocument>? refused, CancellationToken cancellationToken)
    {
        await _connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_collection is not null && _collection != refused)
                return _collection;

            var settings = await SettingsAsync(cancellationToken).ConfigureAwait(false);
            if (_options.Credentials is { } credentials)
            {
                var credential = await AskAsync(credentials, cancellationToken).ConfigureAwait(false);
                if (refused is not null && credential == _credential)
                    return null;

                settings.Credential = _credential = credential;
                settings.ClusterConfigurator = CountWrites;
            }

            return _collection = CreateClient(settings);
        }
        finally
        {
            _connecting.Release();
        }
    }

    private static async ValueTask<MongoCredential> AskAsync(Func<CancellationToken, ValueTask<MongoCredential>> credentials, CancellationToken cancellationToken)
    {
        try
        {
            return await credentials(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidCredentialException($"{nameof(MongoStoreOptions)}.{nameof(MongoStoreOptions.Credentials)} threw {exception.GetType().Name}.", exception);
        }
    }

    private static void CountWrites(ClusterBuilder cluster)
    {
        cluster.Subscribe<CommandStartedEvent>(static started => Add(started.CommandName, 1));
        cluster.Subscribe<CommandFailedEvent>(static failed => Add(failed.CommandName, MongoFaults.WasNotSent(failed.Failure) ? -1 : 0));
    }

    private static void Add(string command, int count)
    {
        if (command is ("insert" or "update" or "delete" or "findAndModify") && Writes.Value is { } writes)
            Interlocked.Add(ref writes.Value, count);
    }

    private IMongoCollection<BsonDocument> CreateClient(MongoClientSettings settings)
    {
        settings.ServerSelectionTimeout = Least(settings.ServerSelectionTimeout, _options.OperationTimeout);
        settings.ConnectTimeout = Least(settings.ConnectTimeout, _options.OperationTimeout);
        settings.WaitQueueTimeout = Least(settings.WaitQueueTimeout, _options.OperationTimeout);
        if (!LimitsQueue(_url!))
            SetQueueSize(settings, int.MaxValue);

        // The driver's traces quote the server, which names the id when an insert finds it taken (L21).
        settings.TracingOptions = new TracingOptions { Disabled = true };
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(MongoStore));
            _former?.Dispose();
            _former = _owned;
            _owned = new MongoClient(settings);
        }

        return WithConcerns(_owned.GetDatabase(DatabaseName).GetCollection<BsonDocument>(_options.Collection));
    }

    private async Task<MongoClientSettings> SettingsAsync(CancellationToken cancellationToken)
    {
        if (_url!.IsResolved)
            return MongoClientSettings.FromUrl(_url);

        try
        {
            // The driver looks up the name of a mongodb+srv server synchronously; that must not block the thread of a request.
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
    /// would be over in milliseconds; the deadline of the call limits the wait in any case.</summary>
    private static void SetQueueSize(MongoClientSettings settings, int size) => settings.WaitQueueSize = size;
#pragma warning restore CS0618

    private static TimeSpan Least(TimeSpan first, TimeSpan second) => first < second ? first : second;
}
