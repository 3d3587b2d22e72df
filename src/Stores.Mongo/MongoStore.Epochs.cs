using static SessionStores.Mongo.MongoCommands;

namespace SessionStores.Mongo;

/// <content>The end of all sessions of a subject.</content>
public sealed partial class MongoStore
{
    /// <inheritdoc/>
    /// <remarks>Three commands: the time of the server, one that removes all sessions, one that looks for what was being rotated, with one or two more for each session that was rotated in
    /// the last minutes. Not one step: sessions end one after the other. When the call has returned all are gone that had joined before it began; one that fails or is cancelled may
    /// have ended some, and can be made again. A log-in that is under way may live.</remarks>
    public async ValueTask VoidBySubjectAsync(string subject, CancellationToken cancellationToken = default)
    {
        const string operation = "VoidBySubject";
        SessionArguments.ThrowIfInvalidSubject(subject);
        var members = await _connection.RunAsync(operation, (collection, token) => RemoveMembersAsync(collection, subject, token), cancellationToken).ConfigureAwait(false);
        if (members is null)
            return;

        try
        {
            await EndPagesAsync(operation, members, [], cancellationToken).ConfigureAwait(false);
        }
        catch (SessionStoreException exception) when (!exception.MayHaveWritten)
        {
            throw WriteOutcome.AfterWrite(exception);
        }
    }
}
