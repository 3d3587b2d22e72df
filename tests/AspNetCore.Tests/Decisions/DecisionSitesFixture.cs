using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore.Tests.Decisions;

/// <summary>One site per combination of options, with an endpoint per action of the table.</summary>
public sealed class DecisionSitesFixture : IAsyncLifetime
{
    private readonly Dictionary<(Choice, UnsetBehavior), Site> _sites = [];

    internal Site this[Choice choice, UnsetBehavior unset] => _sites[(choice, unset)];

    public async ValueTask InitializeAsync()
    {
        foreach (var choice in Choice.All)
        {
            foreach (var unset in new[] { UnsetBehavior.Keep, UnsetBehavior.Destroy })
                _sites[(choice, unset)] = await StartAsync(choice, unset);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var site in _sites.Values)
            await site.DisposeAsync();
    }

    private static async Task<Site> StartAsync(Choice choice, UnsetBehavior unset)
    {
        Site? site = null;
        site = await Site.StartAsync(app => Map(app, () => site!), options => choice.Apply(options, unset));
        return site;
    }

    private static void Map(WebApplication app, Func<Site> site)
    {
        app.MapGet("/begin", (HttpSession session) => session.Set("a", 1));
        app.MapGet("/untouched", () => "ok");
        app.MapGet("/modify", (HttpSession session) => session.Update<int>("a", value => value + 1));
        app.MapGet("/late", async (HttpContext context, HttpSession session) =>
        {
            await context.Response.WriteAsync("first");
            try
            {
                session.Update<int>("a", value => value + 1);
            }
            catch (InvalidOperationException)
            {
                await context.Response.WriteAsync(" too late");
            }
        });
        app.MapGet("/save", (HttpSession session) => session.SaveAsync());
        app.MapGet("/touch", (HttpSession session) => session.Touch());
        app.MapGet("/cookie", (HttpSession session) => session.Cookie.MaxAge = TimeSpan.FromHours(2));
        app.MapGet("/revert", (HttpSession session) =>
        {
            session.Set("a", 5);
            session.Set("a", 1);
        });
        app.MapGet("/reload", (HttpSession session) => session.ReloadAsync());
        app.MapGet("/modify-save", async (HttpSession session) =>
        {
            session.Set("a", 2);
            await session.SaveAsync();
        });
        app.MapGet("/save-modify", async (HttpSession session) =>
        {
            await session.SaveAsync();
            session.Set("a", 2);
        });
        app.MapGet("/modify-save-reload", async (HttpSession session) =>
        {
            session.Set("a", 2);
            await session.SaveAsync();
            await session.ReloadAsync();
        });
        app.MapGet("/foreign-reload", async (HttpSession session) =>
        {
            var store = site().Store.Inner;
            var record = await store.GetAsync(session.Id);
            var payload = System.Text.Encoding.UTF8.GetString(record!.Payload.Span).Replace("\"a\":1", "\"a\":7", StringComparison.Ordinal);
            await store.SetAsync(session.Id, new SessionContent(System.Text.Encoding.UTF8.GetBytes(payload), record.ExpiresAt));
            await session.ReloadAsync();
        });
        app.MapGet("/regenerate", (HttpSession session) => session.RegenerateAsync());
        app.MapGet("/regenerate-modify", async (HttpSession session) =>
        {
            await session.RegenerateAsync();
            session.Set("b", 1);
        });
        app.MapGet("/regenerate-save", async (HttpSession session) =>
        {
            await session.RegenerateAsync();
            await session.SaveAsync();
        });
        app.MapGet("/destroy", (HttpSession session) => session.DestroyAsync());
        app.MapGet("/unset", (HttpContext context) => context.UnsetSession());
    }
}
