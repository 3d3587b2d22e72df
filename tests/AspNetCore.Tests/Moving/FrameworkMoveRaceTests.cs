namespace SessionStores.AspNetCore.Tests.Moving;

/// <summary>Requests that move one session at the same time, log-outs in between, and processes that die between two steps.</summary>
public sealed class FrameworkMoveRaceTests
{
    private const int Requests = 20;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Of_20_parallel_first_requests_all_have_one_session_and_keep_their_changes()
    {
        await using var sites = await MovingSites.StartAsync();
        var old = await sites.NewVisitorAsync();
        var reads = 0;
        var allHaveCome = new TaskCompletionSource();
        sites.Cache.Before = call =>
        {
            if (call != "get")
                return Task.CompletedTask;

            if (Interlocked.Increment(ref reads) == Requests)
                allHaveCome.SetResult();

            return allHaveCome.Task.WaitAsync(Longest);
        };
        var browsers = Enumerable.Range(0, Requests).Select(_ => sites.NewBrowser(old)).ToList();

        await Task.WhenAll(browsers.Select((browser, number) => browser.GetAsync($"/set/key{number:00}")));

        var id = Assert.Single(browsers.Select(browser => browser.SessionId).Distinct());
        var keys = (await browsers[0].GetAsync("/keys")).Body.Split(' ');
        Assert.Equal(["$id", "email", .. Enumerable.Range(0, Requests).Select(number => $"key{number:00}"), "stamp", "visits"], keys);
        Assert.NotNull(await sites.Site.Store.Inner.GetAsync(id!));
        Assert.Equal(2, await CountAsync(sites));
        Assert.Equal(1, sites.Site.Counters["sessionstores.moves kind=session"]);
        browsers.ForEach(browser => browser.Dispose());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_a_log_out_the_old_cookie_has_no_session(bool isRead)
    {
        await using var sites = await MovingSites.StartAsync();
        var old = await sites.NewVisitorAsync();
        using var browser = sites.NewBrowser(old);
        if (isRead)
            await browser.GetAsync("/read");

        var answer = await browser.GetAsync("/log-out");

        Assert.Equal(200, answer.Status);
        Assert.Equal(isRead ? "connect.sid=" : MovingSites.OldName + "=", Assert.Single(answer.SetCookies).Split(';')[0]);
        browser.Cookie = old;
        Assert.Equal("NotFound True", (await browser.GetAsync("/why")).Body);
        Assert.Equal(1, await CountAsync(sites));
    }

    [Fact]
    public async Task A_log_out_with_the_old_cookie_ends_the_session_that_has_a_new_id()
    {
        await using var sites = await MovingSites.StartAsync();
        var old = await sites.NewVisitorAsync();
        using var signedIn = sites.NewBrowser(old);
        using var signingOut = sites.NewBrowser(old);
        await signedIn.GetAsync("/regenerate");
        Assert.Equal(FrameworkSite.Filled, (await signedIn.GetAsync("/read")).Body);

        await signingOut.GetAsync("/log-out");

        Assert.Equal("NotFound True", (await signedIn.GetAsync("/why")).Body);
    }

    [Fact]
    public async Task A_request_that_has_read_the_old_record_brings_no_session_back_after_a_log_out()
    {
        await using var sites = await MovingSites.StartAsync();
        var old = await sites.NewVisitorAsync();
        using var slow = sites.NewBrowser(old);
        using var fast = sites.NewBrowser(old);
        var hasRead = new TaskCompletionSource();
        var isLoggedOut = new TaskCompletionSource();
        var creates = 0;
        sites.Site.Store.Before = call =>
        {
            if (call != "create" || Interlocked.Increment(ref creates) != 1)
                return Task.CompletedTask;

            hasRead.SetResult();
            return isLoggedOut.Task.WaitAsync(Longest);
        };

        var why = slow.GetAsync("/why");
        await hasRead.Task.WaitAsync(Longest);
        Assert.Equal(FrameworkSite.Filled, (await fast.GetAsync("/read")).Body);
        await fast.GetAsync("/log-out");
        isLoggedOut.SetResult();

        Assert.Equal("NotFound True", (await why.WaitAsync(Longest)).Body);
        Assert.Equal(old, slow.Cookie);
        Assert.Equal(1, await CountAsync(sites));
    }

    [Fact]
    public async Task A_record_that_cannot_be_removed_brings_no_session_back_after_a_log_out()
    {
        await using var sites = await MovingSites.StartAsync();
        var old = await sites.NewVisitorAsync();
        sites.Cache.Before = call => call == "remove" ? throw new InvalidOperationException("No connection.") : Task.CompletedTask;
        using var browser = sites.NewBrowser(old);

        Assert.Equal(FrameworkSite.Filled, (await browser.GetAsync("/read")).Body);

        Assert.True(sites.Site.Log.Has("FrameworkRecordLeft"));
        Assert.NotNull(sites.Cache.Record);
        await browser.GetAsync("/log-out");
        browser.Cookie = old;
        Assert.Equal("NotFound True", (await browser.GetAsync("/why")).Body);
        Assert.Equal(1, await CountAsync(sites));
    }

    [Fact]
    public async Task A_browser_that_did_not_get_the_response_finds_the_session_by_the_old_cookie()
    {
        await using var sites = await MovingSites.StartAsync();
        var old = await sites.NewVisitorAsync();
        using var lost = sites.NewBrowser(old);
        await lost.GetAsync("/set/more");

        using var browser = sites.NewBrowser(old);
        Assert.Equal("$id email more stamp visits", (await browser.GetAsync("/keys")).Body);

        Assert.Equal(lost.SessionId, browser.SessionId);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_move_that_stops_before_it_is_decided_is_made_by_the_next_request(int failingCreate)
    {
        await using var sites = await MovingSites.StartAsync();
        var old = await sites.NewVisitorAsync();
        var creates = 0;
        sites.Site.Store.Before = call => call == "create" && Interlocked.Increment(ref creates) == failingCreate
            ? throw new SessionStoreException("Store", "Create", SessionStoreFault.Unavailable, "No connection.")
            : Task.CompletedTask;
        using var browser = sites.NewBrowser(old);

        await Assert.ThrowsAsync<SessionStoreException>(() => browser.GetAsync("/read"));
        Assert.NotNull(sites.Cache.Record);

        Assert.Equal(FrameworkSite.Filled, (await browser.GetAsync("/read")).Body);
        Assert.Null(sites.Cache.Record);
    }

    [Fact]
    public async Task A_move_whose_process_ends_after_it_is_decided_is_found_by_the_next_request()
    {
        await using var sites = await MovingSites.StartAsync();
        var old = await sites.NewVisitorAsync();
        var isStopped = new TaskCompletionSource();
        var isOver = new TaskCompletionSource();
        sites.Cache.Before = call =>
        {
            if (call != "remove" || isStopped.Task.IsCompleted)
                return Task.CompletedTask;

            // The request gets no further, as after a crash.
            isStopped.SetResult();
            return isOver.Task.WaitAsync(Longest);
        };
        using var crashed = sites.NewBrowser(old);
        var crash = crashed.GetAsync("/read");
        await isStopped.Task.WaitAsync(Longest);

        using var browser = sites.NewBrowser(old);

        Assert.Equal(FrameworkSite.Filled, (await browser.GetAsync("/read")).Body);
        Assert.Equal(2, await CountAsync(sites));
        isOver.SetResult();
        await crash.WaitAsync(Longest);
    }

    [Theory]
    [InlineData("get")]
    [InlineData("replace")]
    public async Task While_the_store_fails_the_browser_keeps_its_cookie(string failing)
    {
        await using var sites = await MovingSites.StartAsync(options => options.Outage = OutagePolicy.ContinueWithoutSession);
        var old = await sites.NewVisitorAsync();
        sites.Site.Store.Before = call => call == failing ? throw new SessionStoreException("Store", call, SessionStoreFault.Unavailable, "No connection.") : Task.CompletedTask;
        using var browser = sites.NewBrowser(old);

        var answer = await browser.GetAsync(failing == "get" ? "/why" : "/set/more");

        Assert.Empty(answer.SetCookies);
        sites.Site.Store.Before = null;
        Assert.Equal(FrameworkSite.Filled, (await browser.GetAsync("/read")).Body);
    }

    [Fact]
    public async Task While_the_cache_fails_the_outage_policy_applies_and_nothing_is_lost()
    {
        await using var sites = await MovingSites.StartAsync(options => options.Outage = OutagePolicy.ServiceUnavailable503);
        var old = await sites.NewVisitorAsync();
        sites.Cache.Before = _ => throw new InvalidOperationException("No connection.");
        using var browser = sites.NewBrowser(old);

        var answer = await browser.GetAsync("/read");

        Assert.Equal(503, answer.Status);
        Assert.Empty(answer.SetCookies);
        Assert.True(sites.Site.Log.Has("LoadOutage"));
        sites.Cache.Before = null;
        Assert.Equal(FrameworkSite.Filled, (await browser.GetAsync("/read")).Body);
    }

    private static ValueTask<long> CountAsync(MovingSites sites) => sites.Site.Store.Inner.GetCapability<ISessionEnumeration>()!.LengthAsync();
}
