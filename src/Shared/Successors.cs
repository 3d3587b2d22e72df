namespace SessionStores;

/// <summary>Follows the links of rotations to a live session, for stores whose server has a command for one link.</summary>
internal static class Successors
{
    /// <param name="id">The old id, as the server has it.</param>
    /// <param name="next">Finds what an id became by one rotation, and how much of the life of that link is left; null without a link.</param>
    /// <param name="read">Reads the live session under such an id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async ValueTask<SessionSuccessor?> FindAsync(
        string id,
        Func<string, CancellationToken, ValueTask<(string NewId, TimeSpan Left)?>> next,
        Func<string, CancellationToken, ValueTask<SessionRecord?>> read,
        CancellationToken cancellationToken)
    {
        var age = TimeSpan.Zero;
        for (var rotations = 1; rotations <= RotationLink.MaxHops; rotations++)
        {
            if (await next(id, cancellationToken).ConfigureAwait(false) is not { } link)
                return null;

            if (rotations == 1)
                age = RotationLink.AgeOf(link.Left);

            // The session is looked for before the next link: what is not there was rotated on or has ended, and its link is there by now.
            id = link.NewId;
            if (await read(id, cancellationToken).ConfigureAwait(false) is { } session)
                return new SessionSuccessor(session, age, rotations);
        }

        return null;
    }
}
