using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Internal;
using Microsoft.Extensions.Options;
using SessionStores.Conformance;

namespace SessionStores.AspNetCore.Tests.Moving;

/// <summary>An application before and after it moves: one site on ASP.NET Core's own session and one of ours, with one cache and one set of Data Protection keys.</summary>
internal sealed class MovingSites : IAsyncDisposable
{
    public const string OldName = ".AspNetCore.Session";

    private MovingSites(RecordingCache cache, FakeClock cacheClock, IDataProtectionProvider protection, FrameworkSite old, Site site)
    {
        Cache = cache;
        CacheClock = cacheClock;
        Protection = protection;
        Old = old;
        Site = site;
    }

    public RecordingCache Cache { get; }

    public FakeClock CacheClock { get; }

    public IDataProtectionProvider Protection { get; }

    public FrameworkSite Old { get; }

    /// <summary>The application after the move.</summary>
    public Site Site { get; }

    public static async Task<MovingSites> StartAsync(Action<SessionStoresOptions>? configure = null, Action<SessionOptions>? former = null)
    {
        var clock = new FakeClock();
        var cache = new RecordingCache(new MemoryDistributedCache(new OptionsWrapper<MemoryDistributedCacheOptions>(new() { Clock = new CacheTime(clock) })));
        var protection = new EphemeralDataProtectionProvider();
        var old = await FrameworkSite.StartAsync(cache, protection, former);
        var site = await Site.StartAsync(Map, configure, services =>
        {
            services.AddSingleton<IDistributedCache>(cache);
            services.AddSessionStores().MoveFrameworkSessions(former);
            services.AddSingleton<IDataProtectionProvider>(protection);
        });
        return new MovingSites(cache, clock, protection, old, site);
    }

    /// <summary>A browser with a cookie, on the site after the move.</summary>
    public Browser NewBrowser(string cookie)
    {
        var browser = Site.NewBrowser();
        browser.Cookie = cookie;
        return browser;
    }

    /// <summary>Fills a session of the old site, and forgets the calls that this took.</summary>
    public async Task<string> NewVisitorAsync()
    {
        var cookie = await Old.NewVisitorAsync();
        Cache.Forget();
        return cookie;
    }

    public async ValueTask DisposeAsync()
    {
        await Site.DisposeAsync();
        await Old.DisposeAsync();
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/read", FrameworkSite.Show);
        app.MapGet("/look", FrameworkSite.Show).WithSession(SessionMode.ReadOnly);
        app.MapGet("/none", () => "").WithSession(SessionMode.None);
        app.MapGet("/why", (HttpContext context) => $"{context.GetSessionLoadResult()} {context.GetHttpSession()?.IsNew}");
        app.MapGet("/set/{name}", (HttpSession session, string name) => session.Set(name, 1));
        app.MapGet("/keys", (HttpSession session) => string.Join(' ', session.Keys.Order(StringComparer.Ordinal)));
        app.MapGet("/regenerate", (HttpSession session) => session.RegenerateAsync(keepData: true));
        app.MapGet("/log-out", (HttpSession session) => session.DestroyAsync());
    }

    private sealed class CacheTime(TimeProvider clock) : ISystemClock
    {
        public DateTimeOffset UtcNow => clock.GetUtcNow();
    }
}
