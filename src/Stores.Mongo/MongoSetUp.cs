using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.Mongo;

/// <summary>Creates the indexes of the collection: <c>expires_1</c>, as connect-mongo does, <c>moved.until_1</c>, <c>subject_1__id_1</c>, and with
/// <see cref="MongoStoreOptions.Keys"/> <c>key_1__id_1</c>.</summary>
internal sealed class MongoSetUp(Deadline deadline, MongoStoreOptions options, ILogger logger)
{
    private static readonly CreateIndexModel<BsonDocument> OnExpires = new(
        new BsonDocument(MongoCommands.Expires, 1),
        new CreateIndexOptions { Name = "expires_1", ExpireAfter = TimeSpan.Zero });

    private static readonly CreateIndexModel<BsonDocument> OnMoved = new(
        new BsonDocument(MongoCommands.MovedUntil, 1),
        new CreateIndexOptions { Name = "moved.until_1", ExpireAfter = TimeSpan.Zero, Sparse = true });

    private readonly Lock _gate = new();
    private Task? _done;

    /// <summary>Sets up before the first write, once for all callers; the next write tries again when it failed.</summary>
    public Task OnceAsync(IMongoCollection<BsonDocument> collection, CancellationToken cancellationToken)
    {
        if (_done is { IsCompletedSuccessfully: true })
            return Task.CompletedTask;

        lock (_gate)
        {
            if (_done is null or { IsFaulted: true } or { IsCanceled: true })
                _done = Task.Run(FirstAsync, CancellationToken.None);

            return _done.WaitAsync(cancellationToken);
        }

        // With a deadline of its own: the caller that happens to be the first must not end it for the others.
        async Task FirstAsync() => await deadline.RunAsync(
            (SetUp: this, Collection: collection),
            static (state, call) => state.SetUp.RunAsync(state.Collection, call.Token),
            deadline.Start(),
            CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Creates what is missing. Looks first, so that a user without the right to create indexes can work with those that exist.</summary>
    /// <exception cref="SessionStoreException">An index has other options (<see cref="SessionStoreFault.Misconfigured"/>).</exception>
    public async Task<bool> RunAsync(IMongoCollection<BsonDocument> collection, CancellationToken cancellationToken)
    {
        using var cursor = await collection.Indexes.ListAsync(cancellationToken).ConfigureAwait(false);
        var present = await cursor.ToListAsync(cancellationToken).ConfigureAwait(false);

        var missing = new List<CreateIndexModel<BsonDocument>>();
        if (options.AutoRemove == AutoRemove.Native
            && !IsPresent(present, MongoCommands.Expires, IsTtl, "expireAfterSeconds: 0", "or set AutoRemove to Interval or Disabled"))
        {
            missing.Add(OnExpires);
        }

        // Whoever else removes expired documents does not know about the links of rotations.
        if (options.AutoRemove != AutoRemove.Interval
            && !IsPresent(present, MongoCommands.MovedUntil, IsTtl, "expireAfterSeconds: 0, sparse: true", "or set AutoRemove to Interval"))
        {
            missing.Add(OnMoved);
        }

        AddMembers(MongoCommands.Subject);
        if (options.Keys)
            AddMembers(MongoCommands.SessionKey);

        if (missing.Count > 0)
            await MongoConnection.SendAsync(() => collection.Indexes.CreateManyAsync(missing, cancellationToken)).ConfigureAwait(false);

        foreach (var index in missing)
            Log.IndexCreated(logger, index.Options.Name);

        _done = Task.CompletedTask;
        return true;

        void AddMembers(string field)
        {
            var index = MembersBy(field);

            // One on the field only, as older versions created it, is used as it is: a second one would cost every write.
            if (!IsPresent(present, field, static index => !IsPartial(index), "sparse: true", "and the store creates its own")
                && !IsPresent(present, FieldAndId(field), index.Options.Name, found => HasAll(found, field), $"partialFilterExpression: {{ {field}: {{ $exists: true }} }}", "and the store creates it again"))
            {
                missing.Add(index);
            }
        }
    }

    /// <summary>Has the sessions of a subject or key in the order of their pages. Partial, since every document has an id: a sparse index would have all.</summary>
    private static CreateIndexModel<BsonDocument> MembersBy(string field) => new(
        FieldAndId(field),
        new CreateIndexOptions<BsonDocument> { Name = $"{field}_1__id_1", PartialFilterExpression = Has(field) });

    private static BsonDocument FieldAndId(string field) => new() { { field, 1 }, { MongoCommands.Id, 1 } };

    private static BsonDocument Has(string field) => new(field, new BsonDocument("$exists", true));

    private static bool IsPresent(List<BsonDocument> present, string field, Func<BsonDocument, bool> fits, string wanted, string otherwise) =>
        IsPresent(present, new BsonDocument(field, 1), field + "_1", fits, wanted, otherwise);

    private static bool IsPresent(List<BsonDocument> present, BsonDocument key, string name, Func<BsonDocument, bool> fits, string wanted, string otherwise)
    {
        var index = present.Find(index => index.TryGetValue("key", out var found) && found == key)
            ?? present.Find(index => index.GetValue("name", "") == name);

        if (index is null)
            return false;

        if (index["key"] == key && !IsUnique(index) && fits(index))
            return true;

        throw new SessionStoreException(nameof(MongoStore), "SetUp", SessionStoreFault.Misconfigured,
            $"The collection has an index \"{index.GetValue("name", name)}\" with other options than {{ {string.Join(", ", key.Names.Select(static field => $"{field}: 1"))} }}, {wanted}. Drop it, {otherwise}.");
    }

    private static bool IsTtl(BsonDocument index) =>
        index.TryGetValue("expireAfterSeconds", out var seconds) && seconds.IsNumeric && seconds.ToDouble() == 0 && !IsPartial(index);

    private static bool HasAll(BsonDocument index, string field) => index.GetValue("partialFilterExpression", Has(field)) == Has(field);

    private static bool IsUnique(BsonDocument index) => index.GetValue("unique", false).ToBoolean();

    private static bool IsPartial(BsonDocument index) => index.Contains("partialFilterExpression");
}
