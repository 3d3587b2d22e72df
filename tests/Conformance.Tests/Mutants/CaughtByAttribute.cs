namespace SessionStores.Conformance.Tests.Mutants;

/// <summary>Names the cases that are meant to catch a mutant, as <c>Group.Case</c>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class CaughtByAttribute(params string[] cases) : Attribute
{
    public IReadOnlyList<string> Cases { get; } = cases;

    /// <summary>After how many seconds a case counts as hanging.</summary>
    public int CaseTimeoutSeconds { get; init; } = 30;
}
