using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using SessionStores.Conformance;

namespace SessionStores.AspNetCore.Tests;

/// <summary>Many writers of one session take turns, and do not hold up other sessions.</summary>
public sealed class WriterGatesTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly FakeClock _clock = new();

    [Fact]
    public async Task While_the_writers_of_one_session_wait_no_contended_change_of_another_session_does()
    {
        await using var site = await Site.StartAsync(app => app.MapGet("/begin", (HttpSession session) => session.Set("count", 0)));
        using var browser = site.NewBrowser();
        await browser.GetAsync("/begin");
        var busy = browser.SessionId!;
        var mayWrite = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isBusy = new AsyncLocal<bool>();
        var writes = 0;

        // Of the busy session the first write is done; the second is in conflict, holds the gate and then hangs.
        site.Store.Before = call => isBusy.Value && call == "replace" && Interlocked.Increment(ref writes) > 2 ? mayWrite.Task : Task.CompletedTask;
        isBusy.Value = true;
        var first = await LoadAsync(busy);
        var waiting = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => LoadAsync(busy)));
        await first.SaveAsync();
        var saves = waiting.Select(session => session.SaveAsync()).ToList();
        isBusy.Value = false;

        for (var other = 0; other < 3000; other++)
        {
            browser.Cookie = null;
            await browser.GetAsync("/begin");
            var left = await LoadAsync(browser.SessionId!);
            var right = await LoadAsync(browser.SessionId!);
            await left.SaveAsync().WaitAsync(Deadline);
            await right.SaveAsync().WaitAsync(Deadline);
        }

        Assert.DoesNotContain(saves, save => save.IsCompleted);
        mayWrite.SetResult();
        await Task.WhenAll(saves).WaitAsync(Deadline);
        Assert.Equal(201, (await site.Sessions.LoadAsync(busy))!.Get<int>("count"));

        async Task<HttpSession> LoadAsync(string id)
        {
            var session = (await site.Sessions.LoadAsync(id))!;
            session.Update<int>("count", count => count + 1);
            return session;
        }
    }

    [Fact]
    public async Task A_writer_whose_client_has_gone_lets_the_others_go_first()
    {
        var gates = new WriterGates(_clock);
        using var gone = new CancellationTokenSource();
        var held = await EnterAsync(gates);
        var abandoned = EnterAsync(gates, gone.Token);
        var second = EnterAsync(gates);
        await gone.CancelAsync();
        var third = EnterAsync(gates);

        held!.Release();
        (await second.WaitAsync(Deadline))!.Release();
        var gate = await third.WaitAsync(Deadline);
        Assert.False(abandoned.IsCompleted);
        gate!.Release();
        (await abandoned.WaitAsync(Deadline))!.Release();

        Assert.Equal(0, gates.Count);
    }

    [Fact]
    public async Task A_writer_does_not_wait_longer_than_the_limit_for_one_that_hangs()
    {
        var gates = new WriterGates(_clock);
        var hanging = await EnterAsync(gates);
        var waiting = EnterAsync(gates);

        _clock.Advance(WriterGates.LongestWait);

        Assert.Null(await waiting.WaitAsync(Deadline));
        hanging!.Release();
        Assert.Equal(0, gates.Count);
    }

    [Fact]
    public async Task A_writer_that_is_cancelled_leaves_the_queue()
    {
        var gates = new WriterGates(_clock);
        using var cancelled = new CancellationTokenSource();
        var held = await EnterAsync(gates);
        var leaving = gates.EnterAsync("id", default, cancelled.Token).AsTask();
        var next = EnterAsync(gates);

        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        held!.Release();

        (await next.WaitAsync(Deadline))!.Release();
        Assert.Equal(0, gates.Count);
    }

    [Fact]
    public async Task A_gate_is_gone_when_its_last_writer_has_left_it()
    {
        var gates = new WriterGates(TimeProvider.System);
        var inside = 0;

        await Parallel.ForEachAsync(Enumerable.Range(0, 5000), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (turn, _) =>
        {
            using var gone = new CancellationTokenSource();
            var entering = gates.EnterAsync($"{turn % 3}", gone.Token, CancellationToken.None);
            if (turn % 5 == 0)
                await gone.CancelAsync();

            var gate = await entering;
            Assert.NotNull(gate);
            if (turn % 3 == 0)
                Assert.Equal(1, Interlocked.Increment(ref inside));

            await Task.Yield();
            if (turn % 3 == 0)
                Interlocked.Decrement(ref inside);

            gate.Release();
        });

        Assert.Equal(0, gates.Count);
    }

    private static Task<WriterGates.Gate?> EnterAsync(WriterGates gates, CancellationToken clientGone = default) =>
        gates.EnterAsync("id", clientGone, CancellationToken.None).AsTask();
}
