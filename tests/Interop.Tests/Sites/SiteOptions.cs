using System.Text.Json.Nodes;

namespace SessionStores.Interop.Tests.Sites;

/// <summary>The options of a site, under the names and with the values of express-session.</summary>
internal sealed record SiteOptions
{
    public const string DefaultSecret = "keyboard cat";

    /// <summary>The secrets, one per line.</summary>
    public string Secrets { get; init; } = DefaultSecret;

    public string Name { get; init; } = "connect.sid";

    /// <summary>An id that every new session of the site gets, or null for random ones.</summary>
    public string? IdsAre { get; init; }

    public bool Resave { get; init; }

    public bool SaveUninitialized { get; init; }

    public bool Rolling { get; init; }

    public bool TrustsProxy { get; init; }

    /// <summary>In milliseconds.</summary>
    public long? MaxAge { get; init; }

    public string Path { get; init; } = "/";

    public string? Domain { get; init; }

    public bool HttpOnly { get; init; } = true;

    /// <summary>Null, <c>true</c> or <c>auto</c>.</summary>
    public string? Secure { get; init; }

    /// <summary>Null, <c>strict</c>, <c>lax</c>, <c>none</c> or <c>auto</c>.</summary>
    public string? SameSite { get; init; }

    public bool Partitioned { get; init; }

    /// <summary>Null, <c>low</c>, <c>medium</c> or <c>high</c>.</summary>
    public string? Priority { get; init; }

    /// <summary>The share of the idle time after which the .NET side touches; Node has no such option and always touches.</summary>
    public double TouchAfter { get; init; } = 0.1;

    /// <summary>The alias of an older release of the Node store.</summary>
    public string? OlderStore { get; init; }

    /// <summary>The time zone of the connections to Postgres; null for the server's.</summary>
    public string? TimeZone { get; init; }

    /// <summary>A name under which the site opens connections of its own to Postgres; null shares those of the other sites.</summary>
    public string? OwnConnections { get; init; }

    /// <summary>Whether MongoDB gets JSON text (true) or sub-documents.</summary>
    public bool Stringify { get; init; } = true;

    /// <summary>How far the clock of the site is ahead of the machine's.</summary>
    public TimeSpan ClockAhead { get; init; }

    public IReadOnlyList<string> SecretList => Secrets.Split('\n');

    /// <summary>The argument of <c>session()</c>.</summary>
    public JsonObject ToExpress()
    {
        var cookie = new JsonObject { ["path"] = Path, ["httpOnly"] = HttpOnly };
        if (MaxAge is { } maxAge)
            cookie["maxAge"] = maxAge;
        if (Domain is not null)
            cookie["domain"] = Domain;
        if (Secure is not null)
            cookie["secure"] = Secure == "auto" ? "auto" : true;
        if (SameSite is not null)
            cookie["sameSite"] = SameSite;
        if (Partitioned)
            cookie["partitioned"] = true;
        if (Priority is not null)
            cookie["priority"] = Priority;

        var options = new JsonObject
        {
            ["secret"] = new JsonArray([.. SecretList.Select(secret => JsonValue.Create(secret))]),
            ["name"] = Name,
            ["resave"] = Resave,
            ["saveUninitialized"] = SaveUninitialized,
            ["rolling"] = Rolling,
            ["unset"] = "destroy",
            ["cookie"] = cookie,
        };
        if (TrustsProxy)
            options["proxy"] = true;
        if (IdsAre is not null)
            options["idsAre"] = IdsAre;

        return options;
    }
}
