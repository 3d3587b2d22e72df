namespace SessionStores.Http.Run;

/// <summary>A site on a store, in a process of its own.</summary>
/// <param name="Store">The store and its server, as the command line names them.</param>
/// <param name="Site">plain, raw, own, framework, framework-async, express or express-plain.</param>
internal sealed record Contestant(string Store, string Site)
{
    public string Name => $"{Store}/{Site}";

    /// <summary>The store without what distinguishes its servers.</summary>
    public string Kind => Store switch
    {
        "valkey" => "redis",
        "postgres-no-fsync" => "postgres",
        _ => Store,
    };

    public bool IsNode => Site is "express-plain" or "express";

    public bool HasSessions => Site is not ("plain" or "raw" or "express-plain");

    /// <summary>What is measured.</summary>
    public IReadOnlyList<string> Actions => (Store, Site) switch
    {
        ("memory", "own") => ["read", "change", Cell.NoCookie],
        (_, "plain") => ["read", Cell.NoCookie],
        (_, "express-plain") => ["read"],
        _ => ["read", "change"],
    };
}
