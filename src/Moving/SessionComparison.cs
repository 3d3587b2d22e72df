namespace SessionStores.Moving;

/// <summary>What a <see cref="SessionMover"/> has found on the old side, compared with the new side.</summary>
public sealed record SessionComparison
{
    /// <summary>The sessions of the old side, by how they are on the new side.</summary>
    public IReadOnlyDictionary<SessionDifferenceKind, long> Found { get; init; } = new Dictionary<SessionDifferenceKind, long>();

    /// <summary>Records of the old side that cannot be read.</summary>
    public long Unreadable { get; init; }

    /// <summary>The first differences, at most 100.</summary>
    public IReadOnlyList<SessionDifference> Differences { get; init; } = [];

    /// <summary>The sessions of the old side.</summary>
    public long OldSide => Found.Values.Sum() + Unreadable;

    /// <summary>Whether the move is complete: nothing is left on the old side.</summary>
    public bool IsMoved => OldSide == 0;

    /// <summary>Whether each session of the old side is on the new side with the same payload, subject and lifetime.</summary>
    public bool IsCopied => Unreadable == 0 && Found.All(found => found.Key == SessionDifferenceKind.Same || found.Value == 0);
}
