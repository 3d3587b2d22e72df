using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace SessionStores.AspNetCore.Tests;

/// <summary>Sessions and sign-ins by a second key, such as the <c>sid</c> of an identity provider.</summary>
public sealed class KeyTests
{
    [Fact]
    public async Task The_key_of_a_session_is_saved_and_kept_by_a_new_id_with_the_data_only()
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();
        await browser.GetAsync("/key?value=k1");
        Assert.Equal("k1", (await browser.GetAsync("/key")).Body);
        Assert.Equal("k1", (await site.RecordOf(browser))!.Key);

        await browser.GetAsync("/visit");
        await browser.GetAsync("/rotate");
        Assert.Equal("k1", (await site.RecordOf(browser))!.Key);

        await browser.GetAsync("/begin");
        Assert.Null((await site.RecordOf(browser))!.Key);
    }

    [Fact]
    public async Task Sessions_are_listed_counted_and_ended_by_key_with_an_event_for_each()
    {
        var recorder = new Recorder();
        await using var site = await StartAsync(services => services.AddSingleton<ISessionEvents>(recorder));
        using var first = await WithKeyAsync(site, "k");
        using var second = await WithKeyAsync(site, "k");
        using var other = await WithKeyAsync(site, "l");
        var text = new string('x', 300);
        using var hashed = await WithKeyAsync(site, text);

        Assert.Equal(2, await site.Sessions.CountByKeyAsync("k"));
        Assert.Equal([first.SessionId, second.SessionId], (await site.Sessions.ListByKeyAsync("k").ToListAsync(TestContext.Current.CancellationToken)).Select(session => session.Id).OrderBy(id => id != first.SessionId));
        var page = await site.Sessions.PageByKeyAsync("k", 1);
        Assert.Single(page.Sessions);
        Assert.Single((await site.Sessions.PageByKeyAsync("k", 1, page.Continuation)).Sessions);
        Assert.Equal(1, await site.Sessions.CountByKeyAsync(text));

        recorder.Events.Clear();
        Assert.Equal(1, await site.Sessions.DestroyByKeyAsync("k", [second.SessionId!]));

        Assert.Null(await site.RecordOf(first));
        Assert.NotNull(await site.RecordOf(second));
        Assert.NotNull(await site.RecordOf(other));
        var ended = Assert.Single(recorder.Events);
        Assert.Equal((SessionEventKind.Ended, SessionEndReason.Access, SessionHandleOf(first)), (ended.Kind, ended.Reason, ended.Handle));
    }

    [Fact]
    public async Task A_sign_in_has_the_key_that_its_ticket_names_and_is_ended_by_it()
    {
        await using var site = await StartAsync(services => AddTickets(services));
        using var first = site.NewBrowser();
        using var second = site.NewBrowser();
        await first.GetAsync("/sign-in?user=mia&sid=s1");
        await second.GetAsync("/sign-in?user=mia&sid=s2");
        Assert.Equal(2, await site.Sessions.CountBySubjectAsync("mia"));

        Assert.Equal(1, await site.Sessions.DestroyByKeyAsync("s1"));

        Assert.Equal(0, await site.Sessions.CountByKeyAsync("s1"));
        Assert.Equal(1, await site.Sessions.CountByKeyAsync("s2"));
        Assert.Equal(1, await site.Sessions.CountBySubjectAsync("mia"));
    }

    [Fact]
    public async Task A_store_that_keeps_no_keys_is_reported()
    {
        await using var site = await StartAsync(services => AddTickets(services));
        site.Store.ForwardsCapabilities = false;

        var refused = Assert.Throws<OptionsValidationException>(() => site.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(CookieAuthenticationDefaults.AuthenticationScheme));
        Assert.Contains("RecordingStore keeps no keys", refused.Message, StringComparison.Ordinal);
        var missing = await Assert.ThrowsAsync<NotSupportedException>(() => site.Sessions.DestroyByKeyAsync("k"));
        Assert.Contains("ISessionKeys", missing.Message, StringComparison.Ordinal);
    }

    private static string SessionHandleOf(Browser browser) => SessionHandle.Of(browser.SessionId!);

    private static async Task<Browser> WithKeyAsync(Site site, string key)
    {
        var browser = site.NewBrowser();
        await browser.GetAsync($"/key?value={key}");
        return browser;
    }

    private static async Task<Site> StartAsync(Action<IServiceCollection>? services = null)
    {
        var site = await Site.StartAsync(Map, null, added => services?.Invoke(added));
        site.Store.ForwardsCapabilities = true;
        return site;
    }

    private static void AddTickets(IServiceCollection services) => services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme)
        .AddCookie(options => options.Cookie.SecurePolicy = CookieSecurePolicy.None)
        .AddSessionTickets(configure: options => options.Key = ticket => ticket.Principal.FindFirst("sid")?.Value);

    private static void Map(WebApplication app)
    {
        app.MapGet("/key", (HttpSession session, string? value) =>
        {
            if (value is not null)
                session.Key = value;

            return session.Key ?? "";
        });
        app.MapGet("/visit", (HttpSession session) => session.Update("views", (int views) => views + 1));
        app.MapGet("/rotate", (HttpSession session) => session.RegenerateAsync(keepData: true));
        app.MapGet("/begin", async (HttpSession session) =>
        {
            await session.RegenerateAsync();
            session.Set("views", 0);
        });
        app.MapGet("/sign-in", (HttpContext context, string user, string sid) =>
            context.SignInAsync(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, user), new Claim("sid", sid)], "test"))));
    }

    private sealed class Recorder : ISessionEvents
    {
        public ConcurrentQueue<SessionEvent> Events { get; } = new();

        public ValueTask OnEventAsync(SessionEvent sessionEvent, CancellationToken cancellationToken)
        {
            Events.Enqueue(sessionEvent);
            return default;
        }
    }
}
