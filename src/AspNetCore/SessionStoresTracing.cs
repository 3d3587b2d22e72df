using System.Diagnostics;

namespace SessionStores.AspNetCore;

/// <summary>The spans of calls to the store, after OpenTelemetry's conventions for database clients.</summary>
/// <remarks>A span is named after its operation (get, create, replace, rotate, touch, destroy) and has <c>db.operation.name</c>,
/// <c>db.system.name</c> (redis, postgresql, mongodb, memory) and, when the call failed, <c>error.type</c>: the
/// <see cref="SessionStoreFault"/> or the type of the exception. None holds an id, a payload or connection text. A driver's own spans are
/// its children.</remarks>
public static class SessionStoresTracing
{
    /// <summary>The name of the activity source, for <c>AddSource</c>.</summary>
    public const string SourceName = "SessionStores";

    private const string StoreSuffix = "Store";

    internal static ActivitySource Source { get; } = new(SourceName);

    internal static Activity? Start(string operation, string system)
    {
        var activity = Source.StartActivity(operation, ActivityKind.Client);
        return activity?.SetTag("db.system.name", system).SetTag("db.operation.name", operation);
    }

    /// <summary>What the conventions call the server of a store; for stores of others the name of their class.</summary>
    internal static string SystemOf(ISessionStore store)
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
