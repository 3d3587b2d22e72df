using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SessionStores.AspNetCore;

/// <summary>What all requests of one set of sessions share.</summary>
internal sealed class SessionRuntime
{
    public SessionRuntime(string name, SessionStoresOptions options, ISessionStore store, TimeProvider clock, SessionMetrics metrics, ILogger logger)
    {
        Name = name;
        Options = options;
        Clock = clock;
        Metrics = metrics;
        Logger = logger;
        Calls = new StoreCalls(store, metrics, options.OperationTimeout, clock);
        Secrets = [.. options.Secrets];
        Cookies = new CookieReader(options.Name, Secrets);
        Saver = new SessionSaver(this);

        // Until its options are read-only, System.Text.Json describes a type anew, by reflection, each time it is asked for.
        if (options.Json.TypeInfoResolver is not null)
            options.Json.MakeReadOnly();
    }

    public string Name { get; }

    public SessionStoresOptions Options { get; }

    public SessionSecret[] Secrets { get; }

    public CookieReader Cookies { get; }

    public StoreCalls Calls { get; }

    public SessionSaver Saver { get; }

    public TimeProvider Clock { get; }

    public SessionMetrics Metrics { get; }

    public ILogger Logger { get; }

    /// <summary>Whether the outage policy covers a failure; mistakes in the set-up are never covered.</summary>
    public static bool IsOutage(SessionStoreException failure) =>
        failure.Fault is SessionStoreFault.Unavailable or SessionStoreFault.Timeout or SessionStoreFault.ReadOnly or SessionStoreFault.Failed;

    public JsonTypeInfo<T> TypeInfo<T>() => (JsonTypeInfo<T>)Options.Json.GetTypeInfo(typeof(T));

    public string NewId(HttpContext? context)
    {
        if (Options.GenerateId is null || context is null)
            return SessionIds.Generate();

        var id = Options.GenerateId(context);
        return SessionIds.IsValid(id)
            ? id
            : throw new InvalidOperationException("SessionStoresOptions.GenerateId must answer an id of 1 to 256 characters without control characters.");
    }

    public SessionCookieOptions CookieOptions(HttpContext? context)
    {
        if (Options.CookieFor is null || context is null)
            return Options.Cookie;

        return Options.CookieFor(context) ?? throw new InvalidOperationException("SessionStoresOptions.CookieFor must not answer null.");
    }

    /// <summary>Reads what a store answered, or says why it cannot be read.</summary>
    public SessionData Read(SessionRecord record) => SessionData.TryRead(record, Clock, out var data)
        ? data
        : throw new SessionStoreException(nameof(HttpSession), "Load", SessionStoreFault.Unreadable,
            "The stored record is no session: it must be a JSON object with a cookie of the types that express-session writes.");
}
