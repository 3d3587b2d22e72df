using System.Runtime.CompilerServices;

namespace SessionStores.Protection;

/// <content>Creations, replacements and rotations, with a cap and without.</content>
public sealed partial class ProtectedStore
{
    private ISessionCaps Caps => Capability<ISessionCaps>();

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidCap(content, cap);
        return CreateAsync(id, content, (SessionCap?)cap, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidCap(content, cap);
        return ReplaceAsync(id, version, content, (SessionCap?)cap, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> RotateAsync(
        string id, string newId, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidCap(content, cap);
        return RotateAsync(id, newId, version, content, (SessionCap?)cap, cancellationToken);
    }

    private async ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, SessionCap? cap, CancellationToken cancellationToken)
    {
        SessionArguments.ThrowIfInvalidId(id);
        var places = PlacesOf(id);
        var stored = Seal(places.Keys, id, content);
        if (await IsTakenElsewhereAsync(places, cancellationToken).ConfigureAwait(false))
            return SessionWriteResult.NotWritten(SessionWriteStatus.Taken);

        try
        {
            return await InnerCreateAsync(places.Current, stored, cap, cancellationToken).ConfigureAwait(false);
        }
        catch (SessionPayloadTooLargeException refused)
        {
            throw TooLarge(content, stored, refused);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, SessionCap? cap, CancellationToken cancellationToken)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidVersion(version);
        var places = PlacesOf(id);
        var stored = Seal(places.Keys, id, content);
        try
        {
            foreach (var place in places)
            {
                var result = place.Id == places.Current
                    ? await InnerReplaceAsync(place.Id, version, stored, cap, cancellationToken).ConfigureAwait(false)
                    : await InnerRotateAsync(place.Id, places.Current, version, stored, cap, cancellationToken).ConfigureAwait(false);

                // Taken: another writer has moved the session to the current key, where it is looked at once more.
                if (result.Status is not (SessionWriteStatus.Gone or SessionWriteStatus.Taken))
                    return result;
            }
        }
        catch (SessionPayloadTooLargeException refused)
        {
            throw TooLarge(content, stored, refused);
        }

        return SessionWriteResult.NotWritten(SessionWriteStatus.Gone);
    }

    private async ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, SessionCap? cap, CancellationToken cancellationToken)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidId(newId);
        SessionArguments.ThrowIfInvalidVersion(version);
        if (id == newId)
            throw new ArgumentException("The new id of a rotation must differ from the old one.", nameof(newId));

        var places = PlacesOf(id);
        var newPlaces = PlacesOf(newId, places.Keys);
        var stored = Seal(places.Keys, newId, content);
        if (await IsTakenElsewhereAsync(newPlaces, cancellationToken).ConfigureAwait(false))
            return SessionWriteResult.NotWritten(await StatusOfTakenAsync(places, version, cancellationToken).ConfigureAwait(false));

        try
        {
            foreach (var place in places)
            {
                var result = await InnerRotateAsync(place.Id, newPlaces.Current, version, stored, cap, cancellationToken).ConfigureAwait(false);
                if (result.Status != SessionWriteStatus.Gone)
                    return result;
            }
        }
        catch (SessionPayloadTooLargeException refused)
        {
            throw TooLarge(content, stored, refused);
        }

        return SessionWriteResult.NotWritten(SessionWriteStatus.Gone);
    }

    private ValueTask<SessionWriteResult> InnerCreateAsync(string id, in SessionContent stored, SessionCap? cap, CancellationToken cancellationToken) =>
        cap is { } limit ? Caps.CreateAsync(id, stored, limit, cancellationToken) : _inner.CreateAsync(id, stored, cancellationToken);

    private ValueTask<SessionWriteResult> InnerReplaceAsync(string id, SessionVersion version, in SessionContent stored, SessionCap? cap, CancellationToken cancellationToken) =>
        cap is { } limit ? Caps.ReplaceAsync(id, version, stored, limit, cancellationToken) : _inner.ReplaceAsync(id, version, stored, cancellationToken);

    private ValueTask<SessionWriteResult> InnerRotateAsync(
        string id, string newId, SessionVersion version, in SessionContent stored, SessionCap? cap, CancellationToken cancellationToken) =>
        cap is { } limit ? Caps.RotateAsync(id, newId, version, stored, limit, cancellationToken) : _inner.RotateAsync(id, newId, version, stored, cancellationToken);
}
