using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;

namespace SessionStores.AspNetCore.Tests;

/// <summary>Routing and prefixes around the sessions.</summary>
public sealed class RoutingTests
{
    [Fact]
    public async Task The_mode_of_an_endpoint_counts_even_if_routing_runs_after_the_sessions()
    {
        await using var site = await StartAsync(app =>
        {
            app.UseSessionStores();
            app.UseRouting();
        });
        using var browser = site.NewBrowser();
        await browser.GetAsync("/set");
        site.Store.Forget();

        Assert.Equal("OptedOut True", (await browser.GetAsync("/none")).Body);
        Assert.Contains("read only", (await browser.GetAsync("/read")).Body, StringComparison.Ordinal);
        Assert.Equal(["get", "get"], site.Store.Calls);
        Assert.True(site.Log.Has("RoutingIsLater"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_is_said_where_routing_runs_first(bool isExplicit)
    {
        await using var site = await StartAsync(app =>
        {
            if (isExplicit)
                app.UseRouting();

            app.UseSessionStores();
        });
        using var browser = site.NewBrowser();
        await browser.GetAsync("/set");
        site.Store.Forget();

        Assert.Equal("OptedOut True", (await browser.GetAsync("/none")).Body);
        Assert.Empty(site.Store.Calls);
        Assert.False(site.Log.Has("RoutingIsLater"));
    }

    [Fact]
    public async Task Nothing_is_said_where_no_endpoint_has_a_mode()
    {
        await using var site = await Site.StartAsync(app =>
        {
            app.UseSessionStores();
            app.UseRouting();
            app.MapGet("/set", (HttpSession session) => session.Set("a", 1));
        }, null, kestrel: false, services: null);

        Assert.False(site.Log.Has("RoutingIsLater"));
    }

    [Theory]
    [InlineData("/cart", "/shop", "NoCookie")]
    [InlineData("/", "/shop", "NoCookie")]
    [InlineData("/cart?a=/x", "/shop", "NoCookie")]
    [InlineData("/cart", "/shopping", "PathMismatch")]
    [InlineData("/cart", null, "PathMismatch")]
    [InlineData("/shop/cart", null, "NoCookie")]
    [InlineData("/shop/cart", "/other", "PathMismatch")]
    public async Task The_path_of_the_cookie_is_compared_with_what_the_browser_sees(string path, string? forwardedPrefix, string result)
    {
        await using var site = await Site.StartAsync(app =>
        {
            app.UseForwardedHeaders();
            app.UseSessionStores();
            app.MapFallback((HttpContext context) => context.GetSessionLoadResult().ToString());
        }, options => options.Cookie.Path = "/shop", kestrel: true, services => services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = ForwardedHeaders.All;
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
        }));
        using var browser = site.NewBrowser();

        Assert.Equal(result, (await (forwardedPrefix is null ? browser.GetAsync(path) : browser.GetAsync(path, ("X-Forwarded-Prefix", forwardedPrefix), ("X-Forwarded-For", "1.2.3.4")))).Body);
    }

    [Theory]
    [InlineData("/a/b", "", "/a/b", "/a/b")]
    [InlineData("/a/b?c=/d", "", "/a/b", "/a/b")]
    [InlineData("http://host/a/b", "", "/a/b", "/a/b")]
    [InlineData("http://host", "", "/", "/")]
    [InlineData("*", "", "/", "/")]
    [InlineData("", "/p", "/a b", "/p/a%20b")]
    [InlineData("/a/b", "/a", "/b", "/a/b")]
    [InlineData("/a", "/a", "", "/a")]
    [InlineData("/b", "/p", "/b", "/p/b")]
    [InlineData("/", "/p", "/", "/p/")]
    [InlineData("/a/b", "/p/a", "/b", "/p/a/b")]
    [InlineData("/%66oo", "", "/foo", "/%66oo")]
    [InlineData("/%66oo", "/p", "/foo", "/p/%66oo")]
    [InlineData("/blog/1", "", "/post", "/blog/1")]
    [InlineData("/blog/1", "/p", "/post", "/p/blog/1")]
    [InlineData("/a/blog/1", "/a", "/post", "/a/blog/1")]
    public void What_the_browser_sees_is_the_prefix_and_the_path_that_it_sent(string rawTarget, string pathBase, string path, string expected)
    {
        var context = new DefaultHttpContext();
        context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget = rawTarget;
        context.Request.PathBase = pathBase;
        context.Request.Path = path;

        Assert.Equal(expected, BrowserPath.Of(context));
    }

    private static Task<Site> StartAsync(Action<WebApplication> order) => Site.StartAsync(app =>
    {
        order(app);
        app.MapGet("/set", (HttpSession session) => session.Set("a", 1));
        app.MapGet("/none", (HttpContext context) => $"{context.GetSessionLoadResult()} {context.GetHttpSession() is null}").WithSession(SessionMode.None);
        app.MapGet("/read", (HttpSession session) => Assert.Throws<InvalidOperationException>(() => session.Set("a", 2)).Message).WithSession(SessionMode.ReadOnly);
    }, null, kestrel: false, services: null);
}
