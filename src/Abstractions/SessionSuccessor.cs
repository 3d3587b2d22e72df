namespace SessionStores;

/// <summary>The session that a rotated id became.</summary>
/// <param name="session">The session under its present id.</param>
/// <param name="age">How long ago the old id was rotated, by the clock of the store.</param>
/// <param name="rotations">How many rotations are between the old id and the present one.</param>
public sealed class SessionSuccessor(SessionRecord session, TimeSpan age, int rotations)
{
    /// <summary>The session under its present id, which is a secret that whoever has the old id must not learn.</summary>
    public SessionRecord Session { get; } = session;

    /// <summary>How long ago the old id was rotated, by the clock of the store: 0 to 5 minutes, to the step in which the store keeps expiries.</summary>
    public TimeSpan Age { get; } = age;

    /// <summary>How many rotations are between the old id and the present one: 1 to 16.</summary>
    public int Rotations { get; } = rotations;
}
