using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.Mongo;

/// <remarks>Round trips that reads share (decision 24).</remarks>
internal sealed partial class MongoConnection : IRoundTripHost
{
    /// <summary>Creates round trips that read documents by their stored ids; null for one that is not there.</summary>
    public RoundTrips<string, MongoRecord?> ShareReads(ProjectionDefinition<BsonDocument, MongoRecord> projection) =>
        new(this, (trip, call) => RunAsync((collection, token) => SendAsync(trip, projection, collection, token), call),
            static exception => MongoFaults.Describes(exception) || exception is ObjectDisposedException or OperationCanceledException) { SharesAlways = _options.SharesAlways };

    void IRoundTripHost.ThrowIfDisposed() => ThrowIfDisposed();

    Exception IRoundTripHost.Translate(string operation, Exception exception, CancellationToken cancellationToken) => exception switch
    {
        _ when !MongoFaults.Describes(exception) => new InvalidOperationException("A shared round trip failed.", exception),
        _ when cancellationToken.IsCancellationRequested => new OperationCanceledException(exception.Message, exception, cancellationToken),
        _ => Failed(operation, exception),
    };

    void IRoundTripHost.LogTakenApart(Exception exception) => Log.RoundTripTakenApart(_logger, MongoFaults.CodeOf(exception));

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
