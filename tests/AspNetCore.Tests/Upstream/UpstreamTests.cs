using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore.Tests.Upstream;

/// <summary>Cases of express-session's own suite that no other test covers; UpstreamSuite.md maps all of them.</summary>
public sealed class UpstreamTests
{
    [Fact]
    public async Task The_name_of_the_cookie_is_an_option()
    {
        await using var site = await StartAsync(options => options.Name = "session_id");
        using var browser = site.NewBrowser();

        var answer = await browser.GetAsync("/count");

        Assert.StartsWith("session_id=s%3A", Assert.Single(answer.SetCookies), StringComparison.Ordinal);
        browser.Cookie = answer.SetCookies[0].Split(';')[0];
        Assert.Equal("2", (await browser.GetAsync("/count")).Body);
    }

    [Fact]
    public async Task Ids_are_made_by_the_option_which_sees_the_request()
    {
        await using var site = await StartAsync(options => options.GenerateId = context => context.Request.Path.Value + " a+b=c!'()*~é");
        using var browser = site.NewBrowser();

        var answer = await browser.GetAsync("/count");

        Assert.StartsWith("connect.sid=s%3A%2Fcount%20a%2Bb%3Dc!'()*~%C3%A9.", answer.SetCookie, StringComparison.Ordinal);
        Assert.Equal("2", (await browser.GetAsync("/count")).Body);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData(null)]
    public async Task An_id_that_no_store_takes_is_an_error_of_the_option(string? id)
    {
        await using var site = await StartAsync(options => options.GenerateId = _ => id!);
        using var browser = site.NewBrowser();

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => browser.GetAsync("/count"));

        Assert.Contains("GenerateId", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_visitor_gets_a_session_of_their_own()
    {
        await using var site = await StartAsync();
        using var first = site.NewBrowser();
        using var second = site.NewBrowser();

        await first.GetAsync("/count");
        await second.GetAsync("/count");

        Assert.NotEqual(first.SessionId, second.SessionId);
        Assert.Equal("2", (await first.GetAsync("/count")).Body);
    }

    [Fact]
    public async Task A_secret_may_be_bytes()
    {
        await using var site = await StartAsync(options => options.Secrets = [new SessionSecret([0, 1, 2, 255])]);
        using var browser = site.NewBrowser();
        await browser.GetAsync("/count");

        Assert.Equal("2", (await browser.GetAsync("/count")).Body);
    }

    [Fact]
    public async Task Of_several_secrets_the_first_signs_and_all_verify()
    {
        await using var site = await StartAsync(options => options.Secrets = ["new", "old"]);
        using var browser = site.NewBrowser();
        await browser.GetAsync("/count");
        Assert.Equal(CookieSignature.Sign(browser.SessionId!, "new"), Uri.UnescapeDataString(browser.Cookie!.Split('=')[1]));

        browser.Cookie = "connect.sid=" + SetCookieHeader.EncodeComponent(CookieSignature.Sign(browser.SessionId!, "old"));
        Assert.Equal("2", (await browser.GetAsync("/count")).Body);
    }

    [Theory]
    [InlineData("/count")]
    [InlineData("/empty")]
    [InlineData("/writes")]
    [InlineData("/length")]
    public async Task Whatever_the_response_looks_like_the_session_is_saved_with_it(string path)
    {
        await using var site = await StartAsync(null, kestrel: true);
        using var browser = site.NewBrowser();

        var answer = await browser.GetAsync(path);

        Assert.Equal(200, answer.Status);
        Assert.Contains("\"n\":1", SavingTests.Payload(await site.RecordOf(browser)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_session_is_a_new_session_with_another_id()
    {
        await using var site = await StartAsync(options => options.Cookie.MaxAge = TimeSpan.FromMinutes(1));
        using var browser = site.NewBrowser();
        await browser.GetAsync("/count");
        var old = browser.SessionId!;
        site.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal("1", (await browser.GetAsync("/count")).Body);
        Assert.NotEqual(old, browser.SessionId);
        Assert.Null(await site.Store.Inner.GetAsync(old));
    }

    [Fact]
    public async Task A_member_named_like_a_method_of_a_peer_passes_through()
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();
        await browser.GetAsync("/count");
        var payload = SavingTests.Payload(await site.RecordOf(browser)).Replace("\"n\":1", "\"save\":\"nope\",\"n\":1", StringComparison.Ordinal);
        await site.Store.Inner.SetAsync(browser.SessionId!, new SessionContent(Encoding.UTF8.GetBytes(payload), site.Clock.GetUtcNow().AddHours(1)));

        Assert.Equal("2", (await browser.GetAsync("/count")).Body);
        Assert.Contains("\"save\":\"nope\"", SavingTests.Payload(await site.RecordOf(browser)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_nested_member_named_cookie_is_data()
    {
        await using var site = await Site.StartAsync(app => app.MapGet("/", (HttpSession session) =>
            session.Update<Dictionary<string, string>>("user", user => new() { ["cookie"] = (user?["cookie"] ?? "") + "x" })));
        using var browser = site.NewBrowser();
        await browser.GetAsync("/");
        site.Store.Forget();

        await browser.GetAsync("/");

        Assert.Equal(["get", "replace"], site.Store.Calls);
        Assert.Contains("\"user\":{\"cookie\":\"xx\"}", SavingTests.Payload(await site.RecordOf(browser)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Under_a_path_base_the_original_path_counts()
    {
        await using var site = await Site.StartAsync(app =>
        {
            app.UsePathBase("/foo");
            app.UseSessionStores();
            app.UseRouting();
            app.MapGet("/bar", (HttpContext context) => context.GetSessionLoadResult().ToString());
            app.MapGet("/foo/bar", (HttpContext context) => context.GetSessionLoadResult().ToString());
        }, options => options.Cookie.Path = "/foo/bar", kestrel: false, services: null);
        using var browser = site.NewBrowser();

        Assert.Equal("NoCookie", (await browser.GetAsync("/foo/bar")).Body);
        Assert.Equal("PathMismatch", (await browser.GetAsync("/foo/foo/bar")).Body);
    }

    [Fact]
    public async Task The_cookie_follows_the_options()
    {
        await using var site = await StartAsync(options =>
        {
            options.Cookie.Path = "/count";
            options.Cookie.HttpOnly = false;
            options.Cookie.MaxAge = TimeSpan.FromDays(365_000);
        });
        using var browser = site.NewBrowser();

        Assert.EndsWith("; Path=/count; Expires=Tue, 05 May 3029 03:04:05 GMT", (await browser.GetAsync("/count")).SetCookie, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_instant_in_the_options_is_the_instant_of_the_cookie()
    {
        await using var site = await StartAsync(options => options.Cookie.Expires = new DateTimeOffset(2030, 1, 2, 4, 0, 0, TimeSpan.Zero));
        using var browser = site.NewBrowser();

        Assert.Contains("; Expires=Wed, 02 Jan 2030 04:00:00 GMT", (await browser.GetAsync("/count")).SetCookie, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cookie_with_an_idle_time_is_sent_again_when_the_session_changes_and_another_one_is_not()
    {
        await using var withIdleTime = await StartAsync(options => options.Cookie.MaxAge = TimeSpan.FromHours(1));
        await using var without = await StartAsync();
        using var first = withIdleTime.NewBrowser();
        using var second = without.NewBrowser();
        await first.GetAsync("/count");
        await second.GetAsync("/count");
        withIdleTime.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Contains("; Expires=Wed, 02 Jan 2030 04:05:05 GMT", (await first.GetAsync("/count")).SetCookie, StringComparison.Ordinal);
        Assert.Null((await second.GetAsync("/count")).SetCookie);
        Assert.Contains("\"expires\":\"2030-01-02T04:05:05.000Z\"", SavingTests.Payload(await withIdleTime.RecordOf(first)), StringComparison.Ordinal);
    }

    private static Task<Site> StartAsync(Action<SessionStoresOptions>? configure = null, bool kestrel = false) => Site.StartAsync(app =>
    {
        app.MapGet("/count", (HttpSession session) =>
        {
            session.Update<int>("n", n => n + 1);
            return session.Get<int>("n");
        });
        app.MapGet("/empty", (HttpSession session) => session.Set("n", 1));
        app.MapGet("/writes", async (HttpContext context, HttpSession session) =>
        {
            session.Set("n", 1);
            await context.Response.WriteAsync("hello, ");
            await context.Response.Body.FlushAsync();
            await context.Response.WriteAsync("world");
        });
        app.MapGet("/length", async (HttpContext context, HttpSession session) =>
        {
            session.Set("n", 1);
            context.Response.ContentLength = 13;
            await context.Response.WriteAsync("session saved");
        });
    }, configure, kestrel);
}
