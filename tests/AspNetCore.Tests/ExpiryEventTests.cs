using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace SessionStores.AspNetCore.Tests;

/// <summary>What the application is told of sessions whose time is over.</summary>
public sealed class ExpiryEventTests
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(20);

    [Fact]
    public async Task Each_expired_session_is_reported_once_and_none_that_was_ended_or_used()
    {
        var handler = new Recorder();
        await using var site = await StartAsync(handler);
        var browsers = new List<Browser>();
        for (var index = 0; index < 5; index++)
        {
            browsers.Add(site.NewBrowser());
            await browsers[index].GetAsync("/login");
        }

        await browsers[0].GetAsync("/logout");
        site.Clock.Advance(Idle / 2);
        await browsers[1].GetAsync("/use");
        var expected = browsers.Skip(2).Select(browser => SessionHandle.Of(browser.SessionId!)).Order().ToList();
        await ExpireAsync(site, Idle / 2, () => handler.Events.Count >= 3);

        Assert.Equal(expected, handler.Events.Select(entry => entry.Handle).Order());
        Assert.All(handler.Events, entry => Assert.Equal((SessionEventKind.Expired, "me", "Phone"), (entry.Kind, entry.Subject, entry.Label)));
        Assert.All(handler.Events, entry => Assert.True(entry.At <= site.Clock.GetUtcNow()));
        browsers.ForEach(browser => browser.Dispose());
    }

    [Fact]
    public async Task An_expiry_that_a_handler_does_not_take_comes_again_and_is_given_up_after_five_times()
    {
        var handler = new Recorder { Fails = true };
        await using var site = await StartAsync(handler);
        using var browser = site.NewBrowser();
        await browser.GetAsync("/login");

        await ExpireAsync(site, Idle, () => handler.Calls >= ExpiryEvents.MostClaims && site.Log.Has("EventGivenUp"));

        Assert.Equal(ExpiryEvents.MostClaims, handler.Calls);
        Assert.Equal(ExpiryEvents.MostClaims - 1, site.Counters["sessionstores.events.repeated"]);
        Assert.Equal(ExpiryEvents.MostClaims, site.Counters["sessionstores.events.failed kind=Expired error.type=InvalidTimeZoneException"]);
        Assert.Empty(await Assert.IsAssignableFrom<ISessionExpirations>(site.Store.Inner).ClaimExpiredAsync(10, TimeSpan.FromHours(1)));
    }

    [Fact]
    public async Task A_session_past_its_absolute_limit_that_a_read_removes_is_reported()
    {
        var handler = new Recorder();
        await using var site = await StartAsync(handler);
        using var browser = site.NewBrowser();
        await browser.GetAsync("/login");
        var record = (await site.RecordOf(browser))!;
        await site.Store.Inner.SetAsync(record.Id, new SessionContent(WithLimit(record.Payload, site.Clock.GetUtcNow().AddMinutes(1)), Idle, "me"));
        site.Clock.Advance(TimeSpan.FromMinutes(2));

        await browser.GetAsync("/use");

        Assert.Contains(handler.Events, entry => entry.Kind == SessionEventKind.Expired && entry.Handle == SessionHandle.Of(record.Id));
    }

    [Fact]
    public async Task A_store_that_does_not_report_expiries_is_named_at_the_start()
    {
        await using var site = await Site.StartAsync(Map, null, services => services.AddSingleton<ISessionEvents>(new Recorder()));

        await WaitAsync(site, TimeSpan.Zero, () => site.Log.Has("ExpiriesNotReported"));
    }

    private static ReadOnlyMemory<byte> WithLimit(ReadOnlyMemory<byte> payload, DateTimeOffset end) =>
        System.Text.Encoding.UTF8.GetBytes($"{System.Text.Encoding.UTF8.GetString(payload.Span)[..^1]},\"__absolute\":{end.ToUnixTimeMilliseconds()}}}");

    private static async Task ExpireAsync(Site site, TimeSpan life, Func<bool> condition)
    {
        site.Clock.Advance(life);
        await WaitAsync(site, TimeSpan.FromMinutes(1), condition);
    }

    /// <summary>Moves the clock until housekeeping has done its work, which it does on a thread of its own.</summary>
    private static async Task WaitAsync(Site site, TimeSpan step, Func<bool> condition)
    {
        var end = DateTime.UtcNow.AddSeconds(60);
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < end, "Housekeeping has not done its work within a minute.");
            site.Clock.Advance(step);
            await Task.Delay(10);
        }
    }

    private static Task<Site> StartAsync(Recorder handler) => Site.StartAsync(
        app =>
        {
            app.UseSessionStores();
            Map(app);
        },
        options => (options.IdleTimeout, options.TouchAfter, options.PruneInterval) = (Idle, 0, TimeSpan.FromMinutes(1)),
        false,
        services =>
        {
            services.AddSingleton<ISessionEvents>(handler);

            // Decorated, so that capabilities are found before housekeeping starts.
            var store = services.Last(service => service.ServiceType == typeof(ISessionStore));
            services.Remove(store);
            services.AddSingleton(provider =>
            {
                var recording = (RecordingStore)store.ImplementationFactory!(provider);
                recording.ForwardsCapabilities = true;
                return (ISessionStore)recording;
            });
        });

    private static void Map(WebApplication app)
    {
        app.MapGet("/login", (HttpSession session) => (session.Subject, session.Label) = ("me", "Phone"));
        app.MapGet("/use", (HttpSession session) => session.Subject ?? "");
        app.MapGet("/logout", (HttpSession session) => session.DestroyAsync());
    }

    private sealed class Recorder : ISessionEvents
    {
        private readonly ConcurrentQueue<SessionEvent> _events = new();
        private int _calls;

        public bool Fails { get; init; }

        public int Calls => Volatile.Read(ref _calls);

        public IReadOnlyList<SessionEvent> Events => [.. _events];

        public ValueTask OnEventAsync(SessionEvent sessionEvent, CancellationToken cancellationToken)
        {
            if (sessionEvent.Kind != SessionEventKind.Expired)
                return default;

            Interlocked.Increment(ref _calls);
            if (Fails)
                throw new InvalidTimeZoneException();

            _events.Enqueue(sessionEvent);
            return default;
        }
    }
}
