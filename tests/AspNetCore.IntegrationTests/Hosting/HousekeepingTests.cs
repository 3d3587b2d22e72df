using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using SessionStores.AspNetCore;
using SessionStores.AspNetCore.Tests;
using SessionStores.Backends;

namespace SessionStores.AspNetCore.IntegrationTests.Hosting;

/// <summary>What the application does from time to time: removing expired records and counting live ones.</summary>
public sealed class HousekeepingTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Expired_records_are_pruned_at_a_jittered_interval()
    {
        await using var started = await StartAsync();
        using var moved = new SemaphoreSlim(0);
        started.Store.OnPrune = async token =>
        {
            // The next interval begins when the clock stands still again.
            await moved.WaitAsync(token);
            return 0;
        };

        for (var round = 1; round <= 5; round++)
        {
            await started.WaitsAsync();
            started.Site.Clock.Advance(TimeSpan.FromMinutes(12) - TimeSpan.FromMilliseconds(1));
            Assert.Equal(round - 1, started.Store.Prunes);

            started.Site.Clock.Advance(TimeSpan.FromMinutes(6) + TimeSpan.FromMilliseconds(1));
            await Wait.UntilAsync(() => started.Store.Prunes == round, Deadline, "pruning");
            moved.Release();
        }
    }

    [Fact]
    public async Task A_failure_is_told_and_the_next_round_comes()
    {
        await using var started = await StartAsync();
        started.Store.OnPrune = _ => throw new SessionStoreException("KeptStore", "Prune", SessionStoreFault.Unavailable, "It is gone.");
        await started.WaitsAsync();
        started.Site.Clock.Advance(TimeSpan.FromMinutes(18));
        await Wait.UntilAsync(() => started.Site.Log.Has("HousekeepingFailed"), Deadline, "the failure to be logged");

        started.Store.OnPrune = _ => throw new InvalidOperationException("Something else.");
        await started.WaitsAsync();
        started.Site.Clock.Advance(TimeSpan.FromMinutes(18));
        await Wait.UntilAsync(() => started.Store.Prunes == 2, Deadline, "the second round");

        started.Store.OnPrune = _ => Task.FromResult(7L);
        await started.WaitsAsync();
        started.Site.Clock.Advance(TimeSpan.FromMinutes(18));
        await Wait.UntilAsync(() => started.Site.Log.Has("Pruned"), Deadline, "the third round");
        using var browser = started.Site.NewBrowser();
        Assert.Equal("up", (await browser.GetAsync("/")).Body);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Housekeeping_that_hangs_ends_in_time_and_the_next_round_comes(bool prunes)
    {
        await using var started = await StartAsync(options =>
        {
            options.OperationTimeout = TimeSpan.FromSeconds(2);
            (options.PruneInterval, options.CountInterval) = prunes ? (TimeSpan.FromHours(1), Timeout.InfiniteTimeSpan) : (Timeout.InfiniteTimeSpan, TimeSpan.FromHours(1));
        });
        started.Store.OnPrune = _ => new TaskCompletionSource<long>().Task;
        started.Store.OnCount = () => new TaskCompletionSource<long>().Task;

        for (var round = 1; round <= 2; round++)
        {
            await started.WaitsAsync();
            started.Site.Clock.Advance(TimeSpan.FromHours(1.2));
            await Wait.UntilAsync(() => started.Store.Prunes + started.Store.Counts == round, Deadline, "the call");
            await started.WaitsAsync();
            started.Site.Clock.Advance(TimeSpan.FromSeconds(2));
            await Wait.UntilAsync(() => started.Site.Log.Lines.Count(line => line.Name == "HousekeepingFailed") == round, Deadline, "the time-out to be logged");
        }
    }

    [Fact]
    public async Task Pruning_can_be_switched_off()
    {
        await using var started = await StartAsync(options =>
        {
            options.PruneInterval = Timeout.InfiniteTimeSpan;
            options.CountInterval = TimeSpan.FromMinutes(1);
        });

        await NeverPrunesAsync(started);
    }

    [Fact]
    public async Task A_store_that_prunes_itself_is_left_alone()
    {
        await using var started = await StartAsync(options => options.CountInterval = TimeSpan.FromMinutes(1), prunesItself: true);

        await NeverPrunesAsync(started);
    }

    [Fact]
    public async Task A_pruning_under_way_ends_with_the_application()
    {
        var started = await StartAsync();
        var begun = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        started.Store.OnPrune = async token =>
        {
            begun.SetResult();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
            }
            finally
            {
                ended.SetResult();
            }

            return 0;
        };
        await started.WaitsAsync();
        started.Site.Clock.Advance(TimeSpan.FromMinutes(18));
        await begun.Task.WaitAsync(Deadline);

        await started.DisposeAsync();

        await ended.Task.WaitAsync(Deadline);
        Assert.False(started.Site.Log.Has("HousekeepingFailed"));
    }

    [Fact]
    public async Task Live_sessions_are_counted_only_when_asked_for()
    {
        await using var quiet = await StartAsync(options => options.PruneInterval = Timeout.InfiniteTimeSpan);
        quiet.Site.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, quiet.Store.Counts);
        Assert.Empty(Measure(quiet.Site));

        await using var counting = await StartAsync(options =>
        {
            options.PruneInterval = Timeout.InfiniteTimeSpan;
            options.CountInterval = TimeSpan.FromMinutes(1);
        });
        counting.Store.OnCount = () => Task.FromResult(42L);
        Assert.Empty(Measure(counting.Site));
        await counting.WaitsAsync();
        counting.Site.Clock.Advance(TimeSpan.FromMinutes(1.2));
        await counting.WaitsAsync();
        Assert.Equal([42], Measure(counting.Site));

        // A number that cannot be had is not shown as if it were one of now.
        counting.Store.OnCount = () => throw new SessionStoreException("KeptStore", "Length", SessionStoreFault.Timeout, "It is slow.");
        counting.Site.Clock.Advance(TimeSpan.FromMinutes(1.2));
        await counting.WaitsAsync();
        Assert.Empty(Measure(counting.Site));
    }

    /// <summary>Counting shows that the housekeeper is at work; it would have begun to prune before.</summary>
    private static async Task NeverPrunesAsync(Started started)
    {
        await started.WaitsAsync();
        started.Site.Clock.Advance(TimeSpan.FromHours(1));
        await Wait.UntilAsync(() => started.Store.Counts > 0, Deadline, "counting");
        await started.WaitsAsync();

        Assert.Equal(0, started.Store.Prunes);
    }

    private static List<long> Measure(Site site)
    {
        var measured = new List<long>();
        var meters = site.Services.GetRequiredService<IMeterFactory>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "sessionstores.sessions" && instrument.Meter.Scope == meters)
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => measured.Add(value));
        listener.Start();
        listener.RecordObservableInstruments();
        return measured;
    }

    private static async Task<Started> StartAsync(Action<SessionStoresOptions>? configure = null, bool prunesItself = false)
    {
        KeptStore? store = null;
        var site = await Site.StartAsync(
            app =>
            {
                app.UseSessionStores();
                app.MapGet("/", () => "up");
            },
            configure,
            false,
            services => services.WrapStore(recording => store = new KeptStore(recording) { PrunesItself = prunesItself }));
        return new Started(site, store!);
    }

    /// <summary>A site whose store needs housekeeping. Only the housekeeper has a timer.</summary>
    private sealed record Started(Site Site, KeptStore Store) : IAsyncDisposable
    {
        /// <summary>Waits until the housekeeper waits.</summary>
        public Task WaitsAsync() => Wait.UntilAsync(() => Site.Clock.WaitingTimers == 1, Deadline, "the housekeeper to wait");

        public ValueTask DisposeAsync() => Site.DisposeAsync();
    }
}
