using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SessionStores.AspNetCore.Tests;

namespace SessionStores.AspNetCore.IntegrationTests.Tickets;

/// <summary>A site that signs users in with two cookie schemes, both kept in the store of its sessions, on any store.</summary>
internal sealed class TicketSite(WebApplication app, ServerOf server) : IAsyncDisposable
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>Where the store is; null for memory.</summary>
    public string? ConnectionString => server.ConnectionString;

    public IServiceProvider Services => app.Services;

    public SessionAccess Sessions => app.Services.GetRequiredService<SessionAccess>();

    public static async Task<TicketSite> StartAsync(string provider)
    {
        var server = await ServerOf.StartAsync(provider);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Sessions:Secrets"] = "0d1Yx8Vq3mZr5Tt7Bn9Wk2Lp4Hs6Jg8F",
            ["Sessions:Store:Provider"] = provider,
            ["Sessions:Store:Connection"] = server.ConnectionString,
        });
        builder.Services.AddSessionStores(builder.Configuration.GetSection("Sessions"));
        AddSignIns(builder.Services);
        var app = builder.Build();
        Map(app);
        await app.StartAsync();
        return new TicketSite(app, server);
    }

    public SignedIn NewBrowser() => new(new Browser(app.GetTestServer().CreateHandler(), new Uri("https://localhost")));

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        await server.DisposeAsync();
    }

    public static void AddSignIns(IServiceCollection services, Action<SessionTicketOptions>? configure = null)
    {
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAuthentication("Cookies")
            .AddCookie("Cookies", options => options.ExpireTimeSpan = Lifetime).AddSessionTickets("Cookies", configure)
            .AddCookie("Admin", options => options.ExpireTimeSpan = Lifetime).AddSessionTickets("Admin", configure);
    }

    /// <summary>The pipeline and its endpoints.</summary>
    public static void Map(WebApplication app)
    {
        app.UseSessionStores();
        app.Use(next => context =>
        {
            // Registered before authentication, and so run after its own.
            if (context.Request.Query["late"] is [{ } user])
                context.Response.OnStarting(() => context.SignInAsync(Principal(user)));

            return next(context);
        });
        app.UseAuthentication();
        MapSignIns(app);
        app.MapGet("/set/{name}", (HttpSession session, string name, string? subject) =>
        {
            session.Set(name, 1);
            session.Subject = subject;
        });
        app.MapGet("/destroy", (HttpSession session) => session.DestroyAsync());
        app.MapGet("/keys", (HttpSession session) => string.Join(' ', session.Keys));
        app.MapGet("/elsewhere/{user}", async (HttpContext context, SessionAccess sessions, string user) =>
            $"{await sessions.DestroyBySubjectAsync(user, await context.GetSessionIdsAsync())}");
        app.MapGet("/elsewhere-unseen/{user}", async (HttpContext context, SessionAccess sessions, string user) =>
            $"{await sessions.DestroyBySubjectAsync(user, await context.GetSessionIdsAsync())}").WithSession(SessionMode.None);
        app.MapGet("/regenerate-elsewhere/{user}", async (HttpContext context, HttpSession session, SessionAccess sessions, string user) =>
        {
            await session.RegenerateAsync(keepData: true);
            return $"{await sessions.DestroyBySubjectAsync(user, await context.GetSessionIdsAsync())}";
        });
    }

    public static ClaimsPrincipal Principal(string user) =>
        new(new ClaimsIdentity([new Claim(ClaimTypes.Name, user), new Claim(ClaimTypes.NameIdentifier, user)], "test"));

    private static void MapSignIns(IEndpointRouteBuilder app)
    {
        app.MapGet("/in/{user}", (HttpContext context, string user) => context.SignInAsync(Principal(user)));
        app.MapGet("/out", (HttpContext context) => context.SignOutAsync());
        app.MapGet("/who", (HttpContext context) => context.User.Identity?.Name ?? "anonymous");
        app.MapGet("/admin-in/{user}", (HttpContext context, string user) => context.SignInAsync("Admin", Principal(user)));
        app.MapGet("/admin-who", async (HttpContext context) => (await context.AuthenticateAsync("Admin")).Principal?.Identity?.Name ?? "anonymous");
        app.MapGet("/switch/{user}", async (HttpContext context, string user) =>
        {
            await context.SignOutAsync();
            await context.SignInAsync(Principal(user));
        });
        app.MapGet("/end-and-in/{user}", async (HttpContext context, SessionAccess sessions, string user) =>
        {
            await sessions.DestroyBySubjectAsync(user);
            await context.SignInAsync(Principal(user));
        });
        app.MapGet("/twice/{first}/{second}", async (HttpContext context, string first, string second) =>
        {
            await context.SignInAsync(Principal(first));
            await context.SignInAsync(Principal(second));
        });
        app.MapGet("/in-and-out/{user}", async (HttpContext context, string user) =>
        {
            await context.SignInAsync(Principal(user));
            await context.SignOutAsync();
        });
        app.MapGet("/refresh", async (HttpContext context) =>
        {
            var current = await context.AuthenticateAsync();
            await context.SignInAsync(current.Principal!, current.Properties);
        });
    }
}
