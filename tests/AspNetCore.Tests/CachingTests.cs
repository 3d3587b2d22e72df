using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace SessionStores.AspNetCore.Tests;

/// <summary>No cache keeps a response that depends on a session.</summary>
public sealed class CachingTests
{
    [Theory]
    [InlineData("/set")]
    [InlineData("/read")]
    [InlineData("/empty")]
    [InlineData("/destroy")]
    [InlineData("/unset")]
    [InlineData("/bridge")]
    public async Task A_response_that_depends_on_a_session_says_that_it_must_not_be_kept(string path)
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();
        await browser.GetAsync("/set");

        AssertNotCacheable(await browser.GetAsync(path));
    }

    [Fact]
    public async Task A_new_session_says_it_too()
    {
        await using var site = await StartAsync();
        foreach (var path in new[] { "/set", "/empty", "/bridge" })
        {
            using var visitor = site.NewBrowser();
            AssertNotCacheable(await visitor.GetAsync(path));
        }
    }

    [Fact]
    public async Task What_does_not_depend_on_a_session_stays_as_the_application_wants_it()
    {
        await using var site = await StartAsync();
        using var visitor = site.NewBrowser();
        using var browser = site.NewBrowser();
        await browser.GetAsync("/set");

        foreach (var answer in new[] { await visitor.GetAsync("/look"), await visitor.GetAsync("/public"), await browser.GetAsync("/public"), await browser.GetAsync("/none") })
        {
            Assert.Equal("public, max-age=600", answer.Headers.CacheControl!.ToString());
            Assert.False(answer.Headers.Contains("Pragma"));
            Assert.False(answer.Headers.Contains("Vary"));
        }
    }

    [Fact]
    public async Task The_option_leaves_caching_to_the_application()
    {
        await using var site = await StartAsync(options => options.PreventCaching = false);
        using var browser = site.NewBrowser();

        Assert.Equal("public, max-age=600", (await browser.GetAsync("/set")).Headers.CacheControl!.ToString());
        Assert.Equal("public, max-age=600", (await browser.GetAsync("/read")).Headers.CacheControl!.ToString());
    }

    [Fact]
    public async Task A_rolling_cookie_and_one_for_an_untouched_session_are_not_kept_either()
    {
        await using var site = await StartAsync(options => (options.Rolling, options.SaveUninitialized) = (true, true));
        using var browser = site.NewBrowser();

        AssertNotCacheable(await browser.GetAsync("/public"));
        AssertNotCacheable(await browser.GetAsync("/public"));
    }

    [Theory]
    [InlineData("/set", false)]
    [InlineData("/read", false)]
    [InlineData("/empty", false)]
    [InlineData("/late", false)]
    [InlineData("/set", true)]
    [InlineData("/read", true)]
    [InlineData("/empty", true)]
    [InlineData("/late", true)]
    public async Task The_framework_s_caches_keep_no_response_of_a_session(string path, bool cachesFirst)
    {
        await using var site = await StartWithCachesAsync(cachesFirst);
        using var first = site.NewBrowser();
        using var second = site.NewBrowser();
        await first.GetAsync("/login?name=first");
        await second.GetAsync("/login?name=second");
        foreach (var cache in new[] { "/output", "/response" })
        {
            var mine = await first.GetAsync(cache + path);
            var theirs = await second.GetAsync(cache + path);

            Assert.NotEqual(mine.Headers.GetValues("X-Run").Single(), theirs.Headers.GetValues("X-Run").Single());
            if (path != "/empty")
                Assert.Equal("first second", mine.Body + " " + theirs.Body);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_framework_s_caches_keep_what_visitors_see(bool cachesFirst)
    {
        await using var site = await StartWithCachesAsync(cachesFirst);
        using var first = site.NewBrowser();
        using var second = site.NewBrowser();
        foreach (var cache in new[] { "/output", "/response" })
        {
            var one = await first.GetAsync(cache + "/read");
            var other = await second.GetAsync(cache + "/read");

            Assert.Equal(one.Headers.GetValues("X-Run").Single(), other.Headers.GetValues("X-Run").Single());
        }
    }

    private static void AssertNotCacheable(Browser.Answer answer)
    {
        Assert.Equal(200, answer.Status);
        Assert.True(answer.Headers.CacheControl is { NoStore: true, NoCache: true, Public: false, MaxAge: null }, answer.Headers.CacheControl?.ToString());
        Assert.Equal("no-cache", answer.Headers.Pragma.ToString());
        Assert.Equal("-1", answer.Expires);
        Assert.False(answer.Headers.Contains("Vary"));
    }

    private static Task<Site> StartAsync(Action<SessionStoresOptions>? configure = null) => Site.StartAsync(app =>
    {
        app.Use((context, next) =>
        {
            context.Response.Headers.CacheControl = "public, max-age=600";
            return next(context);
        });
        app.MapGet("/set", (HttpSession session) =>
        {
            session.Set("a", 1);
            return "set";
        });
        app.MapGet("/empty", (HttpSession session) => session.Set("a", 2));
        app.MapGet("/read", (HttpSession session) => session.Get<int>("a"));
        app.MapGet("/look", (HttpSession session) => session.Get<int>("a"));
        app.MapGet("/bridge", (HttpContext context) => context.Session.SetString("b", "2"));
        app.MapGet("/destroy", (HttpSession session) => session.DestroyAsync());
        app.MapGet("/unset", (HttpContext context) => context.UnsetSession());
        app.MapGet("/public", () => "for all");
        app.MapGet("/none", () => "for all").WithSession(SessionMode.None);
    }, configure);

    /// <summary>Endpoints behind output caching and response caching; <c>X-Run</c> tells whether the endpoint ran.</summary>
    private static Task<Site> StartWithCachesAsync(bool cachesFirst)
    {
        var runs = 0;
        return Site.StartAsync(app =>
        {
            if (!cachesFirst)
                app.UseSessionStores();

            app.UseOutputCache();
            app.UseResponseCaching();
            if (cachesFirst)
                app.UseSessionStores();

            app.MapGet("/login", (HttpSession session, string name) => session.Set("name", name));
            Map(app.MapGroup("/output").CacheOutput(policy => policy.Expire(TimeSpan.FromHours(1))), static _ => { });
            Map(app.MapGroup("/response"), static context => context.Response.Headers.CacheControl = "public, max-age=600");
        }, null, kestrel: false, services: services => services.AddOutputCache().AddResponseCaching());

        void Map(RouteGroupBuilder group, Action<HttpContext> cache)
        {
            group.MapGet("/read", (HttpContext context) =>
            {
                cache(context);
                context.Response.Headers["X-Run"] = $"{Interlocked.Increment(ref runs)}";
                return context.GetHttpSession()!.Get<string>("name") ?? "visitor";
            });
            group.MapGet("/late", (HttpContext context) =>
            {
                context.Response.Headers["X-Run"] = $"{Interlocked.Increment(ref runs)}";
                var name = context.GetHttpSession()!.Get<string>("name");
                cache(context);
                return name;
            });
            group.MapGet("/set", (HttpContext context) =>
            {
                cache(context);
                context.Response.Headers["X-Run"] = $"{Interlocked.Increment(ref runs)}";
                context.GetHttpSession()!.Set("other", runs);
                return context.GetHttpSession()!.Get<string>("name");
            });
            group.MapGet("/empty", (HttpContext context) =>
            {
                cache(context);
                context.Response.Headers["X-Run"] = $"{Interlocked.Increment(ref runs)}";
                context.GetHttpSession()!.Set("other", runs);
            });
        }
    }
}
