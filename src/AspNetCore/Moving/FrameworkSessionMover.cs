using Microsoft.Extensions.Caching.Distributed;

namespace SessionStores.AspNetCore;

/// <summary>Moves a session of ASP.NET Core's own middleware into the store of a set, at the first request that brings its cookie.</summary>
/// <remarks>
/// The order of the steps loses nothing, whichever step a crash comes after, and brings no ended session back (see docs/decisions):
/// <list type="number">
/// <item>Read the old record.</item>
/// <item>Create a session with its values under a new id, which only this request knows.</item>
/// <item>Add the old key to <see cref="MovedKeys"/>. Of several requests one succeeds; the others remove the session that they have created, and
/// use that of the first.</item>
/// <item>Remove the old record.</item>
/// <item>Send the new cookie, and delete the old one.</item>
/// </list>
/// </remarks>
internal sealed class FrameworkSessionMover(SessionSet set, StoreCalls calls, SessionSaver saver, FrameworkSessions former)
{
    private readonly FrameworkCookie _cookie = new(former.Options, former.Protection, set.Logger);
    private readonly MovedKeys _moved = new(calls, $"framework session {set.Name}");

    /// <summary>Moves the session of the request, if it has one.</summary>
    /// <returns>The cookie that is not needed any longer, null if nothing can be moved; and the id of the session, which may have ended since, null if nothing was moved before.</returns>
    /// <exception cref="SessionStoreException">The cache or the store failed, or the record cannot be read. The session stays where it was, or is where
    /// the next request finds it.</exception>
    public async ValueTask<(FrameworkCookie? Cookie, string? Id)> MoveAsync(SessionRequest request)
    {
        if (_cookie.Read(request.Context) is not { } key)
            return default;

        // Without values it was moved before, has expired, or was emptied by a log-out.
        var members = await ReadAsync(key);
        if (members is null or [])
            return (_cookie, await _moved.FindAsync(key));

        var state = request.NewState();
        if (!state.CanBeStored())
            return default;

        foreach (var (name, json) in members)
            state.Data.Assign(name, json);

        await CreateAsync(state);
        if (!await _moved.TryAddAsync(key, state.Id, former.Options.IdleTimeout))
        {
            await calls.DestroyAsync(state.Id, CancellationToken.None);
            return (_cookie, await _moved.FindAsync(key));
        }

        set.Metrics.Moved("session");
        await RemoveAsync(key);
        return (_cookie, state.Id);
    }

    private async ValueTask CreateAsync(SessionState state)
    {
        try
        {
            await saver.SaveAsync(state, CancellationToken.None);
        }
        catch (SessionPayloadTooLargeException failure)
        {
            throw Unreadable($"The session cannot be moved, because the store does not accept its size. {failure.Message}", failure);
        }
    }

    private async ValueTask<List<(string Name, ReadOnlyMemory<byte> Json)>?> ReadAsync(string key)
    {
        byte[]? record;
        try
        {
            record = await former.Cache.GetAsync(key).WaitAsync(former.Options.IOTimeout, set.Clock);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // A cache throws what its driver throws.
            throw new SessionStoreException(
                nameof(IDistributedCache), "Get", failure is TimeoutException ? SessionStoreFault.Timeout : SessionStoreFault.Failed,
                "The session of ASP.NET Core cannot be read, so that it is not moved yet. Check the distributed cache, or stop moving sessions (MoveFrameworkSessions).", failure, mayHaveWritten: false);
        }

        if (record is null)
            return null;

        return FrameworkRecord.TryRead(record, out var members)
            ? members
            : throw Unreadable("The record is not one of ASP.NET Core's session, or is truncated.", null);
    }

    /// <summary>A record that stays until it expires costs memory only: its key is known to be moved.</summary>
    private async ValueTask RemoveAsync(string key)
    {
        try
        {
            await former.Cache.RemoveAsync(key).WaitAsync(former.Options.IOTimeout, set.Clock);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Log.FrameworkRecordLeft(set.Logger, failure);
        }
    }

    private static SessionStoreException Unreadable(string message, Exception? failure) =>
        new(nameof(IDistributedCache), "Get", SessionStoreFault.Unreadable, message, failure);
}
