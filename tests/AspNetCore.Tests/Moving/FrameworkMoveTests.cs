using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace SessionStores.AspNetCore.Tests.Moving;

/// <summary>Sessions that ASP.NET Core's own middleware has written are taken over with their values.</summary>
public sealed class FrameworkMoveTests
{
    [Theory]
    [InlineData("/read")]
    [InlineData("/look")]
    public async Task The_first_request_has_the_values_and_exchanges_the_cookie(string path)
    {
        await using var sites = await MovingSites.StartAsync();
        using var browser = sites.NewBrowser(await sites.NewVisitorAsync());

        var answer = await browser.GetAsync(path);

        Assert.Equal(FrameworkSite.Filled, answer.Body);
        Assert.Null(sites.Cache.Record);
        Assert.NotNull(answer.SetCookie);
        Assert.Contains(answer.SetCookies, cookie => cookie.StartsWith(MovingSites.OldName + "=; expires=Thu, 01 Jan 1970", StringComparison.Ordinal));
        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.Equal(["get", "remove"], sites.Cache.Calls);
    }

    [Fact]
    public async Task Later_requests_need_only_the_new_cookie_and_neither_the_cache_nor_another_call()
    {
        await using var sites = await MovingSites.StartAsync();
        var old = await sites.NewVisitorAsync();
        using var browser = sites.NewBrowser(old);
        await browser.GetAsync("/set/more");
        sites.Site.Store.Forget();
        sites.Cache.Forget();

        Assert.Equal("$id email more stamp visits", (await browser.GetAsync("/keys")).Body);
        Assert.Equal(FrameworkSite.Filled, (await browser.GetAsync("/read", ("Cookie", old))).Body);

        Assert.Equal(["get", "get"], sites.Site.Store.Calls);
        Assert.Empty(sites.Cache.Calls);
    }

    [Fact]
    public async Task A_moved_session_is_loaded_and_not_new_and_is_counted()
    {
        await using var sites = await MovingSites.StartAsync();
        using var browser = sites.NewBrowser(await sites.NewVisitorAsync());

        Assert.Equal("Loaded False", (await browser.GetAsync("/why")).Body);

        Assert.Equal(1, sites.Site.Counters["sessionstores.moves kind=session"]);
        Assert.Equal(1, sites.Site.Counters["sessionstores.loads outcome=Loaded"]);
    }

    [Fact]
    public async Task A_cookie_of_the_same_name_is_replaced()
    {
        await using var sites = await MovingSites.StartAsync(options => options.Name = MovingSites.OldName);
        using var browser = sites.NewBrowser(await sites.NewVisitorAsync());

        var answer = await browser.GetAsync("/read");

        Assert.Equal(FrameworkSite.Filled, answer.Body);
        var cookie = Assert.Single(answer.SetCookies);
        Assert.StartsWith(MovingSites.OldName + "=s%3A", cookie, StringComparison.Ordinal);
        browser.Cookie = cookie.Split(';')[0];
        sites.Cache.Forget();
        Assert.Equal(FrameworkSite.Filled, (await browser.GetAsync("/read")).Body);
        await browser.GetAsync("/log-out");
        await browser.GetAsync("/read");
        Assert.Empty(sites.Cache.Calls);
        Assert.False(sites.Site.Log.Has("FrameworkCookieUnreadable"));
    }

    [Fact]
    public async Task A_cookie_of_the_same_name_and_another_path_is_deleted()
    {
        await using var sites = await MovingSites.StartAsync(options => options.Name = MovingSites.OldName, former => former.Cookie.Path = "/read");
        using var browser = sites.NewBrowser(await sites.NewVisitorAsync());

        var answer = await browser.GetAsync("/read");

        Assert.Equal(FrameworkSite.Filled, answer.Body);
        Assert.Equal(2, answer.SetCookies.Length);
        Assert.Contains("path=/read", answer.SetCookies[0], StringComparison.Ordinal);
        Assert.StartsWith(MovingSites.OldName + "=s%3A", answer.SetCookies[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("%%%")]
    [InlineData("Q2ZESjg")]
    [InlineData("of another application")]
    [InlineData("for another purpose")]
    [InlineData("no key")]
    public async Task A_forged_cookie_costs_no_call_and_is_not_touched(string forged)
    {
        await using var sites = await MovingSites.StartAsync();
        var value = forged switch
        {
            "of another application" => Protect(new EphemeralDataProtectionProvider(), "SessionMiddleware", Guid.Empty.ToString()),
            "for another purpose" => Protect(sites.Protection, "OtherMiddleware", Guid.Empty.ToString()),
            "no key" => Protect(sites.Protection, "SessionMiddleware", "short"),
            _ => forged,
        };
        using var browser = sites.NewBrowser($"{MovingSites.OldName}={value}");

        var answer = await browser.GetAsync("/why");

        Assert.Equal("NoCookie True", answer.Body);
        Assert.Empty(answer.SetCookies);
        Assert.Empty(sites.Cache.Calls);
        Assert.Empty(sites.Site.Store.Calls);
        Assert.Equal(forged != "no key", sites.Site.Log.Has("FrameworkCookieUnreadable"));
    }

    [Fact]
    public async Task A_session_that_has_expired_is_not_moved_and_its_cookie_is_deleted()
    {
        await using var sites = await MovingSites.StartAsync();
        using var browser = sites.NewBrowser(await sites.NewVisitorAsync());
        sites.CacheClock.Advance(TimeSpan.FromMinutes(21));

        var answer = await browser.GetAsync("/why");

        Assert.Equal("NotFound True", answer.Body);
        Assert.StartsWith(MovingSites.OldName + "=;", Assert.Single(answer.SetCookies), StringComparison.Ordinal);
        Assert.DoesNotContain("create", sites.Site.Store.Calls);
    }

    [Fact]
    public async Task A_session_that_was_emptied_is_not_moved()
    {
        await using var sites = await MovingSites.StartAsync();
        var old = await sites.NewVisitorAsync();
        await sites.Old.ClearAsync(old);
        using var browser = sites.NewBrowser(old);

        Assert.Equal("NotFound True", (await browser.GetAsync("/why")).Body);
        Assert.DoesNotContain("create", sites.Site.Store.Calls);
    }

    [Fact]
    public async Task A_record_that_is_truncated_is_left_and_the_request_gets_a_new_session()
    {
        await using var sites = await MovingSites.StartAsync();
        using var browser = sites.NewBrowser(await sites.NewVisitorAsync());
        var truncated = sites.Cache.Record![..^3];
        sites.Cache.Inner.Set(sites.Cache.LastKey!, truncated, new());

        var answer = await browser.GetAsync("/why");

        Assert.Equal("Unreadable True", answer.Body);
        Assert.Empty(answer.SetCookies);
        Assert.Equal(truncated, sites.Cache.Record);
        Assert.True(sites.Site.Log.Has("SessionUnreadable"));
    }

    [Fact]
    public async Task A_session_of_ours_takes_precedence()
    {
        await using var sites = await MovingSites.StartAsync();
        using var browser = sites.Site.NewBrowser();
        await browser.GetAsync("/set/ours");
        var old = await sites.NewVisitorAsync();
        browser.Cookie += "; " + old;

        Assert.Equal("ours", (await browser.GetAsync("/keys")).Body);

        Assert.Empty(sites.Cache.Calls);
    }

    [Fact]
    public async Task A_session_whose_cookie_cannot_be_sent_is_left_where_it_is()
    {
        await using var sites = await MovingSites.StartAsync(options => options.Cookie.Secure = SessionCookieSecurity.Always);
        using var browser = sites.NewBrowser(await sites.NewVisitorAsync());

        var answer = await browser.GetAsync("/why");

        Assert.Equal("NoCookie True", answer.Body);
        Assert.Empty(answer.SetCookies);
        Assert.NotNull(sites.Cache.Record);
        Assert.DoesNotContain("create", sites.Site.Store.Calls);
        Assert.True(sites.Site.Log.Has("InsecureRequest"));
    }

    [Fact]
    public async Task An_endpoint_without_a_session_moves_nothing()
    {
        await using var sites = await MovingSites.StartAsync();
        using var browser = sites.NewBrowser(await sites.NewVisitorAsync());

        Assert.Empty((await browser.GetAsync("/none")).SetCookies);

        Assert.Empty(sites.Cache.Calls);
        Assert.Empty(sites.Site.Store.Calls);
    }

    private static string Protect(IDataProtectionProvider protection, string purpose, string key) =>
        Uri.EscapeDataString(Convert.ToBase64String(protection.CreateProtector(purpose).Protect(Encoding.UTF8.GetBytes(key))).TrimEnd('='));
}
