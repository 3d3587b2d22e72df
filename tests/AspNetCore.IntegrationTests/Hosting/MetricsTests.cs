using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using SessionStores.AspNetCore;
using SessionStores.AspNetCore.Tests;

namespace SessionStores.AspNetCore.IntegrationTests.Hosting;

/// <summary>The instruments, each moved by what it is for.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task Updates_that_would_have_been_lost_are_counted_by_member()
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();
        await browser.GetAsync("/begin");
        site.Store.Before = async call =>
        {
            if (call != "replace")
                return;

            site.Store.Before = null;
            await browser.GetAsync("/others");
        };

        Assert.Equal(200, (await browser.GetAsync("/mine")).Status);

        Assert.Equal(1, site.Counters["sessionstores.conflicts.merged"]);
        Assert.Equal(2, site.Counters["sessionstores.updates.preserved"]);
    }

    [Fact]
    public async Task Loads_saves_touches_and_blocked_resurrections_are_counted()
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();
        await browser.GetAsync("/begin");
        site.Clock.Advance(TimeSpan.FromMinutes(1));
        await browser.GetAsync("/read");
        var id = browser.SessionId!;
        site.Store.Before = async call =>
        {
            if (call == "replace")
                await site.Store.Inner.DestroyAsync(id);
        };
        await browser.GetAsync("/mine");
        site.Store.Before = null;
        using var stranger = site.NewBrowser();
        stranger.Cookie = "connect.sid=s%3Aforged.signature";
        await stranger.GetAsync("/read");

        Assert.Equal(1, site.Counters["sessionstores.loads outcome=NoCookie"]);
        Assert.Equal(2, site.Counters["sessionstores.loads outcome=Loaded"]);
        Assert.Equal(1, site.Counters["sessionstores.loads outcome=BadSignature"]);
        Assert.Equal(1, site.Counters["sessionstores.saves kind=create"]);
        Assert.Equal(2, site.Counters["sessionstores.touches.skipped"]);
        Assert.Equal(1, site.Counters["sessionstores.resurrections.blocked"]);
    }

    [Fact]
    public async Task Durations_have_the_operation_and_the_fault_and_nothing_else()
    {
        await using var site = await StartAsync();
        var meters = site.Services.GetRequiredService<IMeterFactory>();
        var seen = new ConcurrentQueue<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "sessionstores.store.duration" && instrument.Meter.Scope == meters)
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) =>
            seen.Enqueue($"{value} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}"));
        listener.Start();
        using var browser = site.NewBrowser();
        await browser.GetAsync("/begin");

        // The whole call is timed, what the store does before its first await as well.
        site.Store.Before = _ =>
        {
            site.Clock.Advance(TimeSpan.FromSeconds(1.5));
            return Task.CompletedTask;
        };
        await browser.GetAsync("/read");
        site.Store.Before = _ => throw new SessionStoreException("RecordingStore", "Get", SessionStoreFault.Timeout, "It is slow.");
        await browser.GetAsync("/read");

        Assert.Equal(["0 operation=create", "1.5 operation=get", "0 operation=get error.type=Timeout"], seen);
    }

    private static Task<Site> StartAsync() => Site.StartAsync(app =>
    {
        app.MapGet("/begin", (HttpSession session) => session.Set("a", 1));
        app.MapGet("/read", (HttpSession session) => session.Get<int>("a"));
        app.MapGet("/mine", (HttpSession session) => session.Set("mine", 1));
        app.MapGet("/others", (HttpSession session) =>
        {
            session.Set("a", 2);
            session.Set("b", 3);
        });
    }, options => options.Outage = OutagePolicy.ServiceUnavailable503);
}
