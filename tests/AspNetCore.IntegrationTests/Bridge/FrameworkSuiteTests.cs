using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using SessionStores.AspNetCore;
using SessionStores.AspNetCore.Tests;

namespace SessionStores.AspNetCore.IntegrationTests.Bridge;

/// <summary>The cases of ASP.NET Core's own session tests, on our <c>HttpContext.Session</c>: docs/notes/aspnetcore-session-tests.md lists them.</summary>
public sealed class FrameworkSuiteTests
{
    [Fact]
    public async Task Reading_an_empty_session_creates_no_cookie()
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();

        Assert.Equal("none", (await browser.GetAsync("/get")).Body);
        Assert.Null(browser.Cookie);
    }

    [Fact]
    public async Task Setting_a_value_creates_the_cookie()
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();

        Assert.Single((await browser.GetAsync("/set/1")).SetCookies);
        Assert.NotNull(browser.Cookie);
    }

    [Theory]
    [InlineData(SessionCookieSecurity.Always, "http", null)]
    [InlineData(SessionCookieSecurity.Always, "https", true)]
    [InlineData(SessionCookieSecurity.Never, "http", false)]
    [InlineData(SessionCookieSecurity.Never, "https", false)]
    [InlineData(SessionCookieSecurity.Auto, "http", false)]
    [InlineData(SessionCookieSecurity.Auto, "https", true)]
    public async Task Secure_follows_the_policy_and_the_request_and_a_secure_cookie_is_not_sent_over_http(SessionCookieSecurity security, string scheme, bool? isSecure)
    {
        await using var site = await StartAsync(options => (options.Cookie.Secure, options.Proxy) = (security, true));
        using var browser = site.NewBrowser();

        var answer = await browser.GetAsync("/set/1", ("X-Forwarded-Proto", scheme));

        Assert.Equal(200, answer.Status);
        Assert.Equal(isSecure, answer.SetCookie?.Contains("; Secure", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_session_is_there_in_the_next_request()
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();

        foreach (var expected in new[] { "1", "2", "3", "4" })
            Assert.Equal(expected, (await browser.GetAsync("/count")).Body);
    }

    [Theory]
    [InlineData("/remove")]
    [InlineData("/clear")]
    public async Task What_was_removed_or_cleared_is_gone(string path)
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();
        await browser.GetAsync("/set/1");

        Assert.Equal("none", (await browser.GetAsync(path)).Body);
        Assert.Equal("none", (await browser.GetAsync("/get")).Body);
    }

    [Fact]
    public async Task An_expired_session_is_empty_and_counted()
    {
        await using var site = await StartAsync(options => options.IdleTimeout = TimeSpan.FromMinutes(1));
        using var browser = site.NewBrowser();
        await browser.GetAsync("/set/1");

        site.Clock.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal("none", (await browser.GetAsync("/get")).Body);
        Assert.Equal(1, site.Counters["sessionstores.loads outcome=NotFound"]);
    }

    [Fact]
    public async Task A_request_that_does_not_use_the_session_keeps_it_alive()
    {
        await using var site = await StartAsync(options => options.IdleTimeout = TimeSpan.FromMinutes(20));
        using var browser = site.NewBrowser();
        await browser.GetAsync("/set/10");

        for (var i = 0; i < 5; i++)
        {
            site.Clock.Advance(TimeSpan.FromMinutes(10));
            await browser.GetAsync("/other");
        }

        Assert.Equal("10", (await browser.GetAsync("/get")).Body);
    }

    [Theory]
    [InlineData("/set/1")]
    [InlineData("/throw")]
    public async Task The_feature_stays_after_the_endpoint_so_that_error_pages_have_the_session(string path)
    {
        var isThere = false;
        await using var site = await Site.StartAsync(app =>
        {
            app.Use(async (context, next) =>
            {
                try
                {
                    await next(context);
                }
                catch (InvalidOperationException)
                {
                    context.Response.StatusCode = 500;
                }

                isThere = context.Features.Get<ISessionFeature>() is not null;
            });
            app.UseSessionStores();
            Map(app);
        }, null, kestrel: false, services: null);
        using var browser = site.NewBrowser();

        await browser.GetAsync(path);

        Assert.True(isThere);
    }

    [Fact]
    public async Task Keys_are_case_sensitive()
    {
        await using var site = await Site.StartAsync(app => app.MapGet("/", (HttpContext context) =>
        {
            context.Session.SetString("KEY", "VALUE");
            context.Session.SetString("key", "value");
            return context.Session.GetString("KEY") + context.Session.GetString("key");
        }));
        using var browser = site.NewBrowser();

        Assert.Equal("VALUEvalue", (await browser.GetAsync("/")).Body);
    }

    [Fact]
    public async Task A_store_that_cannot_be_read_leaves_an_empty_session_if_the_policy_says_so()
    {
        await using var site = await StartAsync(options => options.Outage = OutagePolicy.ContinueWithoutSession);
        using var browser = site.NewBrowser();
        await browser.GetAsync("/set/1");
        FailAt(site, "get");

        Assert.Equal("False '' False False", (await browser.GetAsync("/state")).Body);
        Assert.Contains(site.Log.Lines, line => line is { Level: LogLevel.Error, Name: "LoadOutage" });
    }

    [Fact]
    public async Task A_store_that_cannot_be_read_fails_the_request_by_default()
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();
        await browser.GetAsync("/set/1");
        FailAt(site, "get");

        await Assert.ThrowsAsync<SessionStoreException>(() => browser.GetAsync("/state"));
    }

    [Fact]
    public async Task Loading_with_a_cancelled_token_throws_and_logs_nothing()
    {
        await using var site = await Site.StartAsync(app => app.MapGet("/", async (HttpContext context) =>
            (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => context.Session.LoadAsync(new CancellationToken(canceled: true)))).GetType().Name));
        using var browser = site.NewBrowser();

        Assert.Equal(200, (await browser.GetAsync("/")).Status);
        Assert.DoesNotContain(site.Log.Lines, line => line.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task A_store_that_cannot_be_written_is_logged_if_the_policy_says_so_and_fails_the_request_by_default()
    {
        await using var lenient = await StartAsync(options => options.Outage = OutagePolicy.ContinueWithoutSession);
        await using var strict = await StartAsync();
        using var first = lenient.NewBrowser();
        using var second = strict.NewBrowser();
        FailAt(lenient, "create");
        FailAt(strict, "create");

        var answer = await first.GetAsync("/set/1");

        Assert.Equal((200, null), (answer.Status, answer.SetCookie));
        Assert.Contains(lenient.Log.Lines, line => line is { Level: LogLevel.Error, Name: "SaveOutage" });
        await Assert.ThrowsAsync<SessionStoreException>(() => second.GetAsync("/set/1"));
    }

    [Fact]
    public async Task After_a_commit_that_was_cancelled_the_session_is_saved_at_the_end()
    {
        await using var site = await Site.StartAsync(app =>
        {
            app.MapGet("/", async (HttpContext context) =>
            {
                context.Session.SetInt32("key", 7);
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => context.Session.CommitAsync(new CancellationToken(canceled: true)));
            });
            app.MapGet("/get", (HttpContext context) => context.Session.GetInt32("key"));
        });
        using var browser = site.NewBrowser();

        Assert.Equal(200, (await browser.GetAsync("/")).Status);
        Assert.Equal("7", (await browser.GetAsync("/get")).Body);
    }

    [Fact]
    public async Task A_request_that_was_aborted_is_saved()
    {
        await using var site = await Site.StartAsync(app =>
        {
            app.MapGet("/", (HttpContext context) =>
            {
                context.Session.SetInt32("key", 7);
                context.RequestAborted = new CancellationToken(canceled: true);
            });
            app.MapGet("/get", (HttpContext context) => context.Session.GetInt32("key"));
        });
        using var browser = site.NewBrowser();

        Assert.Equal(200, (await browser.GetAsync("/")).Status);
        Assert.Equal("7", (await browser.GetAsync("/get")).Body);
    }

    [Fact]
    public async Task Extending_a_session_is_part_of_the_read()
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();
        await browser.GetAsync("/set/1");
        site.Clock.Advance(TimeSpan.FromHours(12));
        FailAt(site, "touch");

        Assert.Equal("1", (await browser.GetAsync("/get")).Body);
        site.Clock.Advance(TimeSpan.FromHours(20));
        Assert.Equal("1", (await browser.GetAsync("/get")).Body);
    }

    private static void FailAt(Site site, string failing) => site.Store.Before = call => call == failing
        ? throw new SessionStoreException("RecordingStore", call, SessionStoreFault.Unavailable, "It is gone.")
        : Task.CompletedTask;

    private static Task<Site> StartAsync(Action<SessionStoresOptions>? configure = null) => Site.StartAsync(Map, configure);

    private static void Map(WebApplication app)
    {
        app.MapGet("/set/{value}", (HttpContext context, string value) => context.Session.SetString("key", value));
        app.MapGet("/get", (HttpContext context) => context.Session.GetString("key") ?? "none");
        app.MapGet("/count", (HttpContext context) =>
        {
            var count = (context.Session.GetInt32("count") ?? 0) + 1;
            context.Session.SetInt32("count", count);
            return count;
        });
        app.MapGet("/remove", (HttpContext context) =>
        {
            Assert.NotNull(context.Session.GetString("key"));
            context.Session.Remove("key");
            return context.Session.GetString("key") ?? "none";
        });
        app.MapGet("/clear", (HttpContext context) =>
        {
            Assert.NotNull(context.Session.GetString("key"));
            context.Session.Clear();
            return context.Session.GetString("key") ?? "none";
        });
        app.MapGet("/other", () => "did not use the session");
        app.MapGet("/throw", (HttpContext _) => throw new InvalidOperationException("An error occurred."));
        app.MapGet("/state", async (HttpContext context) =>
        {
            await context.Session.LoadAsync();
            return $"{context.Session.IsAvailable} '{context.Session.Id}' {context.Session.Keys.Any()} {context.Session.TryGetValue("key", out _)}";
        });
    }
}
