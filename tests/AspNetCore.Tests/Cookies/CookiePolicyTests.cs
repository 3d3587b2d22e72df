using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.CookiePolicy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace SessionStores.AspNetCore.Tests.Cookies;

/// <summary><c>UseCookiePolicy</c> applies to the session cookie as to every other cookie of the application.</summary>
public sealed class CookiePolicyTests
{
    private static readonly (string, string) Https = ("X-Forwarded-Proto", "https");

    [Fact]
    public async Task The_policy_tightens_the_session_cookie()
    {
        await using var site = await StartAsync(new CookiePolicyOptions
        {
            Secure = CookieSecurePolicy.Always,
            HttpOnly = HttpOnlyPolicy.Always,
            MinimumSameSitePolicy = SameSiteMode.Strict,
        }, options => (options.Cookie.HttpOnly, options.Proxy) = (false, true));
        using var browser = site.NewBrowser();

        Assert.EndsWith("; Path=/; HttpOnly; Secure; SameSite=Strict", (await browser.GetAsync("/set", Https)).SetCookie, StringComparison.Ordinal);
        Assert.Equal("connect.sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Strict", (await browser.GetAsync("/destroy", Https)).SetCookie);
    }

    [Fact]
    public async Task A_session_whose_cookie_the_policy_makes_Secure_is_not_stored_for_a_request_that_is_not()
    {
        await using var site = await StartAsync(new CookiePolicyOptions { Secure = CookieSecurePolicy.Always });
        using var browser = site.NewBrowser();

        var answer = await browser.GetAsync("/set");

        Assert.Equal(200, answer.Status);
        Assert.Empty(answer.SetCookies);
        Assert.Empty(site.Store.Calls);
        Assert.True(site.Log.Has("InsecureRequest"));
    }

    [Fact]
    public async Task A_policy_that_asks_for_nothing_changes_nothing()
    {
        await using var site = await StartAsync(new CookiePolicyOptions(), options =>
        {
            options.GenerateId = _ => "a b!'()*~é" + Guid.NewGuid();
            options.Cookie.Secure = SessionCookieSecurity.Always;
            options.Cookie.Partitioned = true;
            options.Cookie.Priority = SessionCookiePriority.High;
            options.Cookie.SameSite = SessionSameSite.None;
            options.Cookie.Domain = "example.com";
            options.Cookie.MaxAge = TimeSpan.FromHours(1);
            options.Proxy = true;
        });
        using var browser = site.NewBrowser();

        var answer = await browser.GetAsync("/set", Https);

        Assert.StartsWith("connect.sid=s%3Aa%20b!'()*~%C3%A9", answer.SetCookie, StringComparison.Ordinal);
        Assert.EndsWith("; Domain=example.com; Path=/; Expires=Wed, 02 Jan 2030 04:04:05 GMT; HttpOnly; Secure; Partitioned; Priority=High; SameSite=None", answer.SetCookie, StringComparison.Ordinal);
        Assert.Equal("1", (await browser.GetAsync("/get")).Body);
    }

    [Fact]
    public async Task Without_consent_there_is_neither_a_cookie_nor_a_record_that_no_request_can_reach()
    {
        await using var site = await StartAsync(new CookiePolicyOptions { CheckConsentNeeded = _ => true });
        using var browser = site.NewBrowser();

        var answer = await browser.GetAsync("/set");
        var saved = await browser.GetAsync("/save");

        Assert.Equal(200, answer.Status);
        Assert.Empty(answer.SetCookies);
        Assert.Empty(saved.SetCookies);
        Assert.Empty(site.Store.Calls);
        Assert.True(site.Log.Has("ConsentMissing"));
    }

    [Fact]
    public async Task With_consent_or_an_essential_cookie_the_session_works()
    {
        await using var asking = await StartAsync(new CookiePolicyOptions { CheckConsentNeeded = _ => true });
        await using var essential = await StartAsync(new CookiePolicyOptions { CheckConsentNeeded = _ => true }, options => options.Cookie.IsEssential = true);
        using var consenting = asking.NewBrowser();
        using var silent = essential.NewBrowser();

        Assert.NotNull((await consenting.GetAsync("/consent")).SetCookie);
        Assert.NotNull((await silent.GetAsync("/set")).SetCookie);
        Assert.Equal("1", (await silent.GetAsync("/get")).Body);
    }

    [Fact]
    public async Task A_callback_of_the_policy_that_issues_the_cookie_without_consent_is_obeyed()
    {
        await using var site = await StartAsync(new CookiePolicyOptions { CheckConsentNeeded = _ => true, OnAppendCookie = cookie => cookie.IssueCookie = true });
        using var browser = site.NewBrowser();

        Assert.NotNull((await browser.GetAsync("/set")).SetCookie);
        Assert.Equal("1", (await browser.GetAsync("/get")).Body);
    }

    [Fact]
    public async Task What_a_callback_of_the_policy_changes_is_sent()
    {
        await using var site = await StartAsync(new CookiePolicyOptions
        {
            OnAppendCookie = cookie =>
            {
                cookie.CookieName = "renamed";
                cookie.CookieOptions.Path = "/app";
                cookie.CookieOptions.MaxAge = TimeSpan.FromMinutes(5);
                cookie.CookieOptions.Extensions.Add("Flavour=plain");
            },
        });
        using var browser = site.NewBrowser();

        Assert.Matches("^renamed=s%3A[^;]+; Path=/app; HttpOnly; max-age=300; Flavour=plain$", Assert.Single((await browser.GetAsync("/set")).SetCookies));
    }

    [Fact]
    public async Task Without_consent_a_cookie_can_still_be_cleared()
    {
        await using var site = await StartAsync(new CookiePolicyOptions { CheckConsentNeeded = context => context.Request.Path == "/destroy" });
        using var browser = site.NewBrowser();
        await browser.GetAsync("/set");

        Assert.StartsWith("connect.sid=; ", (await browser.GetAsync("/destroy")).SetCookie, StringComparison.Ordinal);
    }

    private static Task<Site> StartAsync(CookiePolicyOptions policy, Action<SessionStoresOptions>? configure = null) => Site.StartAsync(app =>
    {
        app.UseCookiePolicy(policy);
        app.UseSessionStores();
        app.MapGet("/set", (HttpSession session) => session.Set("a", 1));
        app.MapGet("/get", (HttpSession session) => session.Get<int>("a"));
        app.MapGet("/save", (HttpSession session) =>
        {
            session.Set("a", 1);
            return session.SaveAsync();
        });
        app.MapGet("/consent", (HttpContext context, HttpSession session) =>
        {
            context.Features.Get<ITrackingConsentFeature>()!.GrantConsent();
            session.Set("a", 1);
        });
        app.MapGet("/destroy", (HttpSession session) => session.DestroyAsync());
    }, configure, kestrel: false, services: null);
}
