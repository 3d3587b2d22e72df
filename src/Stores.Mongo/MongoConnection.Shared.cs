using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.Mongo;

/// <remarks>Round trips that reads share (decision 24).</remarks>
internal sealed partial class MongoConnection
{
    /// <summary>How many shared round trips are under way before reads gather. Two keep one connection busy while the reads of the other are
    /// prepared.</summary>
    private const int Lanes = 2;

    /// <summary>The most reads of one round trip.</summary>
    private const int MaxReads = 64;

    /// <summary>The start of a read that may share a round trip.</summary>
    public long Start(CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        return Deadline.Start();
    }

    /// <summary>Creates round trips that read documents by their stored ids; null for one that is not there.</summary>
    public RoundTrips<string, MongoRecord?> ShareReads(ProjectionDefinition<BsonDocument, MongoRecord> projection) => new(Lanes, MaxReads, async trip =>
    {
        try
        {
            return await Deadline.RunAsync(
                (Connection: this, Trip: trip, Projection: projection),
                static (state, call) => state.Connection.RunAsync((collection, token) => SendAsync(state.Trip, state.Projection, collection, token), call),
                Deadline.Start(), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (MongoFaults.Describes(exception) || exception is ObjectDisposedException or OperationCanceledException)
        {
            // A read may run twice: each caller sends its own, and so has its own repetitions and faults.
            Log.RoundTripTakenApart(_logger, MongoFaults.CodeOf(exception));
            return [];
        }
    }) { SharesAlways = _options.SharesAlways };

    /// <summary>Waits for the reply of a shared round trip; for none if the read has a lane of its own.</summary>
    public ValueTask<Reply<MongoRecord?>> WaitAsync(
        string operation, in RoundTrips<string, MongoRecord?>.Entry entry, long started, CancellationToken cancellationToken) =>
        entry.IsAlone ? default : WaitForOthersAsync(operation, entry, started, cancellationToken);

    private async ValueTask<Reply<MongoRecord?>> WaitForOthersAsync(
        string operation, RoundTrips<string, MongoRecord?>.Entry entry, long started, CancellationToken cancellationToken)
    {
        try
        {
            return await entry.WaitAsync(Deadline, started, cancellationToken).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            ThrowIfDisposed();
            throw;
        }
        catch (TimeoutException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Failed(operation, exception);
        }
    }

    private static async Task<IReadOnlyList<Reply<MongoRecord?>>> SendAsync(
        RoundTrips<string, MongoRecord?>.Trip trip, ProjectionDefinition<BsonDocument, MongoRecord> projection, IMongoCollection<BsonDocument> collection, CancellationToken cancellationToken)
    {
        var keys = trip.Depart();
        if (keys.Count == 0)
            return [];

        var found = await MongoCommands.FindManyAsync(collection, keys, projection, cancellationToken).ConfigureAwait(false);
        return [.. keys.Select(key => new Reply<MongoRecord?>(true, found.GetValueOrDefault(key)))];
    }
}
