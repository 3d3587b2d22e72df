using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore.Tests;

/// <summary>What a user sees of the own sessions, and how each is ended without its id.</summary>
public sealed class DevicesTests
{
    private static readonly TimeSpan Idle = TimeSpan.FromDays(1);

    [Fact]
    public async Task A_page_shows_each_session_with_its_label_and_instants_and_without_its_id()
    {
        await using var site = await StartAsync();
        var start = site.Clock.GetUtcNow();
        using var phone = await LogInAsync(site, "me", "Phone");
        site.Clock.Advance(TimeSpan.FromHours(2));
        using var laptop = await LogInAsync(site, "me", "Laptop");
        using var other = await LogInAsync(site, "you", "Tablet");

        var page = await site.Sessions.PageBySubjectAsync("me", currentIds: [laptop.SessionId!]);

        Assert.Null(page.Continuation);
        Assert.Equal(["Laptop", "Phone"], page.Sessions.Select(session => session.Label).Order());
        var first = page.Sessions.Single(session => session.Label == "Phone");
        Assert.Equal((start, start, start, start + Idle), (first.CreatedAt, first.AuthenticatedAt, first.LastSeenAt, first.ExpiresAt));
        Assert.Equal([false, true], page.Sessions.OrderBy(session => session.CreatedAt).Select(session => session.IsCurrent));
        Assert.All(page.Sessions, session => Assert.False(session.IsTicket));
        Assert.Equal(await BodyAsync(phone, "/handle"), first.Handle);
        Assert.Equal(await BodyAsync(phone, "/framework-id"), first.Handle);
        Assert.DoesNotContain(first.Handle, phone.SessionId, StringComparison.Ordinal);
        Assert.Equal(2, await site.Sessions.CountBySubjectAsync("me"));
    }

    [Fact]
    public async Task A_session_is_ended_by_its_handle_and_only_by_its_owner()
    {
        await using var site = await StartAsync();
        using var phone = await LogInAsync(site, "me", "Phone");
        using var laptop = await LogInAsync(site, "me", "Laptop");
        var handle = await BodyAsync(phone, "/handle");

        Assert.False(await site.Sessions.DestroyByHandleAsync("you", handle));
        Assert.False(await site.Sessions.DestroyByHandleAsync("me", phone.SessionId!));
        Assert.Equal("me", await BodyAsync(phone, "/who"));
        Assert.True(await site.Sessions.DestroyByHandleAsync("me", handle));
        Assert.False(await site.Sessions.DestroyByHandleAsync("me", handle));

        Assert.Equal("", await BodyAsync(phone, "/who"));
        Assert.Equal("me", await BodyAsync(laptop, "/who"));
    }

    [Fact]
    public async Task A_session_is_loaded_by_its_handle_and_only_by_its_owner()
    {
        await using var site = await StartAsync();
        using var phone = await LogInAsync(site, "me", "Phone");
        using var laptop = await LogInAsync(site, "me", "Laptop");
        var handle = await BodyAsync(laptop, "/handle");

        Assert.Equal(laptop.SessionId, (await site.Sessions.LoadByHandleAsync("me", handle))?.Id);
        Assert.Null(await site.Sessions.LoadByHandleAsync("you", handle));
        Assert.Null(await site.Sessions.LoadByHandleAsync("me", laptop.SessionId!));
        await site.Sessions.DestroyByHandleAsync("me", handle);
        Assert.Null(await site.Sessions.LoadByHandleAsync("me", handle));
    }

    [Fact]
    public async Task Everywhere_else_keeps_sessions_by_id_and_by_handle()
    {
        await using var site = await StartAsync();
        var browsers = new List<Browser>();
        foreach (var label in new[] { "here", "kept", "ended", "ended too" })
            browsers.Add(await LogInAsync(site, "me", label));

        var handle = await BodyAsync(browsers[1], "/handle");
        Assert.Equal(2, await site.Sessions.DestroyBySubjectAsync("me", [browsers[0].SessionId!], [handle, "unknown"]));

        var page = await site.Sessions.PageBySubjectAsync("me");
        Assert.Equal(["here", "kept"], page.Sessions.Select(session => session.Label).Order());
        Assert.Equal(1, await site.Sessions.DestroyBySubjectAsync("me", exceptHandles: [handle]));
        browsers.ForEach(browser => browser.Dispose());
    }

    [Fact]
    public async Task Pages_follow_each_other_by_continuations_that_show_no_id()
    {
        await using var site = await StartAsync();
        var ids = new List<string>();
        for (var index = 0; index < 5; index++)
        {
            using var browser = await LogInAsync(site, "me", $"{index}");
            ids.Add(browser.SessionId!);
        }

        var labels = new List<string?>();
        string? continuation = null;
        do
        {
            var page = await site.Sessions.PageBySubjectAsync("me", 2, continuation);
            labels.AddRange(page.Sessions.Select(session => session.Label));
            continuation = page.Continuation;
            if (continuation is not null)
            {
                var text = Encoding.Latin1.GetString(Base64Url.DecodeFromChars(continuation));
                Assert.All(ids, id => Assert.DoesNotContain(id, text, StringComparison.Ordinal));
            }
        }
        while (continuation is not null && labels.Count < 20);

        Assert.Equal(["0", "1", "2", "3", "4"], labels.Order());
    }

    [Fact]
    public async Task A_continuation_of_another_subject_and_one_that_was_changed_read_the_first_page()
    {
        await using var site = await StartAsync();
        foreach (var user in new[] { "me", "me", "you", "you" })
            (await LogInAsync(site, user, "any")).Dispose();

        var continuation = (await site.Sessions.PageBySubjectAsync("me", 1)).Continuation!;
        var changed = (continuation[0] == 'A' ? 'B' : 'A') + continuation[1..];

        foreach (var (subject, text) in new[] { ("you", continuation), ("me", changed), ("me", ""), ("me", "?"), ("me", "AAAA") })
        {
            var first = await site.Sessions.PageBySubjectAsync(subject, 1);
            var page = await site.Sessions.PageBySubjectAsync(subject, 1, text);
            Assert.Equal(Assert.Single(first.Sessions).Handle, Assert.Single(page.Sessions).Handle);
            Assert.NotNull(page.Continuation);
        }

        Assert.NotEqual((await site.Sessions.PageBySubjectAsync("me", 1)).Sessions[0].Handle, (await site.Sessions.PageBySubjectAsync("me", 1, continuation)).Sessions[0].Handle);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => site.Sessions.PageBySubjectAsync("me", 0));
    }

    [Fact]
    public async Task What_is_known_of_a_session_survives_a_new_id_and_the_changes_of_others()
    {
        await using var site = await StartAsync(options => options.Clashes = ClashResolution.Fail);
        var start = site.Clock.GetUtcNow();
        using var browser = await LogInAsync(site, "me", "Phone");
        var handle = await BodyAsync(browser, "/handle");
        site.Clock.Advance(TimeSpan.FromMinutes(10));

        await browser.GetAsync("/rotate");
        await browser.GetAsync("/merge");

        var session = Assert.Single((await site.Sessions.PageBySubjectAsync("me")).Sessions);
        Assert.Equal((start, start, "Mine"), (session.CreatedAt, session.AuthenticatedAt, session.Label));
        Assert.NotEqual(handle, session.Handle);
    }

    [Fact]
    public async Task A_new_authentication_is_noted_and_the_same_subject_again_is_no_change()
    {
        await using var site = await StartAsync();
        var start = site.Clock.GetUtcNow();
        using var browser = await LogInAsync(site, "me", "Phone");
        site.Clock.Advance(TimeSpan.FromMinutes(1));
        site.Store.Forget();

        await browser.GetAsync("/subject?user=me");
        Assert.Equal(["get"], site.Store.Calls);
        Assert.Equal(start, (await LoadAsync(site, browser)).AuthenticatedAt);

        await browser.GetAsync("/authenticated");
        Assert.Equal((start, start.AddMinutes(1)), await InstantsAsync(site, browser));

        site.Clock.Advance(TimeSpan.FromMinutes(1));
        await browser.GetAsync("/rotate?user=me");
        Assert.Equal((start, start.AddMinutes(2)), await InstantsAsync(site, browser));

        site.Clock.Advance(TimeSpan.FromMinutes(1));
        await browser.GetAsync("/subject?user=you");
        Assert.Equal((start.AddMinutes(3), start.AddMinutes(3)), await InstantsAsync(site, browser));

        await browser.GetAsync("/subject");
        Assert.Equal((null, null), await InstantsAsync(site, browser));
        Assert.Throws<InvalidOperationException>((await LoadAsync(site, browser)).MarkAuthenticated);
    }

    [Fact]
    public async Task The_record_of_a_visitor_has_nothing_of_it_and_that_of_a_user_three_members()
    {
        await using var site = await StartAsync();
        using var visitor = site.NewBrowser();
        await visitor.GetAsync("/visit");
        Assert.DoesNotContain("__", SavingTests.Payload(await site.RecordOf(visitor)), StringComparison.Ordinal);

        using var browser = await LogInAsync(site, "me", "Zoë's \"phone\"");
        var now = site.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.EndsWith(
            $$""","__created":{{now}},"__authenticated":{{now}},"__label":"Zoë's \"phone\""}""", SavingTests.Payload(await site.RecordOf(browser)), StringComparison.Ordinal);
        Assert.Equal("", await BodyAsync(browser, "/keys"));

        await browser.GetAsync("/clear");
        Assert.Equal("Zoë's \"phone\"", (await LoadAsync(site, browser)).Label);
    }

    [Theory]
    [InlineData("""{"cookie":{}}""")]
    [InlineData("""{"cookie":{},"__created":"x","__authenticated":null,"__label":7,"__device":"AAAAAAAAAAAAAAAAAAAAA"}""")]
    [InlineData("""{"cookie":{},"__created":{},"__authenticated":1e400,"__label":{"a":1},"__device":["AAAAAAAAAAAAAAAAAAA"]}""")]
    [InlineData("""{"cookie":{},"__created":1e300,"__authenticated":true,"__label":"","__device":"AAAAAAAAAAAAAAAAAAAA<b"}""")]
    public async Task What_another_writer_stored_in_another_form_is_not_there(string payload)
    {
        await using var site = await StartAsync();
        await site.Store.Inner.SetAsync("id", new SessionContent(Encoding.UTF8.GetBytes(payload), Idle, "me"));

        var session = Assert.Single((await site.Sessions.PageBySubjectAsync("me")).Sessions);

        Assert.Equal((null, null, null), (session.CreatedAt, session.AuthenticatedAt, session.Label));
        Assert.Equal(session.Handle, session.Device);
    }

    [Fact]
    public async Task A_label_is_cut_at_256_characters_and_made_well_formed()
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();
        await browser.GetAsync("/long-label");

        var label = (await LoadAsync(site, browser)).Label;

        Assert.Equal("\ufffd" + new string('ü', 255), label);
    }

    [Fact]
    public async Task When_a_session_was_used_last_follows_its_touches_and_is_unknown_at_an_absolute_end()
    {
        await using var site = await StartAsync(options => options.TouchAfter = 0);
        using var browser = await LogInAsync(site, "me", "Phone");
        site.Clock.Advance(TimeSpan.FromHours(5));
        await browser.GetAsync("/who");
        Assert.Equal(site.Clock.GetUtcNow(), await LastSeenAsync(site));

        site.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(site.Clock.GetUtcNow().AddHours(-1), await LastSeenAsync(site));

        await browser.GetAsync("/limit?hours=2");
        Assert.Null(await LastSeenAsync(site));
    }

    [Theory]
    [InlineData("""{"cookie":{"originalMaxAge":60000}}""", 1, 0)]
    [InlineData("""{"cookie":{"originalMaxAge":3600000}}""", 1, -59)]
    [InlineData("""{"cookie":{"originalMaxAge":60000}}""", 30, null)]
    [InlineData("""{"cookie":{"originalMaxAge":1e300}}""", 30, 30 - (400 * 24 * 60))]
    [InlineData("""{"cookie":{"originalMaxAge":60000},"__absolute":1}""", 0, null)]
    public async Task When_a_session_was_used_last_is_derived_from_its_expiry(string payload, int minutesLeft, int? minutesAgo)
    {
        await using var site = await StartAsync();
        var now = site.Clock.GetUtcNow();
        var end = minutesLeft == 0 ? now.AddMinutes(1) : now.AddMinutes(minutesLeft);
        payload = payload.Replace("\"__absolute\":1", $"\"__absolute\":{end.ToUnixTimeMilliseconds()}", StringComparison.Ordinal);
        await site.Store.Inner.SetAsync("id", new SessionContent(Encoding.UTF8.GetBytes(payload), end, "me"));

        Assert.Equal(minutesAgo is { } minutes ? now.AddMinutes(minutes) : null, await LastSeenAsync(site));
    }

    private static async Task<DateTimeOffset?> LastSeenAsync(Site site) => Assert.Single((await site.Sessions.PageBySubjectAsync("me")).Sessions).LastSeenAt;

    private static async Task<HttpSession> LoadAsync(Site site, Browser browser) => (await site.Sessions.LoadAsync(browser.SessionId!))!;

    private static async Task<(DateTimeOffset? Created, DateTimeOffset? Authenticated)> InstantsAsync(Site site, Browser browser)
    {
        var session = await LoadAsync(site, browser);
        return (session.CreatedAt, session.AuthenticatedAt);
    }

    private static async Task<string> BodyAsync(Browser browser, string path) => (await browser.GetAsync(path)).Body;

    private static async Task<Site> StartAsync(Action<SessionStoresOptions>? configure = null)
    {
        var site = await Site.StartAsync(Map, configure);
        site.Store.ForwardsCapabilities = true;
        return site;
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/login", async (HttpSession session, string user, string label) =>
        {
            await session.RegenerateAsync();
            session.Subject = user;
            session.Label = label;
        });
        app.MapGet("/visit", (HttpSession session) => session.Set("a", 1));
        app.MapGet("/who", (HttpSession session) => session.Subject ?? "");
        app.MapGet("/handle", (HttpSession session) => session.Handle);
        app.MapGet("/framework-id", (HttpContext context) => context.Session.Id);
        app.MapGet("/keys", (HttpSession session) => string.Join(' ', session.Keys) + session.Get<string>("__label") + (session.ContainsKey("__created") ? "there" : ""));
        app.MapGet("/clear", (HttpSession session) => session.Clear());
        app.MapGet("/subject", (HttpSession session, string? user) => { session.Subject = user; });
        app.MapGet("/authenticated", (HttpSession session) => session.MarkAuthenticated());
        app.MapGet("/rotate", async (HttpSession session, string? user) =>
        {
            await session.RegenerateAsync(keepData: true);
            if (user is not null)
                session.Subject = user;
        });
        app.MapGet("/merge", async (HttpSession session, SessionAccess sessions) =>
        {
            session.Label = "Mine";
            var theirs = (await sessions.LoadAsync(session.Id))!;
            theirs.Label = "Theirs";
            await theirs.SaveAsync();
        });
        app.MapGet("/long-label", (HttpSession session) => { session.Label = "\ud800" + new string('ü', 300); });
        app.MapGet("/limit", (HttpSession session, string hours) =>
            { session.AbsoluteExpiresAt = session.ExpiresAt.AddDays(-1).AddHours(1 + int.Parse(hours, CultureInfo.InvariantCulture)); });
    }

    private static async Task<Browser> LogInAsync(Site site, string user, string label)
    {
        var browser = site.NewBrowser();
        await browser.GetAsync($"/login?user={user}&label={Uri.EscapeDataString(label)}");
        return browser;
    }
}
