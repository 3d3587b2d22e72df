using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.Mongo;

/// <content>The names of the fields, what is asked about them, and what is returned. In one file, since one is made of the other.</content>
internal static partial class MongoCommands
{
    public const string Id = "_id";
    public const string Session = "session";
    public const string Expires = "expires";
    public const string Subject = "subject";
    public const string Joined = "joined";

    /// <summary>The key of the session (<see cref="ISessionKeys"/>) for the index, with the option only; the session itself has it too. Elsewhere a key is a stored id.</summary>
    public const string SessionKey = "key";

    public const string LastModified = "lastModified";
    public const string CreatedAt = "createdAt";
    public const string UpdatedAt = "updatedAt";

    /// <summary>A link of a rotation, <c>{ to: id, until: date }</c>, or a reservation for one, <c>{ by: ObjectId, until: date }</c>.</summary>
    public const string Moved = "moved";
    public const string MovedTo = "moved.to";
    public const string MovedBy = "moved.by";
    public const string MovedUntil = "moved.until";

    /// <summary>In replies only: the time of the server.</summary>
    public const string Now = "now";

    /// <summary>In replies only: whether the document holds a session, live or not.</summary>
    public const string Held = "held";

    /// <summary>In replies only: whether a live session or a reservation had the id.</summary>
    public const string Taken = "__taken";

    /// <summary>How much longer than a payload an encrypted text can be: escaped, encrypted, and twice encoded.</summary>
    private const long EncryptedGrowth = 8;
    private const int EncryptedOverhead = 4096;

    private const string ServerNow = "$$NOW";
    private const string Absent = "$$REMOVE";

    /// <summary>Finds out whether there is a document.</summary>
    public static readonly FindOptions<BsonDocument, MongoRecord> Presence = new() { Limit = -1, Projection = Only(new BsonDocument(Id, 1)) };

    /// <summary>Finds the times of a document.</summary>
    public static readonly FindOptions<BsonDocument, MongoRecord> Times = new() { Limit = -1, Projection = Fields(WithoutId(Expires, LastModified)) };

    /// <summary>Returns the expiry of a document after a slide.</summary>
    public static readonly FindOneAndUpdateOptions<BsonDocument, MongoRecord> Slid = new() { Projection = Fields(WithoutId(Expires)), ReturnDocument = ReturnDocument.After };

    private static readonly BsonDocument IsText = new("$type", "string");
    private static readonly BsonDocument IsDate = new("$type", "date");
    private static readonly BsonDocument IsThere = new("$exists", true);
    private static readonly BsonDocument ExpiresLater = new("$gt", new BsonArray { "$" + Expires, ServerNow });

    /// <summary>Whether the expiry has not passed. An <c>expires</c> that is not a date is not live, as in connect-mongo.</summary>
    /// <remarks>DocumentDB does not know the time in an <c>$expr</c> that is a comparison or <c>$and</c>, where the collection has an index;
    /// in <c>$or</c> and <c>$cond</c> it does.</remarks>
    private static readonly BsonDocument Unexpired = Or(TypeIs(Expires, "missing"), And(TypeIs(Expires, "date"), ExpiresLater));

    /// <summary>Part of many filters: links and reservations. A peer can write a session over one, or give one an expiry by a touch.</summary>
    private static readonly BsonArray LinksAndReservations = [new BsonDocument { { Session, BsonNull.Value }, { Moved, IsThere } }];

    /// <summary>Missing compares as less than null.</summary>
    private static readonly BsonDocument SessionIsSet = new("$gt", new BsonArray { "$" + Session, BsonNull.Value });

    /// <summary>Whether a document holds a session: is neither link nor reservation.</summary>
    private static readonly BsonDocument HoldsSession = Or(SessionIsSet, new BsonDocument("$lt", new BsonArray { "$" + Moved, BsonNull.Value }));

    /// <summary>Whether a document is a live session, or reserved for one that is being rotated. A document that is being inserted has no
    /// field yet, and so is neither.</summary>
    private static readonly BsonDocument IsTaken = Or(
        And(SessionIsSet, TypeIs(Expires, "missing")),
        And(HoldsSession, TypeIs(Expires, "date"), ExpiresLater),
        And(TypeIs(MovedBy, "objectId"), new BsonDocument("$gt", new BsonArray { "$" + MovedUntil, ServerNow })));

    /// <summary>Inserts, and returns what had the id before; null when nothing had.</summary>
    private static readonly FindOneAndUpdateOptions<BsonDocument, MongoRecord> Occupancy = new()
    {
        IsUpsert = true,
        ReturnDocument = ReturnDocument.Before,
        Projection = Only(new BsonDocument { { Id, 0 }, { Taken, IsTaken } }),
    };

    private static readonly FindOneAndUpdateOptions<BsonDocument, RawBsonDocument> AsItWas = new() { ReturnDocument = ReturnDocument.Before };

    private static readonly ProjectionDefinition<BsonDocument, MongoRecord> SubjectTrace = TraceWith(Subject);

    private static readonly ProjectionDefinition<BsonDocument, MongoRecord> KeyTrace = TraceWith(SessionKey);

    /// <summary>Finds the subject of a session.</summary>
    public static readonly FindOptions<BsonDocument, MongoRecord> SubjectOfOne = new() { Limit = -1, Projection = Fields(new BsonDocument { { Expires, 1 }, { Subject, 1 } }) };

    /// <summary>Finds out the time of the server where there is a document.</summary>
    private static readonly FindOptions<BsonDocument, MongoRecord> NowAtOne = new() { Limit = -1, Projection = Fields(new BsonDocument(Id, 1)) };

    /// <summary>Finds a whole document by its id.</summary>
    public static FindOptions<BsonDocument, MongoRecord> Whole(MongoStoreOptions options) => new() { Limit = -1, Projection = Record(options) };

    /// <summary>Returns whole documents. A text over the limit is not sent; nothing comes in its place, which cannot be read either.</summary>
    public static ProjectionDefinition<BsonDocument, MongoRecord> Record(MongoStoreOptions options, bool withClaim = false)
    {
        var isEncrypted = options.Encryption is not null || options.Decryption.Count > 0;
        var most = options.MaxPayloadBytes + (options.Keys ? ReservedMember.MostBytes : 0);
        var limit = isEncrypted ? (most * EncryptedGrowth) + EncryptedOverhead : most;
        var isTooLong = new BsonDocument("$gt", new BsonArray { new BsonDocument("$strLenBytes", "$" + Session), limit });
        var fields = new BsonDocument { { Expires, 1 }, { Subject, 1 }, { LastModified, 1 }, { Moved, 1 } };
        if (withClaim)
            fields.Add(ClaimCount, 1);

        return Fields(fields.Add(Session, If(TypeIs(Session, "string"), If(isTooLong, Absent, "$" + Session), "$" + Session)));
    }

    /// <summary>Returns everything of a record but its payload.</summary>
    public static ProjectionDefinition<BsonDocument, MongoRecord> WithoutSession(MongoStoreOptions options)
    {
        var fields = new BsonDocument { { Expires, 1 }, { Subject, 1 } };
        if (options.Keys)
            fields.Add(SessionKey, 1);

        return Fields(fields);
    }

    /// <summary>What says where a session is: under its id or behind a link, and whose it is.</summary>
    private static ProjectionDefinition<BsonDocument, MongoRecord> TraceOf(Members? members) => members is { AreByKey: true } ? KeyTrace : SubjectTrace;

    private static BsonDocumentProjectionDefinition<BsonDocument, MongoRecord> TraceWith(string owner) =>
        Fields(new BsonDocument { { Expires, 1 }, { owner, 1 }, { Joined, 1 }, { Moved, 1 }, { Held, HoldsSession } });

    private static FindOptions<BsonDocument, MongoRecord> TraceOne(Members? members) => new() { Limit = -1, Projection = TraceOf(members) };

    private static FindOneAndDeleteOptions<BsonDocument, MongoRecord> TraceRemoved(Members? members) => new() { Projection = TraceOf(members) };

    private static BsonDocument WithoutId(params ReadOnlySpan<string> fields)
    {
        var projection = new BsonDocument(Id, 0);
        foreach (var field in fields)
            projection.Add(field, 1);

        return projection;
    }

    /// <summary>Returns fields and the time of the server.</summary>
    private static BsonDocumentProjectionDefinition<BsonDocument, MongoRecord> Fields(BsonDocument fields) => Only(fields.Add(Now, ServerNow));

    private static BsonDocumentProjectionDefinition<BsonDocument, MongoRecord> Only(BsonDocument fields) => new(fields, MongoRecord.Serializer);
}
