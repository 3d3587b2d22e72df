using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using MongoDB.Bson;
using MongoDB.Driver.Core.Events;

namespace SessionStores.Mongo.Tests;

/// <summary>Reads that share a command.</summary>
public sealed class SharingTests(MongoFixture fixture) : MongoTest(fixture)
{
    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(256)]
    public async Task Reads_that_wait_at_the_same_time_take_less_than_a_command_each(int callers)
    {
        var commands = new ConcurrentQueue<string>();
        var store = Open(options => options.ShareRoundTrips = true, Observe(cluster => cluster.Subscribe<CommandStartedEvent>(started => commands.Enqueue(started.CommandName))));
        for (var i = 0; i < 8; i++)
            await store.CreateAsync($"id{i}", Content($"{{\"n\":{i}}}"));

        const int Rounds = 5;
        commands.Clear();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(i => Task.Run(async () =>
        {
            for (var round = 0; round < Rounds; round++)
                Assert.Equal($"{{\"n\":{i % 8}}}", Text(await store.GetAsync($"id{i % 8}")));
        })));

        var perRead = commands.Count / (double)(callers * Rounds);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{callers} callers: {perRead:F2} commands for a read"));
        switch (callers)
        {
            case 1:
                Assert.Equal(1, perRead); // as without sharing
                break;
            case 32:
                Assert.InRange(perRead, 0, 0.75);
                break;
            default:
                Assert.InRange(perRead, 0, 0.25);
                break;
        }
    }

    [Fact]
    public async Task Each_caller_gets_its_own_session_or_its_own_fault()
    {
        var store = Open(options => options.ShareRoundTrips = options.SharesAlways = true);
        for (var i = 0; i < 8; i++)
            await store.CreateAsync($"id{i}", Content($"{{\"n\":{i}}}"));

        await PlantAsync(new BsonDocument { { "_id", "odd" }, { "session", 42 } });
        await store.DestroyAsync("id5");

        var reads = Enumerable.Range(0, 40).Select(i => (Number: i % 8, Read: store.GetAsync($"id{i % 8}").AsTask())).ToList();
        var odd = new[] { store.GetAsync("odd").AsTask(), store.GetAsync("odd").AsTask() };

        foreach (var (number, read) in reads)
        {
            if (number == 5)
                Assert.Null(await read);
            else
                Assert.Equal($"{{\"n\":{number}}}", Encoding.UTF8.GetString((await read)!.Payload.Span));
        }

        var faults = new[] { await Assert.ThrowsAsync<SessionStoreException>(() => odd[0]), await Assert.ThrowsAsync<SessionStoreException>(() => odd[1]) };
        Assert.All(faults, fault => Assert.Equal(SessionStoreFault.Unreadable, fault.Fault));
        Assert.NotSame(faults[0], faults[1]);
    }

    [Fact]
    public async Task A_read_that_is_cancelled_ends_no_other()
    {
        var store = Open(options => options.ShareRoundTrips = options.SharesAlways = true);
        await store.CreateAsync("id", Content());
        using var source = new CancellationTokenSource();
        var others = Enumerable.Range(0, 20).Select(_ => store.GetAsync("id").AsTask()).ToList();
        var cancelled = Enumerable.Range(0, 20).Select(_ => store.GetAsync("id", null, source.Token).AsTask()).ToList();
        others.AddRange(Enumerable.Range(0, 20).Select(_ => store.GetAsync("id").AsTask()));

        await source.CancelAsync();

        Assert.All(await Task.WhenAll(others), Assert.NotNull);
        foreach (var read in cancelled)
            Assert.True(await Record.ExceptionAsync(() => read) is null or OperationCanceledException);
    }

    [Fact]
    public async Task A_read_that_is_cancelled_while_its_round_trip_is_under_way_ends_by_itself()
    {
        using var held = new ManualResetEventSlim(initialState: true);
        var isHeld = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var store = Open(options => options.ShareRoundTrips = options.SharesAlways = true, Observe(cluster => cluster.Subscribe<CommandStartedEvent>(_ =>
        {
            if (held.IsSet)
                return;

            isHeld.TrySetResult();
            held.Wait(TimeSpan.FromMinutes(1));
        })));
        await store.CreateAsync("id", Content());
        Assert.NotNull(await store.GetAsync("id"));
        using var source = new CancellationTokenSource();

        // The command waits on the thread that sends it, which must not be that of the test.
        held.Reset();
        var reads = Enumerable.Range(0, 30).Select(i => Task.Run(async () => await store.GetAsync("id", null, i % 3 == 1 ? source.Token : CancellationToken.None))).ToList();
        await isHeld.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await source.CancelAsync();
        held.Set();

        Assert.All(await Task.WhenAll(reads.Where((_, i) => i % 3 != 1)), Assert.NotNull);
        foreach (var cancelled in reads.Where((_, i) => i % 3 == 1))
            Assert.True(await Record.ExceptionAsync(() => cancelled) is null or OperationCanceledException);
    }

    [Fact]
    public async Task A_slide_that_is_due_is_kept()
    {
        var store = Open(options => options.ShareRoundTrips = options.SharesAlways = true);
        await store.CreateAsync("id", Content());

        var record = await store.GetAsync("id", new SlidingExpiry(TimeSpan.FromMinutes(90), In(120)));

        Assert.Equal(In(120), record!.ExpiresAt);
        Assert.Equal(In(120), (await store.GetAsync("id"))!.ExpiresAt);
    }

    [Fact]
    public async Task Reads_after_the_store_is_disposed_say_so()
    {
        var store = Open(options => options.ShareRoundTrips = options.SharesAlways = true);
        await store.CreateAsync("id", Content());

        var reads = Enumerable.Range(0, 100).Select(_ => store.GetAsync("id").AsTask()).ToList();
        await store.DisposeAsync();

        foreach (var read in reads)
            Assert.True(await Record.ExceptionAsync(() => read) is null or ObjectDisposedException);

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.GetAsync("id"));
    }
}
