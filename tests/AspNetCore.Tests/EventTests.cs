using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace SessionStores.AspNetCore.Tests;

/// <summary>What the application is told of its sessions, and what happens when it does not listen.</summary>
public sealed class EventTests
{
    [Fact]
    public async Task A_session_is_followed_from_its_creation_over_its_log_in_to_its_log_out_without_its_id()
    {
        var handler = new Recorder();
        await using var site = await StartAsync(handler);
        using var browser = site.NewBrowser();

        await browser.GetAsync("/visit");
        var first = browser.SessionId!;
        await browser.GetAsync("/login?user=me");
        var second = browser.SessionId!;
        await browser.GetAsync("/visit");
        await browser.GetAsync("/logout");

        Assert.Equal([SessionEventKind.Created, SessionEventKind.Rotated, SessionEventKind.Ended], handler.Events.Select(entry => entry.Kind));
        var (created, rotated, ended) = (handler.Events[0], handler.Events[1], handler.Events[2]);
        Assert.Equal((SessionHandle.Of(first), null, null), (created.Handle, created.FormerHandle, created.Subject));
        Assert.Equal((SessionHandle.Of(second), SessionHandle.Of(first), "me", "Phone"), (rotated.Handle, rotated.FormerHandle, rotated.Subject, rotated.Label));
        Assert.Equal((SessionHandle.Of(second), "me", "Phone", SessionEndReason.Request), (ended.Handle, ended.Subject, ended.Label, ended.Reason));
        Assert.All(handler.Events, entry => Assert.Equal((site.Clock.GetUtcNow(), "", false), (entry.At, entry.Set, entry.IsTicket)));
        Assert.Equal((1, 1, 1), (site.Counters["sessionstores.events kind=Created"], site.Counters["sessionstores.events kind=Rotated"], site.Counters["sessionstores.events kind=Ended reason=Request"]));
    }

    [Fact]
    public async Task An_end_by_an_operator_names_each_session_once_and_none_that_was_kept()
    {
        var handler = new Recorder();
        await using var site = await StartAsync(handler);
        var browsers = new List<Browser>();
        for (var index = 0; index < 4; index++)
        {
            browsers.Add(site.NewBrowser());
            await browsers[index].GetAsync("/login?user=me");
        }

        handler.Clear();
        Assert.True(await site.Sessions.DestroyAsync(browsers[0].SessionId!));
        Assert.False(await site.Sessions.DestroyAsync(browsers[0].SessionId!));
        Assert.True(await site.Sessions.DestroyByHandleAsync("me", SessionHandle.Of(browsers[1].SessionId!)));
        Assert.Equal(1, await site.Sessions.DestroyBySubjectAsync("me", [browsers[3].SessionId!]));
        await site.Sessions.VoidBySubjectAsync("me");

        Assert.Equal(browsers.Select(browser => SessionHandle.Of(browser.SessionId!)), handler.Events.Select(entry => entry.Handle));
        Assert.All(handler.Events, entry => Assert.Equal((SessionEventKind.Ended, SessionEndReason.Access, "me"), (entry.Kind, entry.Reason, entry.Subject)));
        browsers.ForEach(browser => browser.Dispose());
    }

    [Fact]
    public async Task A_session_kept_under_the_id_that_it_had_before_gives_no_end()
    {
        var handler = new Recorder();
        await using var site = await StartAsync(handler);
        using var kept = site.NewBrowser();
        using var ended = site.NewBrowser();
        await kept.GetAsync("/login?user=me");
        await ended.GetAsync("/login?user=me");
        var before = kept.SessionId!;
        await kept.GetAsync("/rotate");
        handler.Clear();

        Assert.Equal(1, await site.Sessions.DestroyBySubjectAsync("me", [before]));

        Assert.Equal(SessionHandle.Of(ended.SessionId!), Assert.Single(handler.Events).Handle);
    }

    [Fact]
    public async Task A_sign_in_is_created_replaced_by_the_next_one_and_ended_by_the_sign_out()
    {
        var handler = new Recorder();
        await using var site = await StartAsync(handler);
        using var browser = site.NewBrowser();
        async Task SendAsync(string path) => browser.Cookie = (await browser.GetAsync(path)).SetCookies.Single(cookie => cookie.StartsWith(".AspNetCore.Cookies", StringComparison.Ordinal)).Split(';')[0];

        await SendAsync("/sign-in?user=me");
        await SendAsync("/sign-in?user=you");
        await SendAsync("/sign-out");

        Assert.Equal(
            [(SessionEventKind.Created, "me", null), (SessionEventKind.Ended, "me", SessionEndReason.SignIn), (SessionEventKind.Created, "you", null), (SessionEventKind.Ended, "you", SessionEndReason.Request)],
            handler.Events.Select(entry => (entry.Kind, entry.Subject, entry.Reason)));
        Assert.All(handler.Events, entry => Assert.True(entry.IsTicket));
    }

    [Fact]
    public async Task A_handler_that_throws_fails_no_request_and_is_logged_and_counted()
    {
        var handler = new Recorder { Fails = true };
        await using var site = await StartAsync(handler);
        using var browser = site.NewBrowser();

        var response = await browser.GetAsync("/visit");

        Assert.Equal(200, response.Status);
        Assert.NotNull(await site.RecordOf(browser));
        Assert.True(site.Log.Has("EventNotTaken"));
        Assert.Equal((0, 1), (site.Counters["sessionstores.events kind=Created"], site.Counters["sessionstores.events.failed kind=Created error.type=InvalidTimeZoneException"]));
    }

    [Fact]
    public async Task A_handler_that_hangs_is_left_after_its_time()
    {
        var handler = new Recorder { Hangs = true };
        await using var site = await StartAsync(handler, options => options.EventTimeout = TimeSpan.FromSeconds(2));
        using var browser = site.NewBrowser();

        var request = browser.GetAsync("/visit");
        await handler.Hanging.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.False(request.IsCompleted);
        site.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(200, (await request).Status);
        Assert.Equal(1, site.Counters["sessionstores.events.failed kind=Created error.type=timeout"]);
    }

    [Fact]
    public async Task Each_handler_gets_the_events_that_another_one_does_not_take()
    {
        var (first, second) = (new Recorder { Fails = true }, new Recorder());
        await using var site = await StartAsync(first, null, second);
        using var browser = site.NewBrowser();

        await browser.GetAsync("/visit");

        Assert.Equal(SessionEventKind.Created, Assert.Single(second.Events).Kind);
    }

    [Fact]
    public async Task A_change_that_the_store_refuses_gives_no_event()
    {
        var handler = new Recorder();
        await using var site = await StartAsync(handler);
        using var browser = site.NewBrowser();
        await browser.GetAsync("/visit");
        await site.Store.Inner.DestroyAsync(browser.SessionId!);
        handler.Clear();

        await browser.GetAsync("/logout");

        Assert.Empty(handler.Events);
    }

    [Fact]
    public async Task Without_a_handler_an_end_costs_one_call_and_counts_no_event()
    {
        await using var site = await Site.StartAsync(Map);
        site.Store.ForwardsCapabilities = true;
        using var browser = site.NewBrowser();
        await browser.GetAsync("/login?user=me");
        site.Store.Forget();

        await site.Sessions.DestroyAsync(browser.SessionId!);

        Assert.Equal(["destroy"], site.Store.Calls);
        Assert.Equal(0, site.Counters["sessionstores.events kind=Ended reason=Access"]);
    }

    [Fact]
    public async Task A_handler_may_need_the_sessions_itself()
    {
        await using var site = await Site.StartAsync(Map, null, services => AddTickets(services).AddSingleton<ISessionEvents, Reader>());
        using var browser = site.NewBrowser();

        await browser.GetAsync("/login?user=me");

        Assert.Equal("me", Assert.IsType<Reader>(site.Services.GetRequiredService<ISessionEvents>()).Subject);
    }

    private static async Task<Site> StartAsync(Recorder handler, Action<SessionStoresOptions>? configure = null, Recorder? second = null)
    {
        var site = await Site.StartAsync(Map, configure, services =>
        {
            AddTickets(services).AddSingleton<ISessionEvents>(handler);
            if (second is not null)
                services.AddSingleton<ISessionEvents>(second);
        });
        site.Store.ForwardsCapabilities = true;
        return site;
    }

    private static IServiceCollection AddTickets(IServiceCollection services)
    {
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(options => options.Cookie.SecurePolicy = CookieSecurePolicy.None).AddSessionTickets();
        return services;
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/visit", (HttpSession session) => session.Update("views", (int views) => views + 1));
        app.MapGet("/login", async (HttpSession session, string user) =>
        {
            await session.RegenerateAsync();
            session.Subject = user;
            session.Label = "Phone";
        });
        app.MapGet("/rotate", (HttpSession session) => session.RegenerateAsync(keepData: true));
        app.MapGet("/logout", async (HttpSession session) =>
        {
            session.Subject = null;
            await session.DestroyAsync();
        });
        app.MapGet("/sign-in", (HttpContext context, string user) => context.SignInAsync(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, user)], "test"))));
        app.MapGet("/sign-out", (HttpContext context) => context.SignOutAsync());
    }

    private sealed class Recorder : ISessionEvents
    {
        private readonly ConcurrentQueue<SessionEvent> _events = new();

        public bool Fails { get; init; }

        public bool Hangs { get; init; }

        public TaskCompletionSource Hanging { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IReadOnlyList<SessionEvent> Events => [.. _events];

        public void Clear() => _events.Clear();

        public async ValueTask OnEventAsync(SessionEvent sessionEvent, CancellationToken cancellationToken)
        {
            if (Fails)
                throw new InvalidTimeZoneException();

            if (Hangs)
            {
                Hanging.SetResult();
                await new TaskCompletionSource().Task;
            }

            _events.Enqueue(sessionEvent);
        }
    }

    private sealed class Reader(SessionAccess sessions, IServiceProvider services) : ISessionEvents
    {
        public string? Subject { get; private set; }

        public ValueTask OnEventAsync(SessionEvent sessionEvent, CancellationToken cancellationToken)
        {
            Assert.Same(sessions, services.GetRequiredService<SessionAccess>());
            Subject = sessionEvent.Subject;
            return default;
        }
    }
}
