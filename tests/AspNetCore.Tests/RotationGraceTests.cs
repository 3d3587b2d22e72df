using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace SessionStores.AspNetCore.Tests;

/// <summary>Requests that come with an id that another request has just replaced.</summary>
public sealed class RotationGraceTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_request_under_way_reads_a_session_that_only_got_a_new_id()
    {
        await using var site = await StartAsync();
        var (browser, late) = await RotatedAsync(site, "/renew");

        var answer = await late.GetAsync("/read");

        Assert.Equal("Rotated me 1", answer.Body);
        Assert.Empty(answer.SetCookies);
        Assert.Equal("Loaded me 1", (await browser.GetAsync("/read")).Body);
    }

    [Theory]
    [InlineData("/begin", "/sign-in?user=you")]
    [InlineData("/begin", "/sign-in?user=me")]
    [InlineData("/begin", "/renew-and-authenticate")]
    [InlineData("/visit", "/sign-in?user=me")]
    [InlineData("/visit", "/renew")]
    public async Task A_request_under_way_does_not_see_a_session_in_which_a_user_has_just_signed_in(string first, string rotation)
    {
        await using var site = await StartAsync();
        var (_, late) = await RotatedAsync(site, rotation, first);

        var answer = await late.GetAsync("/read");

        Assert.Equal("Rotated - -", answer.Body);
        Assert.Empty(answer.SetCookies);
    }

    [Fact]
    public async Task A_renewed_session_whose_user_signs_in_anew_is_not_shown_either()
    {
        await using var site = await StartAsync();
        var (browser, late) = await RotatedAsync(site, "/renew");

        await browser.GetAsync("/authenticate");

        Assert.Equal("Rotated - -", (await late.GetAsync("/read")).Body);
    }

    [Fact]
    public async Task An_id_from_before_two_rotations_shows_nothing()
    {
        await using var site = await StartAsync();
        var (browser, late) = await RotatedAsync(site, "/renew");

        await browser.GetAsync("/renew");

        Assert.Equal("Rotated - -", (await late.GetAsync("/read")).Body);
    }

    [Theory]
    [InlineData("/renew")]
    [InlineData("/sign-in?user=you")]
    public async Task A_change_with_the_old_id_is_refused_and_the_newer_cookie_stays(string rotation)
    {
        await using var site = await StartAsync(options =>
        {
            options.Rolling = true;
            options.SaveUninitialized = true;
            options.Resave = true;
            options.AbsoluteTimeout = TimeSpan.FromDays(1);
        });
        var (browser, late) = await RotatedAsync(site, rotation);
        var before = await site.RecordOf(browser);
        site.Store.Forget();

        foreach (var path in new[] { "/set", "/bridge", "/read", "/touch" })
        {
            var answer = await late.GetAsync(path);
            Assert.Equal(path == "/read" ? 200 : 409, answer.Status);
            Assert.Empty(answer.SetCookies);
        }

        Assert.Equal(["get", "get", "get", "get"], site.Store.Calls);
        Assert.Equal(before!.Version, (await site.RecordOf(browser))!.Version);
    }

    [Fact]
    public async Task A_sign_in_with_the_old_id_begins_a_session_of_its_own()
    {
        await using var site = await StartAsync();
        var (browser, late) = await RotatedAsync(site, "/renew");

        Assert.NotNull((await late.GetAsync("/sign-in?user=you")).SetCookie);

        Assert.Equal("Loaded you -", (await late.GetAsync("/read")).Body);
        Assert.Equal("Loaded me 1", (await browser.GetAsync("/read")).Body);
    }

    [Theory]
    [InlineData("/renew")]
    [InlineData("/sign-in?user=you")]
    public async Task A_log_out_with_the_old_id_ends_the_session(string rotation)
    {
        await using var site = await StartAsync();
        var (browser, late) = await RotatedAsync(site, rotation);

        Assert.NotNull((await late.GetAsync("/logout")).SetCookie);

        Assert.Null(await site.RecordOf(browser));
    }

    [Fact]
    public async Task After_the_grace_the_old_id_has_no_session_and_its_use_is_reported()
    {
        var events = new Events();
        await using var site = await StartAsync(services: services => services.AddSingleton<ISessionEvents>(events));
        var (browser, late) = await RotatedAsync(site, "/renew");
        var old = SessionHandleOf(late);

        site.Clock.Advance(Grace);
        Assert.Equal("Rotated me 1", (await late.GetAsync("/read")).Body);
        Assert.Equal(0, site.Counters["sessionstores.ids.reused"]);
        site.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("NotFound - -", (await late.GetAsync("/read")).Body);

        Assert.Equal(1, site.Counters["sessionstores.ids.reused"]);
        Assert.Contains(site.Log.Lines, line => line.Text.Contains("may have been stolen", StringComparison.Ordinal) && !line.Text.Contains(late.SessionId!, StringComparison.Ordinal));
        var reused = Assert.Single(events.All, each => each.Kind == SessionEventKind.Reused);
        Assert.Equal((SessionHandleOf(browser), old, "me"), (reused.Handle, reused.FormerHandle, reused.Subject));
        Assert.Equal("Loaded me 1", (await browser.GetAsync("/read")).Body);
    }

    [Fact]
    public async Task An_id_whose_session_has_ended_is_not_reported()
    {
        await using var site = await StartAsync();
        var (browser, late) = await RotatedAsync(site, "/renew");
        await browser.GetAsync("/logout");
        site.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal("NotFound - -", (await late.GetAsync("/read")).Body);

        Assert.Equal(0, site.Counters["sessionstores.ids.reused"]);
    }

    [Fact]
    public async Task Without_a_grace_the_old_id_is_like_any_that_is_not_known()
    {
        await using var site = await StartAsync(options => options.RotationGrace = TimeSpan.Zero);
        var (_, late) = await RotatedAsync(site, "/renew");

        Assert.Equal("NotFound - -", (await late.GetAsync("/read")).Body);
        site.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("NotFound - -", (await late.GetAsync("/read")).Body);

        Assert.Equal(0, site.Counters["sessionstores.ids.reused"]);
    }

    private static string SessionHandleOf(Browser browser) => SessionHandle.Of(browser.SessionId!);

    /// <summary>Begins a session, and gives it a new id. Returns its browser, and one that still has the old cookie.</summary>
    private static async Task<(Browser Browser, Browser Late)> RotatedAsync(Site site, string rotation, string first = "/begin")
    {
        var (browser, late) = (site.NewBrowser(), site.NewBrowser());
        await browser.GetAsync(first);
        late.Cookie = browser.Cookie;
        site.Clock.Advance(TimeSpan.FromMinutes(1));
        await browser.GetAsync(rotation);
        Assert.NotEqual(late.Cookie, browser.Cookie);
        return (browser, late);
    }

    private static async Task<Site> StartAsync(Action<SessionStoresOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        var site = await Site.StartAsync(Map, configure, services ?? (_ => { }));
        site.Store.ForwardsCapabilities = true;
        return site;
    }

    private static void Map(WebApplication app)
    {
        app.Use(async (context, next) =>
        {
            try
            {
                await next(context);
            }
            catch (SessionRotatedException)
            {
                context.Response.StatusCode = StatusCodes.Status409Conflict;
            }
        });
        app.MapGet("/visit", (HttpContext context) => context.GetHttpSession()!.Set("a", 1));
        app.MapGet("/begin", (HttpContext context) =>
        {
            var session = context.GetHttpSession()!;
            session.Subject = "me";
            session.Set("a", 1);
        });
        app.MapGet("/renew", (HttpContext context) => context.GetHttpSession()!.RegenerateAsync(keepData: true));
        app.MapGet("/renew-and-authenticate", async (HttpContext context) =>
        {
            await context.GetHttpSession()!.RegenerateAsync(keepData: true);
            context.GetHttpSession()!.MarkAuthenticated();
        });
        app.MapGet("/authenticate", (HttpContext context) => context.GetHttpSession()!.MarkAuthenticated());
        app.MapGet("/sign-in", async (HttpContext context, string user) =>
        {
            await context.GetHttpSession()!.RegenerateAsync();
            context.GetHttpSession()!.Subject = user;
        });
        app.MapGet("/read", (HttpContext context) =>
            $"{context.GetSessionLoadResult()} {context.GetHttpSession()?.Subject ?? "-"} {context.GetHttpSession()?.Get<int?>("a")?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "-"}");
        app.MapGet("/set", (HttpContext context) => context.GetHttpSession()!.Set("a", 2));
        app.MapGet("/touch", (HttpContext context) => context.GetHttpSession()!.Touch());
        app.MapGet("/bridge", (HttpContext context) => context.Session.SetString("a", "2"));
        app.MapGet("/logout", (HttpContext context) => context.GetHttpSession()!.DestroyAsync());
    }

    private sealed class Events : ISessionEvents
    {
        private readonly List<SessionEvent> _all = [];

        public IReadOnlyList<SessionEvent> All
        {
            get
            {
                lock (_all)
                    return [.. _all];
            }
        }

        public ValueTask OnEventAsync(SessionEvent sessionEvent, CancellationToken cancellationToken)
        {
            lock (_all)
                _all.Add(sessionEvent);

            return default;
        }
    }
}
