using System.Diagnostics;

namespace SessionStores.AspNetCore;

/// <summary>Creates the spans of calls to the store.</summary>
internal static class StoreSpans
{
    private const string StoreSuffix = "Store";

    public static ActivitySource Source { get; } = new(SessionStoresTelemetry.ActivitySourceName);

    public static Activity? Start(string operation, string system)
    {
        var activity = Source.StartActivity(operation, ActivityKind.Client);
        return activity?.SetTag("db.system.name", system).SetTag("db.operation.name", operation);
    }

    /// <summary>The name of a store's server in the conventions; for a store of another package the name of its class.</summary>
    public static string SystemOf(ISessionStore store)
    {
        var name = store.GetType().Name;
        return name switch
        {
            "PostgresStore" => "postgresql",
            "MongoStore" => "mongodb",
            _ when name.EndsWith(StoreSuffix, StringComparison.Ordinal) && name.Length > StoreSuffix.Length => name[..^StoreSuffix.Length].ToLowerInvariant(),
            _ => name.ToLowerInvariant(),
        };
    }
}
