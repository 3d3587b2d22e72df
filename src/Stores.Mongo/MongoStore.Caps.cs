using static SessionStores.Mongo.MongoCommands;

namespace SessionStores.Mongo;

/// <content>Writes with a cap, without transactions.</content>
/// <remarks>
/// <para>A log-in that may be refused takes a place in the document of its subject, and sees those before it in the same step; then it counts the live sessions.
/// A log-in that was admitted before still has its place or has stored its session, so that one of the two is counted. A place that a process leaves behind ends by itself.</para>
/// <para>A log-in that ends the oldest stores its session first, and then ends those before the newest ones. Each does so after its own write, so the last of them sees
/// all others, and as many as allowed remain; for a moment there are more.</para>
/// </remarks>
public sealed partial class MongoStore
{
    /// <summary>The most calls that follow on a place, one after the other.</summary>
    private const int CallsOfAnAdmission = 4;

    private static readonly TimeSpan ShortestPlace = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidCap(content, cap);
        content = CheckedCopy(content);
        var key = KeyOf(id);
        return AdmitAsync(new Admission("Create", key, key, null, content.Subject!, cap), () => CreateAsync(id, content, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidVersion(version);
        SessionArguments.ThrowIfInvalidCap(content, cap);
        content = CheckedCopy(content);
        var key = KeyOf(id);
        return AdmitAsync(new Admission("Replace", key, key, version, content.Subject!, cap), () => ReplaceAsync(id, version, content, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> RotateAsync(
        string id, string newId, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidId(newId);
        SessionArguments.ThrowIfInvalidVersion(version);
        SessionArguments.ThrowIfInvalidCap(content, cap);
        if (id == newId)
            throw new ArgumentException("The new id must differ from the old one.", nameof(newId));

        content = CheckedCopy(content);
        return AdmitAsync(new Admission("Rotate", KeyOf(id), KeyOf(newId), version, content.Subject!, cap), () => RotateAsync(id, newId, version, content, cancellationToken), cancellationToken);
    }

    private async ValueTask<SessionWriteResult> AdmitAsync(Admission admission, Func<ValueTask<SessionWriteResult>> write, CancellationToken cancellationToken)
    {
        if (admission.Loaded is { } loaded && !await JoinsAsync(admission, loaded, cancellationToken).ConfigureAwait(false))
            return await write().ConfigureAwait(false);

        if (admission.Cap.EndsOldest)
        {
            var result = await write().ConfigureAwait(false);
            if (result.Status == SessionWriteStatus.Written)
                await EndOldestAsync(admission).ConfigureAwait(false);

            return result;
        }

        if (await RefusalOfAsync(admission, cancellationToken).ConfigureAwait(false) is { } refusal)
            return SessionWriteResult.NotWritten(refusal);

        var written = await write().ConfigureAwait(false);
        await _connection.RunAsync(admission.Operation, (collection, token) => LeavePlaceAsync(collection, admission.Subject, admission.NewKey, token), CancellationToken.None).ConfigureAwait(false);
        return written;
    }

    /// <summary>Whether the write would give its subject one more session: it is still what was loaded, and has another subject.</summary>
    private ValueTask<bool> JoinsAsync(Admission admission, SessionVersion loaded, CancellationToken cancellationToken) =>
        _connection.RunAsync(admission.Operation, async (collection, token) =>
            await FindAsync(collection, Live(admission.Key).StillHolding(loaded), SubjectOfOne, token).ConfigureAwait(false) is { } found && !found.HasSubject(admission.Subject), cancellationToken);

    /// <summary>Takes a place if one is free; otherwise returns what to return.</summary>
    private ValueTask<SessionWriteStatus?> RefusalOfAsync(Admission admission, CancellationToken cancellationToken)
    {
        var life = CallsOfAnAdmission * _options.OperationTimeout;
        return _connection.RunAsync<SessionWriteStatus?>(admission.Operation, async (collection, token) =>
        {
            await _setUp.OnceAsync(collection, token).ConfigureAwait(false);
            var others = await TakePlaceAsync(collection, admission.Subject, admission.NewKey, life > ShortestPlace ? life : ShortestPlace, token).ConfigureAwait(false);
            others.UnionWith(await MembersAsync(collection, admission.Subject, token).ConfigureAwait(false));
            others.Remove(admission.Key);
            var isTaken = admission.Operation != "Replace" && await ExistsAsync(collection, Live(admission.NewKey), token).ConfigureAwait(false);
            if (!isTaken && others.Count < admission.Cap.Most)
                return null;

            await LeavePlaceAsync(collection, admission.Subject, admission.NewKey, token).ConfigureAwait(false);
            return isTaken ? SessionWriteStatus.Taken : SessionWriteStatus.Full;
        }, cancellationToken);
    }

    /// <summary>Ends all sessions of a subject but the newest. Once the new one is stored, a cancellation would leave too many.</summary>
    private async ValueTask EndOldestAsync(Admission admission)
    {
        try
        {
            await _connection.RunAsync(admission.Operation, async (collection, token) =>
            {
                var members = await MembersAsync(collection, admission.Subject, token).ConfigureAwait(false);
                return await EndAllAsync(collection, admission.Operation, Members.OfSubject(admission.Subject), [.. members.Skip(admission.Cap.Most).Order(StringComparer.Ordinal)], null, token).ConfigureAwait(false);
            }, CancellationToken.None).ConfigureAwait(false);
        }
        catch (SessionStoreException exception) when (!exception.MayHaveWritten)
        {
            throw WriteOutcome.AfterWrite(exception);
        }
    }

    /// <summary>A write with a cap.</summary>
    /// <param name="Operation">The operation, for exceptions.</param>
    /// <param name="Key">The stored id of the session that is written over, or of the new one.</param>
    /// <param name="NewKey">The stored id that the session will have.</param>
    /// <param name="Loaded">The version that the write expects; null for a creation.</param>
    /// <param name="Subject">The subject.</param>
    /// <param name="Cap">The cap.</param>
    private sealed record Admission(string Operation, string Key, string NewKey, SessionVersion? Loaded, string Subject, SessionCap Cap);
}
