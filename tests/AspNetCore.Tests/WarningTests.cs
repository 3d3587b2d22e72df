using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SessionStores.AspNetCore.Tests;

/// <summary>What every request can cause is logged once a minute, with a count.</summary>
public sealed class WarningTests
{
    public static TheoryData<string, Action<SessionStoresOptions>, string, string> Kinds => new()
    {
        { "InsecureRequest", options => options.Cookie.Secure = SessionCookieSecurity.Always, "/set", "" },
        { "ConsentMissing", _ => { }, "/set?consent=needed", "" },
        { "SessionUnreadable", _ => { }, "/get", "unreadable" },
        { "BridgedChangeDropped", _ => { }, "/bridge", "" },
        { "LoadOutage", options => options.Outage = OutagePolicy.ServiceUnavailable503, "/get", "fails at get" },
        { "SaveOutage", options => options.Outage = OutagePolicy.ServiceUnavailable503, "/set", "fails at create" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_warning_of_requests_is_logged_once_a_minute_with_a_count(string kind, Action<SessionStoresOptions> configure, string path, string record)
    {
        await using var site = await StartAsync(configure);
        await site.Store.Inner.SetAsync("unreadable", new SessionContent("{}"u8.ToArray(), SessionLifetime.Never));
        await site.Store.Inner.SetAsync("fails at get", new SessionContent("""{"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"}}"""u8.ToArray(), SessionLifetime.Never));
        if (record.StartsWith("fails at ", StringComparison.Ordinal))
            site.Store.Before = call => record.EndsWith(call, StringComparison.Ordinal) ? throw new SessionStoreException("RecordingStore", call, SessionStoreFault.Unavailable, "It is gone.") : Task.CompletedTask;

        await SendAsync(site, path, record, 200);
        var first = Assert.Single(LinesOf(site, kind));
        Assert.DoesNotContain("times", first, StringComparison.Ordinal);

        site.Clock.Advance(TimeSpan.FromSeconds(61));
        await SendAsync(site, path, record, 3);
        var lines = LinesOf(site, kind);

        Assert.Equal(2, lines.Length);
        Assert.Contains("This happened 200 times since it was last logged.", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Different_reasons_are_counted_apart()
    {
        await using var site = await StartAsync(_ => { });

        await SendAsync(site, "/set?consent=needed", "", 2);
        await SendAsync(site, "/bridge", "", 2);

        Assert.Equal(["BridgedChangeDropped", "ConsentMissing"], site.Log.Lines.Where(line => line.Level == LogLevel.Warning).Select(line => line.Name).Order());
    }

    [Fact]
    public void Values_and_exceptions_stay_with_a_counted_line()
    {
        var lines = new ValueLogger();
        var clock = new Conformance.FakeClock();
        var limiter = new WarningLimiter(lines, clock);
        var failure = new InvalidOperationException("broken");

        for (var i = 0; i < 3; i++)
            Log.LoadOutage(limiter, OutagePolicy.ServiceUnavailable503, failure);

        Log.LoadOutage(limiter, OutagePolicy.ContinueWithoutSession, failure);
        clock.Advance(TimeSpan.FromMinutes(1));
        Log.LoadOutage(limiter, OutagePolicy.ServiceUnavailable503, failure);

        Assert.Equal(3, lines.Lines.Count);
        Assert.Equal(3L, lines.Lines[2].Values["Times"]);
        Assert.Equal(OutagePolicy.ServiceUnavailable503, lines.Lines[2].Values["Policy"]);
        Assert.Same(failure, lines.Lines[2].Exception);
    }

    private static string[] LinesOf(Site site, string kind) => [.. site.Log.Lines.Where(line => line.Name == kind).Select(line => line.Text)];

    private static async Task SendAsync(Site site, string path, string record, int requests)
    {
        for (var request = 0; request < requests; request++)
        {
            using var browser = site.NewBrowser();
            if (record.Length > 0)
                browser.Cookie = "connect.sid=" + SetCookieHeader.EncodeComponent(CookieSignature.Sign(record, Site.Secret));

            await browser.GetAsync(path);
        }
    }

    private static Task<Site> StartAsync(Action<SessionStoresOptions> configure) => Site.StartAsync(app =>
    {
        app.UseCookiePolicy(new CookiePolicyOptions { CheckConsentNeeded = context => context.Request.Query.ContainsKey("consent") });
        app.UseSessionStores();
        app.MapGet("/set", (HttpSession session) => session.Set("a", 1));
        app.MapGet("/get", (HttpContext context) => context.GetHttpSession() is null);
        app.MapGet("/bridge", (HttpContext context) =>
        {
            context.UnsetSession();
            context.Session.SetString("a", "1");
        });
    }, configure, kestrel: false, services: null);

    private sealed class ValueLogger : ILogger
    {
        public List<(Dictionary<string, object?> Values, Exception? Exception)> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add((new Dictionary<string, object?>((IEnumerable<KeyValuePair<string, object?>>)state!), exception));
    }
}
