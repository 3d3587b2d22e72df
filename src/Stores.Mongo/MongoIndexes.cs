using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.Mongo;

/// <summary>The indexes of the collection: <c>expires_1</c>, which connect-mongo makes too, and <c>subject_1</c>.</summary>
internal sealed class MongoIndexes(MongoStoreOptions options, ILogger logger)
{
    private static readonly CreateIndexModel<BsonDocument> OnExpires = new(
        new BsonDocument(SessionDocument.Expires, 1),
        new CreateIndexOptions { Name = "expires_1", ExpireAfter = TimeSpan.Zero });

    private static readonly CreateIndexModel<BsonDocument> OnSubject = new(
        new BsonDocument(SessionDocument.Subject, 1),
        new CreateIndexOptions { Name = "subject_1", Sparse = true });

    /// <summary>Makes what is missing. Looks first, so that a user without the right to make indexes can work with those that are there.</summary>
    /// <exception cref="SessionStoreException">An index has other options (<see cref="SessionStoreFault.Misconfigured"/>).</exception>
    public async Task EnsureAsync(IMongoCollection<BsonDocument> collection, CancellationToken cancellationToken)
    {
        using var cursor = await collection.Indexes.ListAsync(cancellationToken).ConfigureAwait(false);
        var present = await cursor.ToListAsync(cancellationToken).ConfigureAwait(false);

        var missing = new List<CreateIndexModel<BsonDocument>>();
        if (options.AutoRemove == AutoRemove.Native && !IsPresent(present, SessionDocument.Expires, IsTtl, "expireAfterSeconds: 0", "or set AutoRemove to Interval or Disabled"))
            missing.Add(OnExpires);

        if (!IsPresent(present, SessionDocument.Subject, static index => !IsPartial(index), "sparse: true", "and the store makes it again"))
            missing.Add(OnSubject);

        if (missing.Count == 0)
            return;

        await collection.Indexes.CreateManyAsync(missing, cancellationToken).ConfigureAwait(false);
        foreach (var index in missing)
            Log.IndexMade(logger, index.Options.Name);
    }

    private static bool IsPresent(List<BsonDocument> present, string field, Func<BsonDocument, bool> fits, string wanted, string otherwise)
    {
        var key = new BsonDocument(field, 1);
        var index = present.Find(index => index.TryGetValue("key", out var found) && found == key)
            ?? present.Find(index => index.GetValue("name", "") == field + "_1");

        if (index is null)
            return false;

        if (index["key"] == key && !IsUnique(index) && fits(index))
            return true;

        throw new SessionStoreException(
            nameof(MongoStore),
            "SetUp",
            SessionStoreFault.Misconfigured,
            $"The collection has an index \"{index.GetValue("name", field + "_1")}\" with other options than {{ {field}: 1 }}, {wanted}. Drop it, {otherwise}.");
    }

    private static bool IsTtl(BsonDocument index) =>
        index.TryGetValue("expireAfterSeconds", out var seconds) && seconds.IsNumeric && seconds.ToDouble() == 0 && !IsPartial(index);

    private static bool IsUnique(BsonDocument index) => index.GetValue("unique", false).ToBoolean();

    private static bool IsPartial(BsonDocument index) => index.Contains("partialFilterExpression");
}
