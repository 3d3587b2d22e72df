using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore.Tests;

/// <summary>What outlives a request waits for the end of its session.</summary>
public sealed class WhenEndedTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1);

    [Fact]
    public async Task A_wait_completes_when_the_session_is_destroyed_and_not_before()
    {
        await using var site = await StartAsync();
        var id = await LogInAsync(site);
        site.Store.Forget();

        var ended = site.Sessions.WhenEndedAsync(id, Interval, CancellationToken.None);
        await AdvanceUntilAsync(site, () => site.Store.Calls.Count >= 3);
        Assert.False(ended.IsCompleted);
        await site.Sessions.DestroyAsync(id);

        await AdvanceUntilAsync(site, () => ended.IsCompleted);
        await ended;
    }

    [Fact]
    public async Task A_wait_completes_when_the_session_expires_and_does_not_extend_it()
    {
        await using var site = await StartAsync();
        var ended = site.Sessions.WhenEndedAsync(await LogInAsync(site), TimeSpan.FromHours(5), CancellationToken.None);
        site.Clock.Advance(TimeSpan.FromDays(1));

        await AdvanceUntilAsync(site, () => ended.IsCompleted);
        await ended;
    }

    [Fact]
    public async Task A_wait_completes_under_an_id_that_was_replaced_or_never_was()
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();
        await browser.GetAsync("/login");
        var before = browser.SessionId!;
        await browser.GetAsync("/login");

        Assert.NotEqual(before, browser.SessionId);
        await site.Sessions.WhenEndedAsync(before, Interval, CancellationToken.None);
        await site.Sessions.WhenEndedAsync("unknown", Interval, CancellationToken.None);
    }

    [Fact]
    public async Task An_outage_ends_nothing()
    {
        await using var site = await StartAsync();
        var id = await LogInAsync(site);
        var failures = 0;
        site.Store.Before = _ =>
        {
            Interlocked.Increment(ref failures);
            throw new SessionStoreException("recording", "get", SessionStoreFault.Unavailable, "The server is down.");
        };

        var ended = site.Sessions.WhenEndedAsync(id, Interval, CancellationToken.None);
        await AdvanceUntilAsync(site, () => Volatile.Read(ref failures) >= 3);
        Assert.False(ended.IsCompleted);
        site.Store.Before = null;
        await site.Sessions.DestroyAsync(id);

        await AdvanceUntilAsync(site, () => ended.IsCompleted);
        await ended;
    }

    [Fact]
    public async Task A_wait_ends_with_its_token()
    {
        await using var site = await StartAsync();
        using var closed = new CancellationTokenSource();
        var ended = site.Sessions.WhenEndedAsync(await LogInAsync(site), Interval, closed.Token);

        await closed.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ended.WaitAsync(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task An_id_that_is_invalid_and_an_interval_that_is_not_positive_are_refused()
    {
        await using var site = await StartAsync();

        await Assert.ThrowsAnyAsync<ArgumentException>(() => site.Sessions.WhenEndedAsync("", Interval, CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => site.Sessions.WhenEndedAsync("id", TimeSpan.Zero, CancellationToken.None));
    }

    /// <summary>Moves the clock on until a condition holds: a timer may begin later than it is waited for.</summary>
    private static async Task AdvanceUntilAsync(Site site, Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            site.Clock.Advance(Interval);
            await Task.Yield();
        }
    }

    private static Task<Site> StartAsync() => Site.StartAsync(app => app.MapGet("/login", async (HttpSession session) =>
    {
        await session.RegenerateAsync();
        session.Set("user", "me");
    }));

    private static async Task<string> LogInAsync(Site site)
    {
        using var browser = site.NewBrowser();
        await browser.GetAsync("/login");
        return browser.SessionId!;
    }
}
