using SessionStores.AspNetCore;

namespace SessionStores.Interop.Tests.Guide;

/// <summary>Snippets of docs/from-express.md: calls.</summary>
internal static class Calls
{
    private static readonly Action<ILogger, Exception?> SignedOut =
        LoggerMessage.Define(LogLevel.Information, new EventId(1, nameof(SignedOut)), "Signed out in another tab.");

    public static void Endpoints(WebApplication app)
    {
        app.MapGet("/profile", (HttpSession session) => session.Get<string>("name") ?? "nobody");

        app.MapPost("/profile", (HttpSession session, Profile profile) => session.Set("profile", profile));

        app.MapGet("/views", (HttpSession session) =>
        {
            session.Update<int>("views", views => views + 1);
            return session.Get<int>("views");
        });
    }

    public static void ANestedChange(HttpSession session)
    {
        session.Update<Profile>("profile", profile => profile! with { Name = "Grace" });
        session.Update<List<string>>("basket", basket => [.. basket ?? [], "book"]);
    }

    public static void LogInAndOut(WebApplication app, Func<HttpRequest, Task<string?>> check)
    {
        app.MapPost("/login", async (HttpSession session, HttpRequest request) =>
        {
            if (await check(request) is not { } user)
                return Results.Unauthorized();

            await session.RegenerateAsync();
            session.Set("user", user);
            session.Subject = user;
            return Results.Redirect("/");
        });

        app.MapPost("/logout", async (HttpSession session) =>
        {
            await session.DestroyAsync();
            return Results.Redirect("/");
        });
    }

    public static void RememberMe(HttpSession session, bool remember)
    {
        session.Cookie.MaxAge = remember ? TimeSpan.FromDays(30) : null;
        session.AbsoluteExpiresAt = DateTimeOffset.UtcNow.AddDays(90);
    }

    public static void LogOutEverywhere(WebApplication app)
    {
        app.MapPost("/logout-everywhere-else", async (HttpContext context, HttpSession session, SessionAccess sessions) =>
        {
            if (session.Subject is not { } user)
                return Results.Unauthorized();

            await sessions.DestroyBySubjectAsync(user, await context.GetSessionIdsAsync());
            return Results.NoContent();
        });
    }

    public static void ASocket(WebApplication app)
    {
        app.MapGet("/socket-log", async (HttpContext context, SessionAccess sessions) =>
        {
            var id = sessions.ReadId(context.Request.Headers.Cookie);
            if (id is null || await sessions.LoadAsync(id) is not { } session)
                return;

            session.Update<int>("messages", count => count + 1);
            await session.SaveAsync();
        }).WithSession(SessionMode.None);
    }

    public static void TheStore(WebApplication app)
    {
        app.MapGet("/admin/sessions", async (ISessionStore store) =>
            store is ISessionEnumeration all ? await all.LengthAsync() : 0);
    }

    public static void NoSessionHere(WebApplication app)
    {
        app.MapGet("/why", (HttpContext context) => context.GetHttpSession() is { } session
            ? $"{session.Keys.Count} members, {context.GetSessionLoadResult()}"
            : $"no session here: {context.GetSessionLoadResult()}");

        app.MapGet("/health", () => "fine").WithSession(SessionMode.None);
        app.MapPost("/unset", (HttpContext context) => context.UnsetSession());
    }

    public static async Task ALostRace(HttpSession session, ILogger logger)
    {
        try
        {
            session.Set("step", 2);
            await session.SaveAsync();
        }
        catch (SessionDestroyedException)
        {
            SignedOut(logger, null);
        }
    }

    public static void ABuffer(HttpSession session)
    {
        var buffer = session.Get<NodeBuffer>("avatar");
        session.Set("avatar", NodeBuffer.Of([1, 2, 3]));
        _ = buffer?.ToBytes();
    }
}
