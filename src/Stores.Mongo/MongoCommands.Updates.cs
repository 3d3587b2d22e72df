using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.Mongo;

/// <content>The updates. All are pipelines, since only those can use the time of the server; what a caller gave is inside <c>$literal</c>.</content>
internal static partial class MongoCommands
{
    /// <summary>How often an insert by an update is tried that lost against another insert of the same id.</summary>
    private const int MaxUpserts = 8;

    private static readonly UpdateOptions Upsert = new() { IsUpsert = true };

    /// <summary>Stores a session under an id that is free or whose holder has expired.</summary>
    /// <returns>Whether it was stored; false when the id is taken.</returns>
    public static Task<bool> CreateAsync(
        IMongoCollection<BsonDocument> collection, string key, MongoRecord.Value value, in SessionContent content, MongoStoreOptions options, CancellationToken cancellationToken)
    {
        var changes = Changes(value, content, options);
        if (content.Subject is not null)
            changes[Joined] = ServerNow;

        if (options.Timestamps)
            changes.Add(CreatedAt, ServerNow);

        return TakeAsync(collection, key, changes, cancellationToken);
    }

    /// <summary>Stores a session under an id, whatever was there.</summary>
    public static Task<UpdateResult> SetAsync(
        IMongoCollection<BsonDocument> collection, string key, MongoRecord.Value value, in SessionContent content, MongoStoreOptions options, CancellationToken cancellationToken)
    {
        var changes = Changes(value, content, options);
        if (content.Subject is { } subject)
            changes[Joined] = If(And(HoldsSession, Unexpired, IsOf(subject)), "$" + Joined, ServerNow);

        if (options.Timestamps)
            changes.Add(CreatedAt, If(SessionIsSet, "$" + CreatedAt, ServerNow));

        return UpsertAsync(() => collection.UpdateOneAsync(ById(key), Pipeline(Set(changes)), Upsert, cancellationToken));
    }

    /// <summary>The update that puts content into a document that is there. Its unknown fields are kept.</summary>
    public static UpdateDefinition<BsonDocument> Update(MongoRecord.Value value, in SessionContent content, MongoStoreOptions options) =>
        Pipeline(Set(Changes(value, content, options)));

    /// <summary>The update that moves the expiry forward, never back.</summary>
    public static UpdateDefinition<BsonDocument> Extension(SessionLifetime lifetime, MongoStoreOptions options)
    {
        var until = ExpiryOf(lifetime);
        var changes = new BsonDocument(Expires, until == Absent ? until : new BsonDocument("$max", new BsonArray { "$" + Expires, until }));
        Stamp(changes, options);
        return Pipeline(Set(changes));
    }

    /// <summary>Sets fields of a document unless its id is taken. One step: an update that finds no document inserts one.</summary>
    private static async Task<bool> TakeAsync(IMongoCollection<BsonDocument> collection, string key, BsonDocument changes, CancellationToken cancellationToken)
    {
        // The filter of an upsert cannot use the time of the server ($expr is not allowed in one); so the update decides.
        var guarded = new BsonDocument();
        foreach (var change in changes)
            guarded.Add(change.Name, If("$" + Taken, "$" + change.Name, change.Value));

        var update = Pipeline(Set(new BsonDocument(Taken, IsTaken)), Set(guarded), new BsonDocument("$unset", Taken));
        var before = await UpsertAsync(() => collection.FindOneAndUpdateAsync(ById(key), update, Occupancy, cancellationToken)).ConfigureAwait(false);
        return before is not { IsTaken: true };
    }

    private static async Task<T> UpsertAsync<T>(Func<Task<T>> upsert)
    {
        for (var round = 1; ; round++)
        {
            try
            {
                return await MongoConnection.SendAsync(upsert).ConfigureAwait(false);
            }
            catch (MongoException exception) when (round < MaxUpserts && MongoFaults.IsLostUpsert(exception))
            {
                // Several decided to insert a new id and one did; the others find its document now.
            }
        }
    }

    /// <summary>The fields that a write sets or removes.</summary>
    private static BsonDocument Changes(MongoRecord.Value value, in SessionContent content, MongoStoreOptions options)
    {
        var changes = new BsonDocument
        {
            { Session, Literal(value.ToBson()) },
            { Expires, ExpiryOf(content.Lifetime) },
            { Subject, content.Subject is { } subject ? Literal(subject) : Absent },
            { Joined, content.Subject is { } joined ? If(IsOf(joined), "$" + Joined, ServerNow) : Absent },
            { Moved, Absent },
        };
        if (options.Keys)
            changes.Add(SessionKey, content.Key is { } key ? Literal(key) : Absent);

        if (options.AutoRemove == AutoRemove.Interval)
            changes.Add(Claimed, Absent);

        Stamp(changes, options);
        return changes;
    }

    private static void Stamp(BsonDocument changes, MongoStoreOptions options)
    {
        if (options.TouchAfter > TimeSpan.Zero)
            changes.Add(LastModified, ServerNow);

        if (options.Timestamps)
            changes.Add(UpdatedAt, ServerNow);
    }

    /// <summary>The instant of a lifetime by the clock of the server.</summary>
    private static BsonValue ExpiryOf(SessionLifetime lifetime) => (lifetime.Idle, lifetime.End) switch
    {
        (null, null) => Absent,
        (null, { } end) => Date(end),
        ({ } idle, null) => After(idle),
        ({ } idle, { } end) => new BsonDocument("$min", new BsonArray { After(idle), Date(end) }),
    };

    private static BsonDocument IsOf(string subject) => new("$eq", new BsonArray { "$" + Subject, Literal(subject) });

    private static BsonDocument After(TimeSpan time) => new("$add", new BsonArray { ServerNow, Milliseconds(time) });

    private static BsonDocument Literal(BsonValue value) => new("$literal", value);

    private static BsonDocument If(BsonValue condition, BsonValue then, BsonValue otherwise) => new("$cond", new BsonArray { condition, then, otherwise });

    private static BsonDocument And(params BsonDocument[] conditions) => new("$and", new BsonArray(conditions));

    private static BsonDocument Or(params BsonDocument[] conditions) => new("$or", new BsonArray(conditions));

    private static BsonDocument TypeIs(string field, string type) => new("$eq", new BsonArray { new BsonDocument("$type", "$" + field), type });

    private static BsonDocument Set(BsonDocument fields) => new("$set", fields);

    private static UpdateDefinition<BsonDocument> Pipeline(params BsonDocument[] stages) =>
        new BsonDocumentStagePipelineDefinition<BsonDocument, BsonDocument>(stages);
}
