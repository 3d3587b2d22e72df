using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace SessionStores.AspNetCore.Tests;

/// <summary>How many sessions a user has, and what a log-in is told that would give one more.</summary>
public sealed class SessionsPerSubjectTests
{
    [Theory]
    [InlineData("login")]
    [InlineData("login-with-new-id")]
    public async Task The_oldest_session_of_a_user_ends_when_there_are_too_many(string login)
    {
        await using var site = await StartAsync(SessionCap.EndOldest(2));
        var browsers = Enumerable.Range(0, 4).Select(_ => site.NewBrowser()).ToList();
        foreach (var browser in browsers)
        {
            await browser.GetAsync($"/{login}?user=me");
            site.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(["a visitor", "a visitor", "me", "me"], await WhoAsync(browsers));
        Assert.Equal(2, await site.Sessions.CountBySubjectAsync("me"));
        browsers.ForEach(browser => browser.Dispose());
    }

    [Theory]
    [InlineData("login")]
    [InlineData("login-with-new-id")]
    public async Task A_log_in_over_the_cap_can_be_refused_and_leaves_the_visitor_a_visitor(string login)
    {
        await using var site = await StartAsync(SessionCap.Refuse(2));
        var browsers = Enumerable.Range(0, 3).Select(_ => site.NewBrowser()).ToList();
        foreach (var browser in browsers)
            await browser.GetAsync("/visit");

        Assert.Equal("in", await TextAsync(browsers[0], $"/{login}?user=me"));
        Assert.Equal("in", await TextAsync(browsers[1], $"/{login}?user=me"));
        Assert.Equal("too many: 2", await TextAsync(browsers[2], $"/{login}?user=me"));
        Assert.Equal(["me", "me", "a visitor"], await WhoAsync(browsers));

        await browsers[0].GetAsync("/logout");
        Assert.Equal("in", await TextAsync(browsers[2], $"/{login}?user=me"));
        Assert.Equal(["a visitor", "me", "me"], await WhoAsync(browsers));
        browsers.ForEach(browser => browser.Dispose());
    }

    [Fact]
    public async Task A_session_that_has_its_subject_is_changed_and_gets_a_new_id_at_the_cap()
    {
        await using var site = await StartAsync(SessionCap.Refuse(1));
        using var browser = site.NewBrowser();

        Assert.Equal("in", await TextAsync(browser, "/login?user=me"));
        Assert.Equal("visited", await TextAsync(browser, "/visit"));
        Assert.Equal("in", await TextAsync(browser, "/login-with-new-id?user=me"));
        Assert.Equal(["me"], await WhoAsync([browser]));
    }

    [Theory]
    [InlineData("/login", false)]
    [InlineData("/login", true)]
    [InlineData("/login-with-new-id", true)]
    public async Task A_session_that_the_cap_ends_is_reported_once_and_no_other(string login, bool visitsBefore)
    {
        var handler = new Ends();
        await using var site = await StartAsync(SessionCap.EndOldest(2), handler);
        var browsers = Enumerable.Range(0, 4).Select(_ => site.NewBrowser()).ToList();
        var ids = new List<string>();
        foreach (var browser in browsers)
        {
            if (visitsBefore)
                await browser.GetAsync("/visit");

            await browser.GetAsync($"{login}?user=me");
            ids.Add(browser.SessionId!);
            site.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await browsers[3].GetAsync("/visit");

        Assert.Equal(ids.Take(2).Select(id => (SessionHandle.Of(id), "me", SessionEndReason.Cap)), handler.Events.Select(entry => (entry.Handle, entry.Subject!, entry.Reason!.Value)));
        Assert.Equal(2, site.Counters["sessionstores.events kind=Ended reason=Cap"]);
        browsers.ForEach(browser => browser.Dispose());
    }

    [Fact]
    public async Task A_cap_that_refuses_reports_nothing()
    {
        var handler = new Ends();
        await using var site = await StartAsync(SessionCap.Refuse(1), handler);
        using var first = site.NewBrowser();
        using var second = site.NewBrowser();
        await first.GetAsync("/login?user=me");

        Assert.Equal("too many: 1", await TextAsync(second, "/login?user=me"));

        Assert.Empty(handler.Events);
    }

    [Fact]
    public async Task A_log_in_that_the_store_has_admitted_does_not_fail_when_those_it_ended_cannot_be_found()
    {
        var handler = new Ends();
        await using var site = await StartAsync(SessionCap.EndOldest(1), handler);
        using var first = site.NewBrowser();
        using var second = site.NewBrowser();
        await first.GetAsync("/login?user=me");
        site.Store.Subjects = new FailingSubjects((ISessionSubjects)site.Store.Inner);

        Assert.Equal("in", await TextAsync(second, "/login?user=me"));

        Assert.Equal(["a visitor", "me"], await WhoAsync([first, second]));
        Assert.Empty(handler.Events);
        Assert.True(site.Log.Has("CapNotReported"));
        Assert.Equal(1, site.Counters["sessionstores.events.failed kind=Ended error.type=SessionStoreException"]);
    }

    [Fact]
    public async Task A_store_that_has_no_caps_says_so_when_a_user_logs_in()
    {
        await using var site = await StartAsync(SessionCap.Refuse(1));
        site.Store.ForwardsCapabilities = false;
        using var browser = site.NewBrowser();

        var exception = await Assert.ThrowsAsync<NotSupportedException>(() => browser.GetAsync("/login?user=me"));

        Assert.Contains("does not offer ISessionCaps", exception.Message, StringComparison.Ordinal);
    }

    private static async Task<List<string>> WhoAsync(IEnumerable<Browser> browsers)
    {
        var users = new List<string>();
        foreach (var browser in browsers)
            users.Add(await TextAsync(browser, "/who"));

        return users;
    }

    private static async Task<string> TextAsync(Browser browser, string path) => (await browser.GetAsync(path)).Body;

    private static async Task<Site> StartAsync(SessionCap cap, ISessionEvents? handler = null)
    {
        var site = await Site.StartAsync(Map, options => options.SessionsPerSubject = cap, services =>
        {
            if (handler is not null)
                services.AddSingleton(handler);
        });
        site.Store.ForwardsCapabilities = true;
        return site;
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/visit", (HttpSession session) =>
        {
            session.Update("visits", (int visits) => visits + 1);
            return "visited";
        });
        app.MapGet("/who", (HttpSession session) => session.Subject ?? "a visitor");
        app.MapGet("/login", (HttpSession session, string user) => SignInAsync(session, user, withNewId: false));
        app.MapGet("/login-with-new-id", (HttpSession session, string user) => SignInAsync(session, user, withNewId: true));
        app.MapGet("/logout", async (HttpSession session) =>
        {
            await session.DestroyAsync();
            return "out";
        });
    }

    private static async Task<string> SignInAsync(HttpSession session, string user, bool withNewId)
    {
        if (withNewId && !session.IsNew)
            await session.RegenerateAsync(keepData: true);

        session.Subject = user;
        try
        {
            await session.SaveAsync();
            return "in";
        }
        catch (SessionLimitException full)
        {
            session.Subject = null;
            return $"too many: {full.Most}";
        }
    }

    /// <summary>Lists the sessions of a subject with their payloads, and fails to list them without.</summary>
    private sealed class FailingSubjects(ISessionSubjects inner) : ISessionSubjects
    {
        public ValueTask<SessionPage> PageBySubjectAsync(string subject, int size, string? continuation, bool withPayloads, CancellationToken cancellationToken) => withPayloads
            ? inner.PageBySubjectAsync(subject, size, continuation, withPayloads, cancellationToken)
            : throw new SessionStoreException("Store", "ListBySubject", SessionStoreFault.Unavailable, "The server is away.");

        public ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds, CancellationToken cancellationToken) =>
            inner.DestroyBySubjectAsync(subject, exceptIds, cancellationToken);
    }

    private sealed class Ends : ISessionEvents
    {
        private readonly ConcurrentQueue<SessionEvent> _events = new();

        public IReadOnlyList<SessionEvent> Events => [.. _events];

        public ValueTask OnEventAsync(SessionEvent sessionEvent, CancellationToken cancellationToken)
        {
            if (sessionEvent.Kind == SessionEventKind.Ended)
                _events.Enqueue(sessionEvent);

            return default;
        }
    }
}
