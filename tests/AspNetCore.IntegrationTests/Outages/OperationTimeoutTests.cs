using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using SessionStores.AspNetCore;
using SessionStores.AspNetCore.Tests;
using SessionStores.Backends;

namespace SessionStores.AspNetCore.IntegrationTests.Outages;

/// <summary>The middleware's own time-out, on a store that never answers and does not watch its token.</summary>
public sealed class OperationTimeoutTests
{
    [Theory]
    [InlineData(OutagePolicy.ServiceUnavailable503, 503, "")]
    [InlineData(OutagePolicy.ContinueWithoutSession, 200, "StoreUnavailable")]
    [InlineData(OutagePolicy.Fail, 500, "")]
    public async Task A_load_that_hangs_ends_in_the_policy(OutagePolicy policy, int status, string body)
    {
        await using var site = await StartAsync(policy);
        using var browser = site.NewBrowser();
        await browser.GetAsync("/begin");
        var timers = site.Clock.WaitingTimers;
        site.Store.Before = _ => Task.Delay(Timeout.InfiniteTimeSpan);

        var request = AnswerAsync(browser, "/look");
        await Wait.UntilAsync(() => site.Clock.WaitingTimers > timers, TimeSpan.FromSeconds(30), "the request to wait");
        site.Clock.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(request.IsCompleted);
        site.Clock.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal((status, body), await request.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task A_save_that_hangs_ends_in_the_policy()
    {
        await using var site = await StartAsync(OutagePolicy.ServiceUnavailable503);
        using var browser = site.NewBrowser();
        var timers = site.Clock.WaitingTimers;
        site.Store.Before = _ => Task.Delay(Timeout.InfiniteTimeSpan);

        var request = AnswerAsync(browser, "/begin");
        await Wait.UntilAsync(() => site.Clock.WaitingTimers > timers, TimeSpan.FromSeconds(30), "the request to wait");
        site.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal((503, ""), await request.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Null(browser.Cookie);
    }

    [Fact]
    public async Task A_request_without_a_cookie_waits_for_nothing()
    {
        await using var site = await StartAsync(OutagePolicy.Fail);
        using var browser = site.NewBrowser();
        site.Store.Before = _ => Task.Delay(Timeout.InfiniteTimeSpan);

        Assert.Equal((200, "NoCookie"), await AnswerAsync(browser, "/look").WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Empty(site.Store.Calls);
    }

    [Fact]
    public async Task A_call_in_time_leaves_no_timer_behind()
    {
        await using var site = await StartAsync(OutagePolicy.Fail);
        using var browser = site.NewBrowser();
        var timers = site.Clock.WaitingTimers;

        Assert.Equal(200, (await browser.GetAsync("/begin")).Status);
        Assert.Equal("Loaded", (await browser.GetAsync("/look")).Body);

        Assert.Equal(timers, site.Clock.WaitingTimers);
    }

    [Theory]
    [InlineData("load")]
    [InlineData("destroy")]
    [InlineData("list")]
    [InlineData("destroy by subject")]
    public async Task Every_way_through_SessionAccess_ends_in_time(string way)
    {
        await using var site = await Site.StartAsync(_ => { }, options => options.OperationTimeout = TimeSpan.FromSeconds(2), services => services.WrapStore(recording => new SubjectStore(recording)
        {
            BeforeSubjects = () => Task.Delay(Timeout.InfiniteTimeSpan),
        }));
        var timers = site.Clock.WaitingTimers;
        site.Store.Before = _ => Task.Delay(Timeout.InfiniteTimeSpan);
        Task work = way switch
        {
            "load" => site.Sessions.LoadAsync("id"),
            "destroy" => site.Sessions.DestroyAsync("id"),
            "list" => ListAsync(site.Sessions),
            _ => site.Sessions.DestroyBySubjectAsync("me"),
        };

        await Wait.UntilAsync(() => site.Clock.WaitingTimers > timers, TimeSpan.FromSeconds(30), "the call to wait");
        site.Clock.Advance(TimeSpan.FromSeconds(2));

        var failure = await Assert.ThrowsAsync<SessionStoreException>(() => work.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(SessionStoreFault.Timeout, failure.Fault);
    }

    private static async Task ListAsync(SessionAccess sessions)
    {
        await foreach (var _ in sessions.ListBySubjectAsync("me"))
        {
        }
    }

    private static Task<Site> StartAsync(OutagePolicy policy) => Site.StartAsync(
        app =>
        {
            app.MapGet("/begin", (HttpSession session) => session.Set("a", 1));
            app.MapGet("/look", (HttpContext context) => context.GetSessionLoadResult().ToString());
        },
        options =>
        {
            options.Outage = policy;
            options.OperationTimeout = TimeSpan.FromSeconds(2);
        },
        kestrel: true);

    private static async Task<(int Status, string Body)> AnswerAsync(Browser browser, string path)
    {
        var answer = await browser.GetAsync(path);
        return (answer.Status, answer.Body);
    }
}
