namespace SessionStores.Http.Run;

/// <summary>One who takes part: a site on a store, in a process of its own.</summary>
/// <param name="Store">The store, as the command line names it.</param>
/// <param name="Site">plain, raw, own, framework, framework-async or express.</param>
internal sealed record Contestant(string Store, string Site)
{
    public string Name => $"{Store}/{Site}";

    /// <summary>Those who came before us.</summary>
    public bool IsIncumbent => Site is not ("plain" or "raw" or "own");

    public bool IsNode => Site is "express-plain" or "express";

    public bool HasSessions => Site is not ("plain" or "raw" or "express-plain");

    /// <summary>What is measured: "anonymous" is a read without a cookie.</summary>
    public IReadOnlyList<string> Actions => Site switch
    {
        "plain" => ["read", "anonymous"],
        "express-plain" => ["read"],
        "own" => ["read", "change", "anonymous"],
        _ => ["read", "change"],
    };

    /// <summary>Everybody; a quick comparison, which is about the targets, leaves out the incumbents.</summary>
    public static IEnumerable<Contestant> All(IReadOnlyCollection<string> stores, bool hasNode, bool isQuick)
    {
        foreach (var store in stores)
        {
            // Ours comes first, for the bare endpoints read what it has stored.
            yield return new Contestant(store, "own");
            yield return new Contestant(store, store == "memory" ? "plain" : "raw");
            if (isQuick)
                continue;

            if (store is "memory" or "redis")
                yield return new Contestant(store, "framework");

            if (store == "redis")
                yield return new Contestant(store, "framework-async");

            if (!hasNode)
                continue;

            if (store == "memory")
                yield return new Contestant(store, "express-plain");

            yield return new Contestant(store, "express");
        }
    }
}
