using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore.Tests;

/// <summary>What requests get while the store cannot be reached.</summary>
public sealed partial class OutageTests
{
    [Theory]
    [InlineData(OutagePolicy.Fail)]
    [InlineData(OutagePolicy.ServiceUnavailable503)]
    [InlineData(OutagePolicy.ContinueWithoutSession)]
    public async Task A_request_without_a_cookie_notices_nothing(OutagePolicy policy)
    {
        await using var site = await StartAsync(policy);
        using var browser = site.NewBrowser();
        BreakDown(site, "get", "create", "replace", "touch", "destroy", "rotate");

        Assert.Equal("NoCookie 0", (await browser.GetAsync("/read")).Body);
    }

    [Fact]
    public async Task By_default_a_request_that_needs_the_store_fails_with_its_exception()
    {
        await using var site = await StartAsync(OutagePolicy.Fail);
        using var browser = await BeginAsync(site);
        BreakDown(site, "get");

        var failure = await Assert.ThrowsAsync<SessionStoreException>(() => browser.GetAsync("/read"));

        Assert.Equal(SessionStoreFault.Unavailable, failure.Fault);
    }

    [Fact]
    public async Task A_failed_save_fails_the_request()
    {
        await using var site = await StartAsync(OutagePolicy.Fail);
        using var browser = await BeginAsync(site);
        BreakDown(site, "replace");

        await Assert.ThrowsAsync<SessionStoreException>(() => browser.GetAsync("/write"));
        await Assert.ThrowsAsync<SessionStoreException>(() => browser.GetAsync("/write-empty"));
    }

    [Theory]
    [InlineData("/destroy")]
    [InlineData("/unset")]
    public async Task A_failed_destruction_fails_the_request(string path)
    {
        await using var site = await StartAsync(OutagePolicy.Fail);
        using var browser = await BeginAsync(site);
        BreakDown(site, "destroy");

        await Assert.ThrowsAsync<SessionStoreException>(() => browser.GetAsync(path));

        site.Store.Before = null;
        Assert.Equal("Loaded 1", (await browser.GetAsync("/read")).Body);
    }

    [Fact]
    public async Task Going_on_without_a_session_means_none_and_says_why()
    {
        await using var site = await StartAsync(OutagePolicy.ContinueWithoutSession);
        using var browser = await BeginAsync(site);
        BreakDown(site, "get");

        Assert.Equal("StoreUnavailable none", (await browser.GetAsync("/read")).Body);
        Assert.True(site.Log.Has("LoadOutage"));
        Assert.Equal(1, site.Counters["sessionstores.outages stage=load"]);
        Assert.Equal(1, site.Counters["sessionstores.loads outcome=StoreUnavailable"]);
    }

    [Fact]
    public async Task Going_on_after_a_failed_save_is_logged_as_an_error_and_sends_no_cookie()
    {
        await using var site = await StartAsync(OutagePolicy.ContinueWithoutSession);
        using var browser = site.NewBrowser();
        BreakDown(site, "create");

        var answer = await browser.GetAsync("/write");

        Assert.Equal("done", answer.Body);
        Assert.Null(answer.SetCookie);
        Assert.Contains(site.Log.Lines, line => line is { Level: Microsoft.Extensions.Logging.LogLevel.Error, Name: "SaveOutage" });
    }

    [Theory]
    [InlineData(SessionStoreFault.Misconfigured)]
    [InlineData(SessionStoreFault.Refused)]
    public async Task A_mistake_in_the_set_up_fails_whatever_the_policy(SessionStoreFault fault)
    {
        await using var site = await StartAsync(OutagePolicy.ContinueWithoutSession);
        using var browser = await BeginAsync(site);
        site.Store.Before = _ => throw new SessionStoreException("TestStore", "Get", fault, "No such table.");

        await Assert.ThrowsAsync<SessionStoreException>(() => browser.GetAsync("/read"));
    }

    [Fact]
    public async Task An_error_page_can_be_shown_for_a_failed_save()
    {
        await using var site = await Site.StartAsync(app =>
        {
            app.UseExceptionHandler(error => error.Run(context => context.Response.WriteAsync("sorry")));
            app.UseSessionStores();
            Map(app);
        }, null, kestrel: true, services: null);
        using var browser = await BeginAsync(site);
        BreakDown(site, "replace");

        var answer = await browser.GetAsync("/write-empty");

        Assert.Equal(500, answer.Status);
        Assert.Equal("sorry", answer.Body);
    }

    [Theory]
    [InlineData("/save", "replace")]
    [InlineData("/save-unchanged", "touch")]
    [InlineData("/reload", "get")]
    [InlineData("/destroy", "destroy")]
    [InlineData("/unset", "destroy")]
    [InlineData("/access", "get")]
    [InlineData("/bridge", "replace")]
    public async Task A_call_of_a_handler_that_fails_ends_in_503_and_keeps_the_headers_that_are_not_of_the_body(string path, string call)
    {
        await using var site = await StartAsync(OutagePolicy.ServiceUnavailable503, kestrel: true);
        using var browser = await BeginAsync(site);
        BreakDownAfterLoading(site, call);

        var answer = await browser.GetAsync(path);

        Assert.Equal(503, answer.Status);
        Assert.Equal("", answer.Body);
        Assert.Equal("5", string.Join(',', answer.Headers.GetValues("Retry-After")));
        Assert.Equal("*", string.Join(',', answer.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Equal("default-src 'self'", string.Join(',', answer.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        Assert.False(answer.Headers.Contains("ETag"));
        Assert.False(answer.Headers.Contains("Location"));
        site.Store.Before = null;
        Assert.Equal("Loaded 1", (await browser.GetAsync("/read")).Body);
    }

    [Theory]
    [InlineData("/save", "replace", "save")]
    [InlineData("/save-unchanged", "touch", "save")]
    [InlineData("/reload", "get", "load")]
    [InlineData("/bridge", "replace", "save")]
    public async Task A_call_of_a_handler_that_fails_lets_a_request_continue_if_the_policy_says_so(string path, string call, string stage)
    {
        await using var site = await StartAsync(OutagePolicy.ContinueWithoutSession);
        using var browser = await BeginAsync(site);
        BreakDownAfterLoading(site, call);

        var answer = await browser.GetAsync(path);

        Assert.Equal("StoreUnavailable", answer.Body);
        Assert.Null(answer.SetCookie);
        Assert.Equal(1, site.Counters[$"sessionstores.outages stage={stage}"]);
    }

    [Theory]
    [InlineData("/destroy")]
    [InlineData("/unset")]
    public async Task A_log_out_that_fails_clears_the_cookie_if_the_request_continues(string path)
    {
        await using var site = await StartAsync(OutagePolicy.ContinueWithoutSession);
        using var browser = await BeginAsync(site);
        BreakDown(site, "destroy");

        var answer = await browser.GetAsync(path);

        Assert.Equal(200, answer.Status);
        Assert.Null(browser.Cookie);
        Assert.True(site.Log.Has("DestroyOutage"));
    }

    [Fact]
    public async Task A_request_that_continues_waits_for_the_store_once()
    {
        await using var site = await StartAsync(OutagePolicy.ContinueWithoutSession);
        using var browser = site.NewBrowser();
        BreakDown(site, "create", "get", "replace", "touch");

        var answer = await browser.GetAsync("/save-often");

        Assert.Equal("StoreUnavailable", answer.Body);
        Assert.Equal(["create"], site.Store.Calls);
        Assert.Null(answer.SetCookie);
        Assert.Equal(1, site.Counters["sessionstores.outages stage=save"]);
    }

    [Fact]
    public async Task A_long_request_that_continues_tries_again_when_it_may()
    {
        var hasFailed = new TaskCompletionSource();
        var recovers = new TaskCompletionSource();
        await using var site = await Site.StartAsync(
            app => app.MapGet("/", async (HttpSession session, HttpContext context) =>
            {
                session.Set("a", 1);
                await session.SaveAsync();
                Assert.Equal(SessionLoadResult.StoreUnavailable, context.GetSessionLoadResult());
                hasFailed.SetResult();
                await recovers.Task;
            }),
            options => options.Outage = OutagePolicy.ContinueWithoutSession);
        using var browser = site.NewBrowser();
        BreakDown(site, "create");
        var request = browser.GetAsync("/");
        await Task.WhenAny(hasFailed.Task, request);
        site.Store.Before = null;
        site.Clock.Advance(TimeSpan.FromSeconds(5));
        recovers.SetResult();

        Assert.NotNull((await request).SetCookie);
        Assert.NotNull(await site.RecordOf(browser));
    }

    [Fact]
    public async Task A_new_id_that_could_not_be_saved_is_not_sent()
    {
        await using var site = await Site.StartAsync(Map, options => (options.Outage, options.Rolling) = (OutagePolicy.ContinueWithoutSession, true));
        using var browser = await BeginAsync(site);
        var before = browser.Cookie;
        BreakDown(site, "rotate");

        Assert.Null((await browser.GetAsync("/rotate")).SetCookie);

        site.Store.Before = null;
        Assert.Equal(before, browser.Cookie);
        Assert.Equal("Loaded 1", (await browser.GetAsync("/read")).Body);
    }

    [Theory]
    [InlineData("/save", "replace")]
    [InlineData("/reload", "get")]
    [InlineData("/destroy", "destroy")]
    public async Task A_mistake_in_the_set_up_is_an_exception_of_every_call(string path, string call)
    {
        foreach (var policy in Enum.GetValues<OutagePolicy>())
        {
            await using var site = await StartAsync(policy);
            using var browser = await BeginAsync(site);
            BreakDownAfterLoading(site, call, SessionStoreFault.Refused);

            await Assert.ThrowsAsync<SessionStoreException>(() => browser.GetAsync(path));
        }
    }

    /// <summary>The first read is that of the request itself.</summary>
    private static void BreakDownAfterLoading(Site site, string call, SessionStoreFault fault = SessionStoreFault.Unavailable)
    {
        var reads = 0;
        site.Store.Before = made => made == call && (made != "get" || Interlocked.Increment(ref reads) > 1)
            ? throw new SessionStoreException("TestStore", call, fault, "The server cannot be reached.")
            : Task.CompletedTask;
    }

    private static void BreakDown(Site site, params string[] calls) => site.Store.Before = call => calls.Contains(call)
        ? throw new SessionStoreException("TestStore", call, SessionStoreFault.Unavailable, "The server cannot be reached.")
        : Task.CompletedTask;

    private static Task<Site> StartAsync(OutagePolicy policy, bool kestrel = false) => Site.StartAsync(Map, options => options.Outage = policy, kestrel);

    private static void Map(WebApplication app)
    {
        app.MapGet("/read", (HttpContext context, HttpSession? session) => $"{context.GetSessionLoadResult()} {(session is null ? "none" : session.Get<int>("a"))}");
        app.MapGet("/write", (HttpSession session) =>
        {
            session.Update<int>("a", value => value + 1);
            return "done";
        });
        app.MapGet("/destroy", (HttpSession session) => session.DestroyAsync());
        app.MapGet("/unset", (HttpContext context) => context.UnsetSession());
        app.Use((context, next) =>
        {
            context.Response.Headers.AccessControlAllowOrigin = "*";
            context.Response.Headers.ContentSecurityPolicy = "default-src 'self'";
            context.Response.Headers.ETag = "\"1\"";
            context.Response.Headers.Location = "/done";
            context.Response.Headers.CacheControl = "public, max-age=600";
            return next(context);
        });
        app.MapGet("/save", async (HttpContext context, HttpSession session) =>
        {
            session.Set("b", 1);
            await session.SaveAsync();
            return context.GetSessionLoadResult().ToString();
        });
        app.MapGet("/save-unchanged", async (HttpContext context, HttpSession session) =>
        {
            await session.SaveAsync();
            return context.GetSessionLoadResult().ToString();
        });
        app.MapGet("/save-often", async (HttpContext context, HttpSession session) =>
        {
            session.Set("b", 1);
            await session.SaveAsync();
            session.Set("b", 2);
            await session.SaveAsync();
            return context.GetSessionLoadResult().ToString();
        });
        app.MapGet("/reload", async (HttpContext context, HttpSession session) =>
        {
            await session.ReloadAsync();
            return context.GetSessionLoadResult().ToString();
        });
        app.MapGet("/rotate", (HttpSession session) => session.RegenerateAsync(keepData: true));
        app.MapGet("/access", async (SessionAccess sessions) => await sessions.LoadAsync("id") is null ? "none" : "some");
        app.MapGet("/bridge", async (HttpContext context) =>
        {
            context.Session.SetString("b", "1");
            await context.Session.CommitAsync();
            return context.GetSessionLoadResult().ToString();
        });
        app.MapGet("/write-empty", (HttpSession session) => session.Update<int>("a", value => value + 1));
        app.MapGet("/write-length", async (HttpContext context, HttpSession session) =>
        {
            session.Update<int>("a", value => value + 1);
            context.Response.ContentLength = 4;
            await context.Response.Body.WriteAsync("done"u8.ToArray());
        });
        app.MapGet("/write-stream", async (HttpContext context, HttpSession session) =>
        {
            session.Update<int>("a", value => value + 1);
            await context.Response.Body.WriteAsync("do"u8.ToArray());
            await context.Response.Body.FlushAsync();
            await context.Response.Body.WriteAsync("ne"u8.ToArray());
        });
        app.MapGet("/write-late", async (HttpContext context, HttpSession session) =>
        {
            await context.Response.WriteAsync("first");
            await context.Response.Body.FlushAsync();
            session.Update<int>("a", value => value + 1);
        });
    }

    private static async Task<Browser> BeginAsync(Site site)
    {
        var browser = site.NewBrowser();
        await browser.GetAsync("/write");
        return browser;
    }
}
