using System.Text;
using Microsoft.AspNetCore.Builder;

namespace SessionStores.AspNetCore.Tests;

/// <summary>How long sessions live: idle, absolute, and what it costs to keep them alive.</summary>
public sealed class LifetimeTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task An_unused_session_ends_after_its_idle_time()
    {
        await using var site = await StartAsync(options => options.IdleTimeout = Hour);
        using var browser = await BeginAsync(site);

        site.Clock.Advance(Hour - TimeSpan.FromMilliseconds(1));
        Assert.Equal("1", (await browser.GetAsync("/read")).Body);
        site.Clock.Advance(Hour);
        Assert.Equal("0", (await browser.GetAsync("/read")).Body);
    }

    [Fact]
    public async Task Reads_extend_a_session_without_a_call_of_their_own_and_only_when_due()
    {
        await using var site = await StartAsync(options => options.IdleTimeout = Hour);
        using var browser = await BeginAsync(site);
        var begun = site.Clock.GetUtcNow();
        site.Store.Forget();

        site.Clock.Advance(TimeSpan.FromMinutes(5));
        await browser.GetAsync("/read");
        Assert.Equal(begun + Hour, (await site.RecordOf(browser))!.ExpiresAt);

        site.Clock.Advance(TimeSpan.FromMinutes(2));
        await browser.GetAsync("/read");
        Assert.Equal(site.Clock.GetUtcNow() + Hour, (await site.RecordOf(browser))!.ExpiresAt);
        Assert.Equal(["get", "get"], site.Store.Calls);
        Assert.Equal(1, site.Counters["sessionstores.touches.skipped"]);
    }

    [Fact]
    public async Task With_a_share_of_zero_every_request_extends()
    {
        await using var site = await StartAsync(options => (options.IdleTimeout, options.TouchAfter) = (Hour, 0));
        using var browser = await BeginAsync(site);

        site.Clock.Advance(TimeSpan.FromSeconds(1));
        await browser.GetAsync("/read");

        Assert.Equal(site.Clock.GetUtcNow() + Hour, (await site.RecordOf(browser))!.ExpiresAt);
    }

    [Fact]
    public async Task A_longer_idle_time_of_one_session_is_kept_by_a_touch_when_due()
    {
        await using var site = await StartAsync(options => options.IdleTimeout = Hour);
        using var browser = await BeginAsync(site);
        await browser.GetAsync("/idle?minutes=6000");
        site.Store.Forget();

        site.Clock.Advance(TimeSpan.FromMinutes(500));
        await browser.GetAsync("/read");
        Assert.Equal(["get"], site.Store.Calls);

        site.Clock.Advance(TimeSpan.FromMinutes(200));
        await browser.GetAsync("/read");
        Assert.Equal(["get", "get", "touch"], site.Store.Calls);
        Assert.Equal(site.Clock.GetUtcNow().AddMinutes(6000), (await site.RecordOf(browser))!.ExpiresAt);
    }

    [Fact]
    public async Task A_shorter_idle_time_of_one_session_holds()
    {
        await using var site = await StartAsync(options => options.IdleTimeout = Hour);
        using var browser = await BeginAsync(site);
        await browser.GetAsync("/idle?minutes=10");

        site.Clock.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal("1", (await browser.GetAsync("/read")).Body);
        Assert.Equal(site.Clock.GetUtcNow().AddMinutes(10), (await site.RecordOf(browser))!.ExpiresAt);
        site.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal("0", (await browser.GetAsync("/read")).Body);
    }

    [Fact]
    public async Task A_touch_asked_for_extends_even_when_not_due()
    {
        await using var site = await StartAsync(options => options.IdleTimeout = Hour);
        using var browser = await BeginAsync(site);
        site.Clock.Advance(TimeSpan.FromMinutes(1));
        site.Store.Forget();

        await browser.GetAsync("/touch");

        Assert.Equal(["get", "touch"], site.Store.Calls);
        Assert.Equal(site.Clock.GetUtcNow() + Hour, (await site.RecordOf(browser))!.ExpiresAt);
    }

    [Fact]
    public async Task A_session_used_all_the_time_ends_at_its_absolute_limit()
    {
        await using var site = await StartAsync(options => (options.IdleTimeout, options.AbsoluteTimeout) = (Hour, 3 * Hour));
        using var browser = await BeginAsync(site);
        var limit = site.Clock.GetUtcNow() + (3 * Hour);
        Assert.Contains($"\"__absolute\":{limit.ToUnixTimeMilliseconds()}", SavingTests.Payload(await site.RecordOf(browser)), StringComparison.Ordinal);

        for (var step = 0; step < 5; step++)
        {
            site.Clock.Advance(TimeSpan.FromMinutes(30));
            Assert.Equal("1", (await browser.GetAsync("/read")).Body);
        }

        Assert.Equal(limit, (await site.RecordOf(browser))!.ExpiresAt);
        site.Clock.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal("0", (await browser.GetAsync("/read")).Body);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_absolute_limit_survives_a_new_id(bool keepData)
    {
        await using var site = await StartAsync(options => options.AbsoluteTimeout = 3 * Hour);
        using var browser = await BeginAsync(site);
        var limit = site.Clock.GetUtcNow() + (3 * Hour);
        site.Clock.Advance(Hour);

        await browser.GetAsync($"/regenerate?keep={keepData}");

        Assert.Contains($"\"__absolute\":{limit.ToUnixTimeMilliseconds()}", SavingTests.Payload(await site.RecordOf(browser)), StringComparison.Ordinal);
        Assert.Equal(limit, (await site.RecordOf(browser))!.ExpiresAt);
    }

    [Fact]
    public async Task The_absolute_limit_is_set_per_session_and_removed_again()
    {
        await using var site = await StartAsync();
        using var browser = await BeginAsync(site);

        await browser.GetAsync("/absolute?minutes=5");
        Assert.Equal(site.Clock.GetUtcNow().AddMinutes(5), (await site.RecordOf(browser))!.ExpiresAt);
        await browser.GetAsync("/absolute");

        var record = await site.RecordOf(browser);
        Assert.Equal(site.Clock.GetUtcNow().AddDays(1), record!.ExpiresAt);
        Assert.DoesNotContain("__absolute", SavingTests.Payload(record), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_that_a_peer_kept_alive_past_its_absolute_limit_is_not_loaded()
    {
        await using var site = await StartAsync();
        using var browser = await BeginAsync(site);
        var past = site.Clock.GetUtcNow().AddMinutes(-1).ToUnixTimeMilliseconds();
        var payload = Encoding.UTF8.GetBytes($$$"""{"cookie":{"originalMaxAge":null,"expires":null,"path":"/"},"a":1,"__absolute":{{{past}}}}""");
        await site.Store.Inner.SetAsync(browser.SessionId!, new SessionContent(payload, site.Clock.GetUtcNow() + Hour));

        Assert.Equal("0", (await browser.GetAsync("/read")).Body);
        Assert.Null(await site.RecordOf(browser));
    }

    [Fact]
    public async Task A_stale_instant_in_the_record_ends_nothing()
    {
        await using var site = await StartAsync(options => options.Cookie.MaxAge = Hour);
        using var browser = await BeginAsync(site);
        var stale = """{"cookie":{"originalMaxAge":3600000,"expires":"2001-01-01T00:00:00.000Z","httpOnly":true,"path":"/"},"a":1}"""u8.ToArray();
        await site.Store.Inner.SetAsync(browser.SessionId!, new SessionContent(stale, site.Clock.GetUtcNow() + Hour));

        Assert.Equal("1", (await browser.GetAsync("/read")).Body);
        Assert.Equal("60", (await browser.GetAsync("/maxage")).Body);
    }

    [Fact]
    public async Task Rolling_sends_the_cookie_with_every_response_without_a_write()
    {
        await using var site = await StartAsync(options => (options.Rolling, options.Cookie.MaxAge) = (true, Hour));
        using var browser = await BeginAsync(site);
        site.Store.Forget();
        site.Clock.Advance(TimeSpan.FromMinutes(1));

        var answer = await browser.GetAsync("/read");

        Assert.Contains("; Expires=Wed, 02 Jan 2030 04:05:05 GMT;", answer.SetCookie, StringComparison.Ordinal);
        Assert.NotNull((await browser.GetAsync("/read-only")).SetCookie);
        Assert.Equal(["get", "get"], site.Store.Calls);
        using var stranger = site.NewBrowser();
        Assert.Null((await stranger.GetAsync("/read")).SetCookie);
    }

    [Fact]
    public async Task An_expiry_in_the_past_leaves_nothing_readable()
    {
        await using var site = await StartAsync();
        using var browser = await BeginAsync(site);

        await browser.GetAsync("/absolute?minutes=-5");

        Assert.Null(await site.RecordOf(browser));
        Assert.Equal("0", (await browser.GetAsync("/read")).Body);
    }

    private static Task<Site> StartAsync(Action<SessionStoresOptions>? configure = null) => Site.StartAsync(app =>
    {
        app.MapGet("/begin", (HttpSession session) => session.Set("a", 1));
        app.MapGet("/read", (HttpSession session) => session.Get<int>("a"));
        app.MapGet("/read-only", (HttpSession session) => session.Get<int>("a")).WithSession(SessionMode.ReadOnly);
        app.MapGet("/idle", (HttpSession session, int minutes) => session.Cookie.MaxAge = TimeSpan.FromMinutes(minutes));
        app.MapGet("/maxage", (HttpSession session) => session.Cookie.MaxAge!.Value.TotalMinutes);
        app.MapGet("/touch", (HttpSession session) => session.Touch());
        app.MapGet("/regenerate", (HttpSession session, bool keep) => session.RegenerateAsync(keep));
        app.MapGet("/absolute", (HttpSession session, TimeProvider clock, int? minutes) =>
        {
            session.AbsoluteExpiresAt = minutes is { } given ? clock.GetUtcNow().AddMinutes(given) : null;
        });
    }, configure);

    private static async Task<Browser> BeginAsync(Site site)
    {
        var browser = site.NewBrowser();
        await browser.GetAsync("/begin");
        return browser;
    }
}
