using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore.Tests;

/// <summary>A browser that sends several cookies of one name: after a change of path or domain, or beside another application.</summary>
public sealed class DuplicateCookieTests
{
    private static readonly string Stale = Signed("gone");

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task The_first_valid_cookie_with_a_live_session_counts(int staleOnes)
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();
        await browser.GetAsync("/set");
        browser.Cookie = string.Concat(Enumerable.Range(0, staleOnes).Select(i => Signed($"gone{i}") + "; ")) + browser.Cookie;

        Assert.Equal("Loaded 1", (await browser.GetAsync("/get")).Body);
        Assert.Equal(1, site.Counters["sessionstores.loads outcome=Loaded"]);
    }

    [Fact]
    public async Task A_visitor_with_a_stale_cookie_in_front_can_log_in()
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();
        browser.Cookie = Stale;
        await browser.GetAsync("/set");
        browser.Cookie = $"{Stale}; {browser.Cookie}";

        Assert.Equal("Loaded 1", (await browser.GetAsync("/get")).Body);
    }

    [Fact]
    public async Task A_stale_cookie_is_cleared_where_it_can_be_and_the_live_one_is_sent_again()
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();
        await browser.GetAsync("/set");
        var live = browser.Cookie;
        browser.Cookie = $"{Stale}; {live}";

        var answer = await browser.GetAsync("/shop/cart/get", ("Host", "www.example.com"));

        const string Cleared = "; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly";
        Assert.Equal("Loaded 1", answer.Body);
        Assert.Equal(
            [
                $"connect.sid=; Path=/shop{Cleared}",
                $"connect.sid=; Path=/shop/cart{Cleared}",
                $"connect.sid=; Path=/shop/cart/get{Cleared}",
                $"connect.sid=; Domain=www.example.com; Path=/{Cleared}",
                $"connect.sid=; Domain=example.com; Path=/{Cleared}",
                $"{live}; Path=/; HttpOnly",
            ],
            answer.SetCookies);
        Assert.Equal(live, browser.Cookie);
    }

    [Fact]
    public async Task The_cookie_of_a_domain_and_a_path_is_not_cleared_itself()
    {
        await using var site = await StartAsync(options => (options.Cookie.Domain, options.Cookie.Path) = ("example.com", "/shop"));
        using var browser = site.NewBrowser();
        await browser.GetAsync("/shop/set", ("Host", "www.example.com"));
        var live = browser.Cookie;
        browser.Cookie = $"{Stale}; {live}";

        var answer = await browser.GetAsync("/shop/get", ("Host", "www.example.com"));

        const string Cleared = "; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly";
        Assert.Equal(
            [
                $"connect.sid=; Path=/shop{Cleared}",
                $"connect.sid=; Domain=example.com; Path=/{Cleared}",
                $"connect.sid=; Domain=www.example.com; Path=/shop{Cleared}",
                $"connect.sid=; Domain=example.com; Path=/shop/get{Cleared}",
                $"{live}; Domain=example.com; Path=/shop; HttpOnly",
            ],
            answer.SetCookies);
    }

    [Theory]
    [InlineData("connect.sid=foreign; {live}")]
    [InlineData("{stale}; {live}; connect.sid=foreign")]
    [InlineData("{live}; {stale}")]
    [InlineData("{live}; connect.sid=foreign")]
    public async Task Nothing_is_cleared_where_a_cookie_may_be_that_of_another_application_or_is_behind_the_live_one(string header)
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();
        await browser.GetAsync("/set");
        browser.Cookie = header.Replace("{live}", browser.Cookie, StringComparison.Ordinal).Replace("{stale}", Stale, StringComparison.Ordinal);

        var answer = await browser.GetAsync("/get");

        Assert.Equal("Loaded 1", answer.Body);
        Assert.Empty(answer.SetCookies);
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_does_not_hide_the_next_one_and_stays()
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();
        await browser.GetAsync("/set");
        await site.Store.Inner.SetAsync("broken", new SessionContent("{}"u8.ToArray(), TimeSpan.FromHours(1)));
        browser.Cookie = $"{Signed("broken")}; {browser.Cookie}";

        var answer = await browser.GetAsync("/get");

        Assert.Equal("Loaded 1", answer.Body);
        Assert.Empty(answer.SetCookies);
        Assert.NotNull(await site.Store.Inner.GetAsync("broken"));
    }

    [Fact]
    public async Task Any_number_of_stale_cookies_costs_a_few_calls()
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();
        browser.Cookie = string.Join("; ", Enumerable.Range(0, 100).Select(i => Signed($"gone{i}")));

        Assert.Equal("NotFound 0", (await browser.GetAsync("/get")).Body);
        Assert.Equal(["get", "get", "get", "get"], site.Store.Calls);
        Assert.Equal(1, site.Counters["sessionstores.loads outcome=NotFound"]);
    }

    private static string Signed(string id) => "connect.sid=" + SetCookieHeader.EncodeComponent(CookieSignature.Sign(id, Site.Secret));

    private static Task<Site> StartAsync(Action<SessionStoresOptions>? configure = null) => Site.StartAsync(app =>
    {
        foreach (var prefix in new[] { "", "/shop", "/shop/cart" })
        {
            app.MapGet(prefix + "/set", (HttpSession session) => session.Set("n", 1));
            app.MapGet(prefix + "/get", (HttpContext context, HttpSession session) => $"{context.GetSessionLoadResult()} {session.Get<int>("n")}");
        }
    }, configure);
}
