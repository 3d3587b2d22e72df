using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace SessionStores.AspNetCore.Tests;

/// <summary>Secure and SameSite, behind proxies and without.</summary>
public sealed class SecureTests
{
    [Theory]
    [InlineData(null, "http", null, false)]
    [InlineData(null, "http", "https", false)]
    [InlineData(null, "https", null, true)]
    [InlineData(null, "https", "http", true)]
    [InlineData(null, "tls", null, true)]
    [InlineData(true, "http", "https", true)]
    [InlineData(true, "http", " HTTPS , http", true)]
    [InlineData(true, "http", "https,http", true)]
    [InlineData(true, "http", "http,https", false)]
    [InlineData(true, "http", null, false)]
    [InlineData(true, "https", null, false)]
    [InlineData(true, "tls", "http", true)]
    [InlineData(false, "http", "https", false)]
    [InlineData(false, "https", "https", false)]
    [InlineData(false, "tls", null, true)]
    public async Task Whether_a_request_is_secure_follows_the_option_Proxy(bool? proxy, string connection, string? forwarded, bool isSecure)
    {
        await using var site = await StartAsync(options =>
        {
            options.Proxy = proxy;
            options.Cookie.Secure = SessionCookieSecurity.Auto;
            options.Cookie.SameSite = SessionSameSite.Auto;
        });
        using var browser = site.NewBrowser();

        var answer = await browser.GetAsync("/set", Headers(connection, forwarded));

        Assert.EndsWith(isSecure ? "; HttpOnly; Secure; SameSite=None" : "; HttpOnly; SameSite=Lax", answer.SetCookie, StringComparison.Ordinal);
        Assert.Contains(isSecure ? "\"secure\":true" : "\"secure\":false", SavingTests.Payload(await site.RecordOf(browser)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/set")]
    [InlineData("/save")]
    [InlineData("/regenerate")]
    public async Task A_secure_cookie_on_an_insecure_request_is_a_warning_and_no_orphan(string path)
    {
        await using var site = await StartAsync(options => options.Cookie.Secure = SessionCookieSecurity.Always);
        using var browser = site.NewBrowser();

        var answer = await browser.GetAsync(path);

        Assert.Equal(200, answer.Status);
        Assert.Null(answer.SetCookie);
        Assert.Empty(site.Store.Calls);
        Assert.Single(site.Log.Lines, line => line.Name == "InsecureRequest");
    }

    [Fact]
    public async Task A_secure_cookie_on_a_secure_request_is_sent()
    {
        await using var site = await StartAsync(options => options.Cookie.Secure = SessionCookieSecurity.Always);
        using var browser = site.NewBrowser();

        Assert.EndsWith("; HttpOnly; Secure", (await browser.GetAsync("/set", Headers("https", null))).SetCookie, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SameSite_auto_is_never_None_without_Secure()
    {
        await using var site = await StartAsync(options => options.Cookie.SameSite = SessionSameSite.Auto);
        using var browser = site.NewBrowser();

        Assert.EndsWith("; HttpOnly; SameSite=Lax", (await browser.GetAsync("/set", Headers("https", null))).SetCookie, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cookie_chosen_by_the_request_may_be_automatic_too()
    {
        var calls = 0;
        await using var site = await StartAsync(options => options.CookieFor = context =>
        {
            calls++;
            return new SessionCookieOptions { Path = context.Request.Path == "/set" ? "/set" : "/", Secure = SessionCookieSecurity.Auto, SameSite = SessionSameSite.Auto };
        });
        using var browser = site.NewBrowser();

        var answer = await browser.GetAsync("/set", Headers("https", null));

        Assert.EndsWith("; Path=/set; HttpOnly; Secure; SameSite=None", answer.SetCookie, StringComparison.Ordinal);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task A_cookie_chosen_by_the_request_is_checked()
    {
        await using var site = await StartAsync(options => options.CookieFor = _ => new SessionCookieOptions { Secure = SessionCookieSecurity.Never, SameSite = SessionSameSite.None });
        using var browser = site.NewBrowser();

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => browser.GetAsync("/set"));

        Assert.Contains("CookieFor returned a cookie that cannot be used. SessionStoresOptions.Cookie.SameSite must be", failure.Message, StringComparison.Ordinal);
    }

    private static (string Name, string Value)[] Headers(string connection, string? forwarded) => forwarded is null
        ? [("X-Connection", connection)]
        : [("X-Connection", connection), ("X-Forwarded-Proto", forwarded)];

    private static Task<Site> StartAsync(Action<SessionStoresOptions> configure) => Site.StartAsync(app =>
    {
        app.Use((context, next) =>
        {
            var connection = context.Request.Headers["X-Connection"].ToString();
            context.Request.Scheme = connection == "https" ? "https" : "http";
            if (connection == "tls")
                context.Features.Set<ITlsConnectionFeature>(new TlsConnectionFeature());

            return next();
        });
        app.UseSessionStores();
        app.MapGet("/set", (HttpSession session) => session.Set("a", 1));
        app.MapGet("/save", (HttpSession session) => session.SaveAsync());
        app.MapGet("/regenerate", (HttpSession session) => session.RegenerateAsync());
    }, configure, kestrel: false, services: null);
}
