using System.Text.Json;
using System.Text.Json.Nodes;
using SessionStores.AspNetCore;
using SessionStores.Interop.Tests.Servers;

namespace SessionStores.Interop.Tests.Sites;

/// <summary>An ASP.NET Core site on Kestrel, with the same paths as <c>node/site.js</c>.</summary>
internal sealed class DotNetSite : Site
{
    private readonly WebApplication _app;

    private DotNetSite(WebApplication app)
        : base(Runtime.DotNet, new Uri(app.Urls.First()))
    {
        _app = app;
    }

    /// <summary>The store of the site, by what it offers.</summary>
    public ISessionSubjects Subjects => (ISessionSubjects)_app.Services.GetRequiredService<ISessionStore>();

    /// <inheritdoc cref="Subjects"/>
    public ISessionPruning Pruning => (ISessionPruning)_app.Services.GetRequiredService<ISessionStore>();

    /// <summary>Looks for a session without extending it.</summary>
    public Task<HttpSession?> FindAsync(string id) => _app.Services.GetRequiredService<SessionAccess>().LoadAsync(id);

    public static async Task<Site> StartAsync(SharedServer server, SiteOptions options)
    {
        // Every site would watch the settings file, and a machine may watch only so many.
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        server.Use(builder.Services.AddSessionStores(stores => Configure(stores, options)), options);
        builder.Services.AddSingleton<DotNetGates>();
        builder.Services.AddSingleton<TimeProvider>(new ShiftedClock(options.ClockAhead));

        var app = builder.Build();
        app.Use(SayWhatFailedAsync);
        app.MapGet("/gate/{name}/reached", (DotNetGates gates, string name) => gates.ReachedAsync(name));
        app.MapPost("/gate/{name}/open", (DotNetGates gates, string name) => gates.Open(name));
        app.UseSessionStores();

        app.MapPost("/login", async (HttpSession session, HttpRequest request) =>
        {
            var form = await request.ReadFormAsync();
            await session.RegenerateAsync();
            session.Set("email", form["email"].ToString());
            return Results.Redirect("/me");
        }).DisableAntiforgery();
        app.MapGet("/me", (HttpSession session) => session.Get<string>("email") ?? "anonymous");
        app.MapPost("/logout", async (HttpSession session) =>
        {
            await session.DestroyAsync();
            return Results.Redirect("/me");
        });

        app.MapPost("/steps", async (HttpContext context, HttpSession session, DotNetGates gates) =>
            await RunAsync(context, session, gates));
        app.MapPost("/late", async (HttpContext context, HttpSession session, DotNetGates gates) =>
        {
            var steps = await ReadAsync(context);
            await context.Response.WriteAsync("early ");
            await context.Response.Body.FlushAsync();
            await DoAllAsync(context, session, gates, steps);
            await context.Response.WriteAsync("late");
        });

        await app.StartAsync();
        return new DotNetSite(app) { ClockAhead = options.ClockAhead };
    }

    public override async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await base.DisposeAsync();
    }

    private static void Configure(SessionStoresOptions stores, SiteOptions options)
    {
        foreach (var secret in options.SecretList)
            stores.Secrets.Add(secret);

        stores.AllowWeakSecrets = true; // as the Express sites have them
        stores.Name = options.Name;
        stores.Resave = options.Resave;
        stores.SaveUninitialized = options.SaveUninitialized;
        stores.Rolling = options.Rolling;
        stores.TouchAfter = options.TouchAfter;
        stores.Proxy = options.TrustsProxy ? true : null;
        if (options.IdsAre is { } id)
            stores.GenerateId = _ => id;

        stores.Cookie.MaxAge = options.MaxAge is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;
        stores.Cookie.Path = options.Path;
        stores.Cookie.Domain = options.Domain;
        stores.Cookie.HttpOnly = options.HttpOnly;
        stores.Cookie.Secure = options.Secure switch
        {
            "true" => SessionCookieSecurity.Always,
            "auto" => SessionCookieSecurity.Auto,
            _ => SessionCookieSecurity.Never,
        };
        stores.Cookie.SameSite = options.SameSite is null ? SessionSameSite.Unset : Enum.Parse<SessionSameSite>(options.SameSite, ignoreCase: true);
        stores.Cookie.Partitioned = options.Partitioned;
        stores.Cookie.Priority = options.Priority is null ? SessionCookiePriority.Unset : Enum.Parse<SessionCookiePriority>(options.Priority, ignoreCase: true);
    }

    private static async Task RunAsync(HttpContext context, HttpSession session, DotNetGates gates)
    {
        var results = await DoAllAsync(context, session, gates, await ReadAsync(context));
        await context.Response.WriteAsJsonAsync(new JsonObject { ["results"] = results }, new JsonSerializerOptions { MaxDepth = 2000 });
    }

    private static async Task<JsonArray> DoAllAsync(HttpContext context, HttpSession session, DotNetGates gates, JsonElement steps)
    {
        var results = new JsonArray();
        foreach (var step in steps.EnumerateArray())
            results.Add(await DotNetOperations.DoAsync(context, session, gates, step));

        return results;
    }

    private static async Task<JsonElement> ReadAsync(HttpContext context)
    {
        using var document = await JsonDocument.ParseAsync(context.Request.Body, new JsonDocumentOptions { MaxDepth = 2000 });
        return document.RootElement.Clone();
    }

    private static async Task SayWhatFailedAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception failure) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            await context.Response.WriteAsync(failure.ToString());
        }
    }

    /// <summary>A clock that is ahead of the machine's.</summary>
    private sealed class ShiftedClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
