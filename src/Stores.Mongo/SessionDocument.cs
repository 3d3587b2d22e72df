using MongoDB.Bson;

namespace SessionStores.Mongo;

/// <summary>The document of a session, and the filters and updates on it.</summary>
/// <remarks>
/// <c>{ _id: string, session: text or sub-document, expires?: date, subject?: string, lastModified?: date, createdAt?: date,
/// updatedAt?: date }</c>. Without <c>expires</c> a session lives for ever. The name and the filter of life are connect-mongo's.
/// </remarks>
internal static class SessionDocument
{
    public const string Id = "_id";
    public const string Session = "session";
    public const string Expires = "expires";
    public const string Subject = "subject";
    public const string LastModified = "lastModified";
    public const string CreatedAt = "createdAt";
    public const string UpdatedAt = "updatedAt";

    /// <summary>Part of many filters at once; nobody changes it.</summary>
    private static readonly BsonDocument EndsNever = new(Expires, new BsonDocument("$exists", false));

    public static BsonDocument OnlyId => new(Id, 1);

    public static BsonDocument OnlyExpires => new(Expires, 1);

    public static BsonDocument OnlyTimes => new() { { Expires, 1 }, { LastModified, 1 } };

    /// <summary>Every session of the collection. Documents with an id of another type are nobody's sessions.</summary>
    public static BsonDocument Any => new(Id, new BsonDocument("$gte", ""));

    public static BsonDateTime Date(DateTimeOffset instant) => new(instant.ToUnixTimeMilliseconds());

    public static BsonDocument ById(string key) => new(Id, key);

    public static BsonDocument Live(string key, DateTimeOffset now) => ById(key).Add("$or", LifeOf(now));

    /// <summary>Live and with an expiry that a touch can move.</summary>
    public static BsonDocument LiveUntil(string key, DateTimeOffset now) => ById(key).Add(Expires, new BsonDocument("$gt", Date(now)));

    /// <summary>Narrows a filter to documents that were last written or touched before an instant.</summary>
    public static BsonDocument LastModifiedBefore(this BsonDocument filter, DateTimeOffset instant) => filter.Add("$or", new BsonArray
    {
        new BsonDocument(LastModified, new BsonDocument("$exists", false)),
        new BsonDocument(LastModified, new BsonDocument("$lte", Date(instant))),
    });

    /// <summary>There, but not live.</summary>
    public static BsonDocument Dead(string key, DateTimeOffset now) => ById(key).Add("$nor", LifeOf(now));

    public static BsonDocument AllLive(DateTimeOffset now) => Any.Add("$or", LifeOf(now));

    public static BsonDocument LiveOf(string subject, DateTimeOffset now) => Any.Add(Subject, subject).Add("$or", LifeOf(now));

    public static BsonDocument Expired(DateTimeOffset now) => new(Expires, new BsonDocument("$lte", Date(now)));

    /// <summary>Narrows a filter to documents that still hold what was loaded.</summary>
    public static BsonDocument StillHolding(this BsonDocument filter, StoredSession stored, string? subject) => filter
        .Add(Session, new BsonDocument("$eq", stored.ToBson()))
        .Add(Subject, subject is null ? BsonNull.Value : subject);

    /// <summary>Puts content into a document: a new one, or one whose other fields are somebody else's.</summary>
    public static BsonDocument Fill(BsonDocument document, string key, StoredSession stored, in SessionContent content, MongoStoreOptions options, DateTimeOffset now)
    {
        document[Id] = key;
        foreach (var change in Changes(stored, content, options, now))
        {
            if (change.Value.IsBsonNull)
                document.Remove(change.Name);
            else
                document[change.Name] = change.Value;
        }

        if (options.Timestamps && !document.Contains(CreatedAt))
            document[CreatedAt] = Date(now);

        return document;
    }

    /// <summary>The update that puts content into a document that is there, or may be there.</summary>
    public static BsonDocument Update(StoredSession stored, in SessionContent content, MongoStoreOptions options, DateTimeOffset now, bool upsert = false)
    {
        var set = Changes(stored, content, options, now);
        var unset = new BsonDocument();
        foreach (var name in (ReadOnlySpan<string>)[Expires, Subject])
        {
            if (set[name].IsBsonNull)
            {
                set.Remove(name);
                unset.Add(name, "");
            }
        }

        var update = new BsonDocument("$set", set);
        if (unset.ElementCount > 0)
            update.Add("$unset", unset);

        if (upsert && options.Timestamps)
            update.Add("$setOnInsert", new BsonDocument(CreatedAt, Date(now)));

        return update;
    }

    /// <summary>The update that moves the expiry forward, never back.</summary>
    public static BsonDocument Extension(DateTimeOffset expiresAt, MongoStoreOptions options, DateTimeOffset now)
    {
        var update = expiresAt == SessionExpiry.Never
            ? new BsonDocument("$unset", new BsonDocument(Expires, ""))
            : new BsonDocument("$max", new BsonDocument(Expires, Date(expiresAt)));

        var stamps = new BsonDocument();
        Stamp(stamps, options, now);
        return stamps.ElementCount > 0 ? update.Add("$set", stamps) : update;
    }

    /// <summary>The fields that a write sets; null for those that it removes.</summary>
    private static BsonDocument Changes(StoredSession stored, in SessionContent content, MongoStoreOptions options, DateTimeOffset now)
    {
        var changes = new BsonDocument
        {
            { Session, stored.ToBson() },
            { Expires, content.ExpiresAt == SessionExpiry.Never ? BsonNull.Value : Date(content.ExpiresAt) },
            { Subject, content.Subject is null ? BsonNull.Value : content.Subject },
        };
        Stamp(changes, options, now);
        return changes;
    }

    private static void Stamp(BsonDocument changes, MongoStoreOptions options, DateTimeOffset now)
    {
        if (options.TouchAfter > TimeSpan.Zero)
            changes.Add(LastModified, Date(now));

        if (options.Timestamps)
            changes.Add(UpdatedAt, Date(now));
    }

    private static BsonArray LifeOf(DateTimeOffset now) =>
    [
        EndsNever,
        new BsonDocument(Expires, new BsonDocument("$gt", Date(now))),
    ];
}
