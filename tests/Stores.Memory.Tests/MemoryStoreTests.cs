using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Logging;
using SessionStores.Conformance;

namespace SessionStores.Memory.Tests;

/// <summary>What MemoryStore promises beyond the contract: its bounds, its housekeeping, its costs.</summary>
public sealed class MemoryStoreTests
{
    private readonly FakeClock _clock = new();

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task The_least_recently_used_session_goes_first_when_there_are_too_many()
    {
        using var store = new MemoryStore(new MemoryStoreOptions { MaxSessions = 3 }, _clock);
        foreach (var id in (string[])["a", "b", "c"])
            await store.CreateAsync(id, Content());

        await store.GetAsync("a", null, None);
        await store.CreateAsync("d", Content());

        Assert.NotNull(await store.GetAsync("a", null, None));
        Assert.Null(await store.GetAsync("b", null, None));
        Assert.NotNull(await store.GetAsync("c", null, None));
        Assert.NotNull(await store.GetAsync("d", null, None));
    }

    [Fact]
    public async Task A_listing_has_the_sessions_that_are_set_while_it_runs()
    {
        using var store = new MemoryStore(new MemoryStoreOptions { MaxSessions = 100 }, _clock); // one shard, so that all are on its list from the start
        foreach (var id in (string[])["a", "b", "c"])
            await store.CreateAsync(id, Content(), None);

        var listed = new List<string>();
        await foreach (var record in store.AllAsync(cancellationToken: None))
        {
            listed.Add(record.Id);
            foreach (var id in (string[])["a", "b", "c"])
                await store.SetAsync(id, Content(), None);
        }

        Assert.Equal(["a", "b", "c"], listed.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(20_000)]
    public async Task Anonymous_visitors_do_not_put_out_users(int most)
    {
        using var store = new MemoryStore(new MemoryStoreOptions { MaxSessions = most }, _clock);
        var users = most / 10;
        for (var i = 0; i < users; i++)
            await store.CreateAsync($"user{i}", Content(subject: "u"), None);

        for (var i = 0; i < 2 * most; i++)
            await store.CreateAsync($"visitor{i}", Content(), None);

        Assert.Equal(users, await store.CountBySubjectAsync("u", None));
        Assert.Equal(most, await store.LengthAsync(None));
    }

    [Fact]
    public async Task A_user_goes_when_there_are_only_users()
    {
        using var store = new MemoryStore(new MemoryStoreOptions { MaxSessions = 2 }, _clock);
        foreach (var id in (string[])["a", "b", "c"])
            await store.CreateAsync(id, Content(subject: id), None);

        await store.CreateAsync("visitor", Content(), None);

        Assert.Null(await store.GetAsync("a", null, None));
        Assert.Null(await store.GetAsync("b", null, None));
        Assert.NotNull(await store.GetAsync("c", null, None));
        Assert.NotNull(await store.GetAsync("visitor", null, None));
    }

    [Fact]
    public async Task A_visitor_who_signs_in_is_no_longer_evicted_first()
    {
        using var store = new MemoryStore(new MemoryStoreOptions { MaxSessions = 2 }, _clock);
        var version = (await store.CreateAsync("a", Content(), None)).Version;
        await store.CreateAsync("b", Content(), None);
        await store.ReplaceAsync("a", version, Content(subject: "u"), None);
        await store.GetAsync("b", null, None);

        await store.CreateAsync("c", Content(), None);

        Assert.NotNull(await store.GetAsync("a", null, None));
        Assert.Null(await store.GetAsync("b", null, None));
    }

    [Fact]
    public async Task The_oldest_rotations_are_forgotten_when_there_are_too_many()
    {
        using var store = new MemoryStore(new MemoryStoreOptions { MaxSessions = 3 }, _clock);
        foreach (var id in (string[])["a", "b", "c"])
            await store.CreateAsync(id, Content(), None);

        foreach (var id in (string[])["a", "b", "c"])
            await store.RotateAsync(id, id + "-new", SessionVersion.Any, Content(), None);

        await store.RotateAsync("c-new", "c-newer", SessionVersion.Any, Content(), None);

        Assert.False(await store.DestroyAsync("a", None));
        Assert.True(await store.DestroyAsync("b", None));
        Assert.True(await store.DestroyAsync("c", None));
        Assert.Equal(1, await store.LengthAsync(None));
    }

    [Fact]
    public async Task A_touch_counts_as_use()
    {
        using var store = new MemoryStore(new MemoryStoreOptions { MaxSessions = 2 }, _clock);
        await store.CreateAsync("a", Content());
        await store.CreateAsync("b", Content());

        await store.TouchAsync("a", TimeSpan.FromHours(2), None);
        await store.CreateAsync("c", Content());

        Assert.NotNull(await store.GetAsync("a", null, None));
        Assert.Null(await store.GetAsync("b", null, None));
    }

    [Fact]
    public async Task Expired_sessions_go_before_live_ones()
    {
        using var store = new MemoryStore(new MemoryStoreOptions { MaxSessions = 2 }, _clock);
        await store.CreateAsync("old but live", Content());
        await store.CreateAsync("short", Content(lifetime: TimeSpan.FromSeconds(1)));
        _clock.Advance(TimeSpan.FromSeconds(1));

        await store.CreateAsync("new", Content());

        Assert.NotNull(await store.GetAsync("old but live", null, None));
        Assert.NotNull(await store.GetAsync("new", null, None));
    }

    [Fact]
    public async Task Bytes_are_bounded_too()
    {
        var options = new MemoryStoreOptions { MaxBytes = 100_000, MaxPayloadBytes = 20_000 };
        using var store = new MemoryStore(options, _clock);

        for (var i = 0; i < 50; i++)
            await store.CreateAsync($"id{i}", Content(bytes: 10_000));

        Assert.Equal(9, await store.LengthAsync(None));
        Assert.Null(await store.GetAsync("id0", null, None));
        Assert.NotNull(await store.GetAsync("id49", null, None));
    }

    [Fact]
    public async Task A_replacement_that_grows_evicts_others_and_not_itself()
    {
        using var store = new MemoryStore(new MemoryStoreOptions { MaxBytes = 30_000, MaxPayloadBytes = 25_000 }, _clock);
        await store.CreateAsync("other", Content(bytes: 10_000));
        var created = await store.CreateAsync("grows", Content(bytes: 10_000));

        var replaced = await store.ReplaceAsync("grows", created.Version, Content(bytes: 25_000), None);

        Assert.Equal(SessionWriteStatus.Written, replaced.Status);
        Assert.NotNull(await store.GetAsync("grows", null, None));
        Assert.Null(await store.GetAsync("other", null, None));
    }

    [Fact]
    public async Task A_large_store_keeps_its_bounds_under_parallel_writers()
    {
        using var store = new MemoryStore(new MemoryStoreOptions { MaxSessions = 20_000 }, _clock);

        await Parallel.ForAsync(0, 60_000, async (i, _) => await store.CreateAsync($"id{i}", Content()));

        Assert.Equal(20_000, await store.LengthAsync(None));
        var listed = 0;
        await foreach (var _ in store.AllAsync(cancellationToken: None))
            listed++;

        Assert.Equal(20_000, listed);
    }

    [Fact]
    public async Task Evictions_are_counted_and_logged_but_do_not_flood_the_log()
    {
        var log = new ListLogger();
        using var store = new MemoryStore(new MemoryStoreOptions { MaxSessions = 1 }, _clock, log);
        var counted = 0L;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == "sessionstores.memory.evictions")
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref counted, value));
        listener.Start();

        for (var i = 0; i < 100; i++)
            await store.CreateAsync($"id{i}", Content());

        Assert.True(counted >= 99);
        Assert.Single(log.Messages);

        _clock.Advance(TimeSpan.FromMinutes(2));
        await store.CreateAsync("later", Content());

        Assert.Equal(2, log.Messages.Count);
        Assert.Contains("99 live sessions", log.Messages[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Expired_sessions_are_removed_as_new_ones_come()
    {
        using var store = new MemoryStore(null, _clock);
        for (var i = 0; i < 1_000; i++)
            await store.CreateAsync($"id{i}", Content(lifetime: TimeSpan.FromSeconds(5)));

        _clock.Advance(TimeSpan.FromSeconds(5));
        for (var i = 0; i < 4_000; i++)
            await store.CreateAsync($"later{i}", Content());

        Assert.Equal(0, await store.PruneAsync(cancellationToken: None));
    }

    [Fact]
    public async Task Pruning_removes_every_expired_session()
    {
        using var store = new MemoryStore(null, _clock);
        for (var i = 0; i < 1_000; i++)
            await store.CreateAsync($"id{i}", Content(lifetime: TimeSpan.FromSeconds(i < 900 ? 5 : 60)));

        _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(900, await store.PruneAsync(cancellationToken: None));
        Assert.Equal(0, await store.PruneAsync(cancellationToken: None));
    }

    [Fact]
    public async Task An_abandoned_store_is_collected_although_its_gauges_are_observed()
    {
        var reference = MakeAndForget(_clock);

        for (var i = 0; i < 10 && reference.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Yield();
        }

        Assert.False(reference.IsAlive);

        static WeakReference MakeAndForget(TimeProvider clock) => new(new MemoryStore(null, clock));
    }

    [Fact]
    public async Task Rotations_in_both_directions_do_not_wait_for_each_other()
    {
        using var store = new MemoryStore(null, _clock);
        var ids = Enumerable.Range(0, 64).Select(i => $"id{i}").ToArray();
        foreach (var id in ids)
            await store.CreateAsync(id, Content());

        await Parallel.ForAsync(0, 100_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
            await store.RotateAsync(ids[i % 64], $"{ids[(i * 7) % 64]}-{i}", SessionVersion.Any, Content()));

        Assert.Equal(64, await store.LengthAsync(None));
    }

    [Fact]
    public async Task A_read_allocates_little_more_than_its_answer()
    {
        using var store = new MemoryStore(null, _clock);
        await store.CreateAsync("id", Content(bytes: 4_000));
        var slide = new SlidingExpiry(TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));
        await store.GetAsync("id", slide, None);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
            await store.GetAsync("id", slide, None);

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 1_000, 0, 200);
    }

    [Fact]
    public void Every_option_out_of_range_is_named()
    {
        var options = new MemoryStoreOptions { MaxSessions = 0, MaxPayloadBytes = 1 };

        var problem = Assert.Throws<ArgumentException>(() => new MemoryStore(options)).Message;

        Assert.Contains("MaxSessions must be 1 to 1,000,000,000, but is 0.", problem, StringComparison.Ordinal);
        Assert.Contains("MaxPayloadBytes must be 2 to 1,073,741,824, but is 1.", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Later_changes_to_the_options_have_no_effect()
    {
        var options = new MemoryStoreOptions { MaxSessions = 2 };
        using var store = new MemoryStore(options, _clock);
        options.MaxSessions = 1;

        await store.CreateAsync("a", Content());
        await store.CreateAsync("b", Content());

        Assert.Equal(2, await store.LengthAsync(None));
    }

    private static SessionContent Content(int bytes = 2, TimeSpan? lifetime = null, string? subject = null)
    {
        var payload = bytes <= 8 ? "{}" : $$"""{"x":"{{new string('x', bytes - 8)}}"}""";
        return new SessionContent(Encoding.UTF8.GetBytes(payload), lifetime ?? TimeSpan.FromHours(1), subject);
    }

    private sealed class ListLogger : ILogger<MemoryStore>
    {
        public List<string> Messages { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Messages.Add(formatter(state, exception));
    }
}
