namespace SessionStores.Moving;

/// <summary>What a <see cref="SessionMover"/> has done with the sessions of the old side.</summary>
public sealed record SessionMoveCounts
{
    /// <summary>Sessions that this run moved to the new side.</summary>
    public long Moved { get; init; }

    /// <summary>Sessions that were on the new side already: a request or another run moved them in the meantime.</summary>
    public long AlreadyThere { get; init; }

    /// <summary>Sessions that were logged out, rotated or expired before they could be moved.</summary>
    public long Ended { get; init; }

    /// <summary>Sessions whose records cannot be read. They are left as they are.</summary>
    public long Unreadable { get; init; }

    /// <summary>Sessions that could not be moved. They are still on the old side, where requests find them.</summary>
    public long Failed { get; init; }

    /// <summary>The first sessions that were left on the old side, at most 20, each with its handle (<see cref="SessionDifference.Handle"/>) and
    /// the reason.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    /// <summary>All sessions that were looked at.</summary>
    public long Seen => Moved + AlreadyThere + Ended + Left;

    /// <summary>The sessions that are still on the old side.</summary>
    public long Left => Unreadable + Failed;
}
