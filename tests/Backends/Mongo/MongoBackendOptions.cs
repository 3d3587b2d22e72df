namespace SessionStores.Backends;

/// <summary>How the MongoDB server is to be set.</summary>
public sealed record MongoBackendOptions : BackendOptions
{
    /// <summary>More arguments for <c>mongod</c>, such as <c>["--setParameter", "ttlMonitorEnabled=false"]</c>; not given to a compatible server.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    internal override bool NeedsOwnServer => Arguments.Count > 0;
}
