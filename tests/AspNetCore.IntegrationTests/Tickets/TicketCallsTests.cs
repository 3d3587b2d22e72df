using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SessionStores.AspNetCore.Tests;
using SessionStores.Backends;

namespace SessionStores.AspNetCore.IntegrationTests.Tickets;

/// <summary>Sign-ins call the store as sessions do: within the operation timeout, with spans and durations.</summary>
public sealed class TicketCallsTests
{
    [Fact]
    public async Task A_sign_in_waits_for_the_store_no_longer_than_the_operation_timeout()
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();
        var timers = site.Clock.WaitingTimers;
        site.Store.Before = _ => Task.Delay(Timeout.InfiniteTimeSpan);

        var request = browser.GetAsync("/in/alice");
        await Wait.UntilAsync(() => site.Clock.WaitingTimers > timers, TimeSpan.FromSeconds(30), "the sign-in to wait");
        site.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(500, (await request.WaitAsync(TimeSpan.FromSeconds(30))).Status);
        Assert.Contains(site.Log.Lines, line => line.Text.Contains("OperationTimeout (00:00:02)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_call_of_a_sign_in_is_a_span_and_has_a_duration()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == SessionStoresTelemetry.ActivitySourceName,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var site = await StartAsync();
        using var meters = new MeterListener();
        var durations = new ConcurrentQueue<string?>();
        meters.InstrumentPublished = (instrument, all) =>
        {
            if (instrument.Name == "sessionstores.store.duration" && instrument.Meter.Scope == site.Services.GetRequiredService<IMeterFactory>())
                all.EnableMeasurementEvents(instrument);
        };
        meters.SetMeasurementEventCallback<double>((_, _, tags, _) => durations.Enqueue(Tag(tags, "operation")));
        meters.Start();
        using var browser = new SignedIn(site.NewBrowser());
        var trace = ActivityTraceId.CreateRandom();

        await browser.GetAsync("/in/alice", ("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01"));
        await browser.GetAsync("/in/alice", ("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01"));

        Assert.Equal(["create", "get", "destroy", "create"], spans.Where(span => span.TraceId == trace).Select(span => span.OperationName));
        Assert.Equal(4, durations.Count);
    }

    private static string? Tag(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name)
    {
        foreach (var tag in tags)
        {
            if (tag.Key.EndsWith(name, StringComparison.Ordinal))
                return tag.Value?.ToString();
        }

        return null;
    }

    private static Task<Site> StartAsync() => Site.StartAsync(
        app =>
        {
            app.UseSessionStores();
            app.UseAuthentication();
            app.MapGet("/in/{user}", (HttpContext context, string user) => context.SignInAsync(TicketSite.Principal(user)));
        },
        options => options.OperationTimeout = TimeSpan.FromSeconds(2),
        true,
        services => TicketSite.AddSignIns(services));
}
