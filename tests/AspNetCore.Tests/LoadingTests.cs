using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SessionStores.AspNetCore.Tests;

/// <summary>What a request gets before its handler runs, and what that costs.</summary>
public sealed class LoadingTests
{
    [Fact]
    public async Task A_request_without_a_cookie_makes_no_store_call()
    {
        await using var site = await Site.StartAsync(Map);
        using var browser = site.NewBrowser();

        var answer = await browser.GetAsync("/views");

        Assert.Equal("NoCookie 0", answer.Body);
        Assert.Null(answer.SetCookie);
        Assert.Empty(site.Store.Calls);
        Assert.Equal(1, site.Counters["sessionstores.loads outcome=NoCookie"]);
    }

    [Fact]
    public async Task An_endpoint_that_opted_out_makes_no_store_call_and_has_no_session()
    {
        await using var site = await Site.StartAsync(Map);
        using var browser = site.NewBrowser();
        await browser.GetAsync("/count");
        site.Store.Forget();

        Assert.Equal("OptedOut True", (await browser.GetAsync("/none")).Body);
        Assert.Empty(site.Store.Calls);
    }

    [Theory]
    [MemberData(nameof(Cookies.CookieVectorTests.BadCookies), MemberType = typeof(Cookies.CookieVectorTests))]
    public async Task A_bad_cookie_makes_no_store_call_and_a_new_session(string shape, string header)
    {
        Assert.NotEmpty(shape);
        await using var site = await Site.StartAsync(Map);
        using var browser = site.NewBrowser();
        browser.Cookie = header;

        var answer = await browser.GetAsync("/views");

        Assert.Equal(200, answer.Status);
        Assert.Matches("^(NoCookie|BadSignature) 0$", answer.Body);
        Assert.Empty(site.Store.Calls);
    }

    [Fact]
    public async Task A_read_of_an_existing_session_is_one_store_call()
    {
        await using var site = await Site.StartAsync(Map);
        using var browser = site.NewBrowser();
        await browser.GetAsync("/count");
        site.Store.Forget();
        site.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal("Loaded 1", (await browser.GetAsync("/views")).Body);
        Assert.Equal(["get"], site.Store.Calls);
        Assert.Equal(1, site.Counters["sessionstores.loads outcome=Loaded"]);
        Assert.Equal(1, site.Counters["sessionstores.touches.skipped"]);
    }

    [Fact]
    public async Task An_id_that_the_store_does_not_know_is_never_adopted()
    {
        await using var site = await Site.StartAsync(Map);
        using var browser = site.NewBrowser();
        await browser.GetAsync("/count");
        var gone = browser.SessionId!;
        await site.Store.Inner.DestroyAsync(gone);

        var reading = await browser.GetAsync("/views");
        Assert.Equal("NotFound 0", reading.Body);
        Assert.Null(reading.SetCookie);

        await browser.GetAsync("/count");
        Assert.NotEqual(gone, browser.SessionId);
        Assert.Null(await site.Store.Inner.GetAsync(gone));
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"views":1}""")]
    [InlineData("""{"cookie":null}""")]
    [InlineData("""{"cookie":"x"}""")]
    [InlineData("""{"cookie":[]}""")]
    [InlineData("""{"cookie":{"originalMaxAge":"60000"}}""")]
    public async Task A_record_that_cannot_be_read_leaves_the_site_up_and_stays_as_it_is(string payload)
    {
        await using var site = await Site.StartAsync(Map);
        using var browser = site.NewBrowser();
        await browser.GetAsync("/count");
        var id = browser.SessionId!;
        await site.Store.Inner.SetAsync(id, new SessionContent(Encoding.UTF8.GetBytes(payload), site.Clock.GetUtcNow().AddHours(1)));

        Assert.Equal("Unreadable 0", (await browser.GetAsync("/views")).Body);

        Assert.Equal(payload, Encoding.UTF8.GetString((await site.Store.Inner.GetAsync(id))!.Payload.Span));
        Assert.Contains(site.Log.Lines, line => line is { Level: LogLevel.Warning, Name: "SessionUnreadable" });
        Assert.Equal(1, site.Counters["sessionstores.loads outcome=Unreadable"]);

        await browser.GetAsync("/count");
        Assert.NotEqual(id, browser.SessionId);
        Assert.Equal("Loaded 1", (await browser.GetAsync("/views")).Body);
        Assert.NotNull(await site.Store.Inner.GetAsync(id));
    }

    [Fact]
    public async Task A_record_that_the_store_cannot_read_leaves_the_site_up()
    {
        await using var site = await Site.StartAsync(Map);
        using var browser = site.NewBrowser();
        await browser.GetAsync("/count");
        site.Store.Before = _ => throw new SessionStoreException("TestStore", "Get", SessionStoreFault.Unreadable, "It is not JSON.");

        Assert.Equal("Unreadable 0", (await browser.GetAsync("/views")).Body);
        Assert.True(site.Log.Has("SessionUnreadable"));
    }

    [Fact]
    public async Task A_read_only_endpoint_reads_and_cannot_write()
    {
        await using var site = await Site.StartAsync(Map);
        using var browser = site.NewBrowser();
        await browser.GetAsync("/count");
        site.Store.Forget();

        Assert.Equal("1", (await browser.GetAsync("/read")).Body);
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => browser.GetAsync("/read-and-write"));
        Assert.Contains("ReadOnly", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["get", "get"], site.Store.Calls);
    }

    [Fact]
    public async Task Outside_of_the_cookie_path_there_is_no_session_and_no_store_call()
    {
        await using var site = await Site.StartAsync(Map, options => options.Cookie.Path = "/app");
        using var browser = site.NewBrowser();

        Assert.Equal("NoCookie 0", (await browser.GetAsync("/app/views")).Body);
        Assert.Equal("PathMismatch none", (await browser.GetAsync("/views")).Body);
        Assert.Equal("PathMismatch none", (await browser.GetAsync("/application")).Body);
        Assert.Empty(site.Store.Calls);
    }

    [Fact]
    public async Task A_required_session_where_there_is_none_is_answered_400_and_an_optional_one_is_null()
    {
        await using var site = await Site.StartAsync(Map, options => options.Cookie.Path = "/app");
        using var browser = site.NewBrowser();

        Assert.Equal(400, (await browser.GetAsync("/count")).Status);
        Assert.Equal("PathMismatch none", (await browser.GetAsync("/views")).Body);
    }

    [Fact]
    public async Task An_endpoint_that_opted_out_and_requires_a_session_says_so()
    {
        await using var site = await Site.StartAsync(Map);
        using var browser = site.NewBrowser();

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => browser.GetAsync("/none-but-required"));

        Assert.Contains("SessionMode.None, so that its parameter 'session' never has a session", failure.Message, StringComparison.Ordinal);
        Assert.Equal("OptedOut True", (await browser.GetAsync("/none")).Body);
    }

    [Fact]
    public async Task Without_the_middleware_an_endpoint_that_asks_for_a_session_says_what_to_call()
    {
        await using var site = await Site.StartAsync(app => app.MapGet("/", (HttpSession session) => session.Id), null, kestrel: false, services: null);
        using var browser = site.NewBrowser();

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => browser.GetAsync("/"));

        Assert.Contains("UseSessionStores", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mounted_twice_the_first_one_wins()
    {
        await using var site = await Site.StartAsync(app =>
        {
            app.UseSessionStores();
            app.UseSessionStores();
            Map(app);
        }, null, kestrel: false, services: null);
        using var browser = site.NewBrowser();
        await browser.GetAsync("/count");
        site.Store.Forget();

        Assert.NotNull((await browser.GetAsync("/count")).Body);
        Assert.Equal(["get", "replace"], site.Store.Calls);
    }

    [Fact]
    public async Task A_record_with_half_of_a_surrogate_pair_in_its_names_is_read_and_changed_like_any_other()
    {
        await using var site = await Site.StartAsync(Map);
        using var browser = site.NewBrowser();
        await browser.GetAsync("/count");
        var payload = Encoding.UTF8.GetBytes("""{"cookie":{"originalMaxAge":null,"path":"/","\ud800originalMaxAge":1,"domain":"\ud800"},"views":1,"\ud800":2,"\ud800abcdefgh":3}""");
        await site.Store.Inner.SetAsync(browser.SessionId!, new SessionContent(payload, TimeSpan.FromHours(1)));

        Assert.Equal("Loaded 1", (await browser.GetAsync("/views")).Body);
        Assert.Equal("2", (await browser.GetAsync("/count")).Body);

        var stored = SavingTests.Payload(await site.RecordOf(browser));
        Assert.Contains("\"\\ud800\":2,\"\\ud800abcdefgh\":3", stored, StringComparison.Ordinal);
    }

    internal static void Map(WebApplication app)
    {
        app.MapGet("/views", (HttpContext context, HttpSession? session) => Views(context, session));
        app.MapGet("/app/views", (HttpContext context, HttpSession? session) => Views(context, session));
        app.MapGet("/application", (HttpContext context, HttpSession? session) => Views(context, session));
        app.MapGet("/count", (HttpSession session) =>
        {
            session.Update<int>("views", views => views + 1);
            return session.Get<int>("views").ToString(System.Globalization.CultureInfo.InvariantCulture);
        });
        app.MapGet("/none", (HttpContext context, HttpSession? session) => $"{context.GetSessionLoadResult()} {session is null}").WithSession(SessionMode.None);
        app.MapGet("/none-but-required", (HttpSession session) => session.Id).WithSession(SessionMode.None);
        app.MapGet("/read", [SessionMode(SessionMode.ReadOnly)] (HttpSession session) => session.GetRaw("views").ToArray() is var raw ? Encoding.UTF8.GetString(raw) : "");
        app.MapGet("/read-and-write", (HttpSession session) => session.Set("views", 9)).WithSession(SessionMode.ReadOnly);
    }

    private static string Views(HttpContext context, HttpSession? session) =>
        $"{context.GetSessionLoadResult()} {(session is null ? "none" : session.Get<int>("views"))}";
}
