namespace SessionStores.Protection;

/// <content>What a rotated id became. The id of that session is in its sealed payload.</content>
public sealed partial class ProtectedStore
{
    /// <inheritdoc/>
    public async ValueTask<SessionSuccessor?> FindSuccessorAsync(string id, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        var inner = Capability<ISessionSuccessors>();
        foreach (var place in PlacesOf(id))
        {
            if (await inner.FindSuccessorAsync(place.Id, cancellationToken).ConfigureAwait(false) is not { } found)
                continue;

            // A change of keys moves a session too, but gives it no other id.
            return OpenListed(found.Session) is { } session && session.Id != id ? new SessionSuccessor(session, found.Age, found.Rotations) : null;
        }

        return null;
    }
}
