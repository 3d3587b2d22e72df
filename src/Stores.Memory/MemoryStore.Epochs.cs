namespace SessionStores.Memory;

/// <content>The end of all sessions of a subject.</content>
public sealed partial class MemoryStore
{
    /// <inheritdoc/>
    /// <remarks>Removes the sessions, for which the store is locked: it keeps no epoch, since no session of before is left.</remarks>
    public async ValueTask VoidBySubjectAsync(string subject, CancellationToken cancellationToken = default) =>
        await DestroyBySubjectAsync(subject, null, cancellationToken).ConfigureAwait(false);
}
