using static SessionStores.Mongo.MongoCommands;

namespace SessionStores.Mongo;

/// <content>What a rotated id became.</content>
public sealed partial class MongoStore
{
    /// <inheritdoc/>
    /// <remarks>A command and a read for each rotation. With <see cref="MongoStoreOptions.TransformId"/> the id of the session is the stored one.</remarks>
    public async ValueTask<SessionSuccessor?> FindSuccessorAsync(string id, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        return await Successors.FindAsync(
            KeyOf(id), FindLinkAsync, (key, token) => ReadAsync(key, key, null, default, null, token), cancellationToken).ConfigureAwait(false);
    }

    private ValueTask<(string NewId, TimeSpan Left)?> FindLinkAsync(string key, CancellationToken cancellationToken) =>
        _connection.RunAsync<(string NewId, TimeSpan Left)?>("FindSuccessor", async (collection, token) =>
            await MongoCommands.FindLinkAsync(collection, key, token).ConfigureAwait(false) is { LinkedTo: { } newKey } link ? (newKey, link.LinkLeft) : null, cancellationToken);
}
