namespace SessionStores.Backends.Tests;

/// <summary>Tests that change environment variables run with no other test beside them.</summary>
[CollectionDefinition(nameof(EnvironmentCollection), DisableParallelization = true)]
public sealed class EnvironmentCollection;
