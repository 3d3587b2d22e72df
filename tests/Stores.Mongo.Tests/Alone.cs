namespace SessionStores.Mongo.Tests;

/// <summary>Tests beside which no other test runs.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
