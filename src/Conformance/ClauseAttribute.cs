namespace SessionStores.Conformance;

/// <summary>Names the clauses that a case checks and what the fixture has to offer for it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ClauseAttribute(params string[] clauses) : Attribute
{
    public IReadOnlyList<string> Clauses { get; } = clauses;

    public StoreCapabilities Needs { get; init; }

    /// <summary>Whether the case depends on scheduling, so that the report names its seed.</summary>
    public bool Race { get; init; }
}
