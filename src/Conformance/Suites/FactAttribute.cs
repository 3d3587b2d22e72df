namespace SessionStores.Conformance.Suites;

/// <summary>Marks a case.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactAttribute : Attribute;
