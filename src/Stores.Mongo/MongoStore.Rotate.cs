using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.Mongo;

/// <content>Rotation, which an <c>_id</c> that cannot change makes two steps.</content>
public sealed partial class MongoStore
{
    private static readonly FindOneAndDeleteOptions<BsonDocument, RawBsonDocument> Claim = new();

    /// <inheritdoc/>
    /// <remarks>Looks whether the new id is free, takes the old document away, stores the new one. Never both ids. A reader between the last
    /// two steps sees neither, and a failure there ends the session: the user has to sign in again. Once the old document is taken away,
    /// cancellation no longer stops the call.</remarks>
    public async ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion? version, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidId(newId);
        content = CheckedCopy(content);
        if (id == newId)
            throw new ArgumentException("The new id must differ from the old one.", nameof(newId));

        var key = KeyOf(id);
        var newKey = KeyOf(newId);
        var loaded = version is { } given ? StoredSession.OfVersion(given) : (StoredSession?)null;

        var (stored, status) = await RunAsync("Rotate", async (collection, token) =>
        {
            var encoded = await _codec.EncodeAsync(content.Payload, loaded is { } from ? OriginalOf(from) : null, token).ConfigureAwait(false);
            await SetUpOnceAsync(collection, token).ConfigureAwait(false);
            var now = _time.GetUtcNow();
            var isTaken = await FindAsync(collection, SessionDocument.Live(newKey, now), FoundSession.Presence, token).ConfigureAwait(false) is not null;
            return (encoded, isTaken ? await StatusAsync(collection, Claimed(now), SessionWriteStatus.Taken, now, token).ConfigureAwait(false) : SessionWriteStatus.Written);
        }, cancellationToken).ConfigureAwait(false);

        if (status == SessionWriteStatus.Written)
        {
            status = await RunAsync("Rotate", async (collection, token) =>
            {
                var now = _time.GetUtcNow();
                using var claimed = await TakeAsync(collection, "Rotate", Claimed(now), Claim, token).ConfigureAwait(false);
                return claimed is null
                    ? await StatusAsync(collection, Claimed(now), SessionWriteStatus.Gone, now, token).ConfigureAwait(false)
                    : await MoveAsync(collection, claimed, now, token).ConfigureAwait(false);
            }, CancellationToken.None).ConfigureAwait(false);
        }

        return status == SessionWriteStatus.Written ? SessionWriteResult.Written(stored.Version(content.Subject)) : SessionWriteResult.NotWritten(status);

        BsonDocument Claimed(DateTimeOffset now)
        {
            var filter = SessionDocument.Live(key, now);
            return loaded is { } from ? filter.StillHolding(from, version!.Value.Subject) : filter;
        }

        // Whether the old session is gone or changed, which outweighs what happened to the new id.
        async Task<SessionWriteStatus> StatusAsync(IMongoCollection<BsonDocument> collection, BsonDocument claimed, SessionWriteStatus otherwise, DateTimeOffset now, CancellationToken token)
        {
            if (otherwise == SessionWriteStatus.Taken && await FindAsync(collection, claimed, FoundSession.Presence, token).ConfigureAwait(false) is not null)
                return SessionWriteStatus.Taken;

            return await FindAsync(collection, SessionDocument.Live(key, now), FoundSession.Presence, token).ConfigureAwait(false) is not null && loaded is not null
                ? SessionWriteStatus.Conflict
                : SessionWriteStatus.Gone;
        }

        async Task<SessionWriteStatus> MoveAsync(IMongoCollection<BsonDocument> collection, RawBsonDocument claimed, DateTimeOffset now, CancellationToken token)
        {
            var stays = false;
            try
            {
                // Fields of somebody else go with the session.
                var document = new BsonDocument();
                foreach (var element in claimed)
                    document[element.Name] = element.Value;

                stays = await InsertAsync(collection, newKey, SessionDocument.Fill(document, newKey, stored, content, _options, now), now, token).ConfigureAwait(false);
                if (stays)
                    return SessionWriteStatus.Written;

                // Somebody took the new id since we looked: the session goes back to where it was.
                stays = await InsertAsync(collection, key, claimed, now, token).ConfigureAwait(false);
                return SessionWriteStatus.Taken;
            }
            finally
            {
                if (!stays)
                    Log.RotationLost(_logger);
            }
        }
    }
}
