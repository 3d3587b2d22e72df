using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore.Tests;

/// <summary>New ids, destruction, reloading, unsetting.</summary>
public sealed class LifecycleTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_new_id_is_one_step_and_keeps_the_data_when_asked(bool keepData)
    {
        await using var site = await Site.StartAsync(Map);
        using var browser = site.NewBrowser();
        await browser.GetAsync("/begin");
        var old = browser.SessionId!;
        site.Store.Forget();

        var answer = await browser.GetAsync($"/regenerate?keep={keepData}");

        Assert.Equal(["get", "rotate"], site.Store.Calls);
        Assert.NotNull(answer.SetCookie);
        Assert.NotEqual(old, browser.SessionId);
        Assert.Null(await site.Store.Inner.GetAsync(old));
        var record = await site.RecordOf(browser);
        Assert.Equal(keepData, SavingTests.Payload(record).Contains("\"a\":1", StringComparison.Ordinal));
        Assert.Contains("\"after\":2", SavingTests.Payload(record), StringComparison.Ordinal);
        Assert.Equal(keepData ? "me" : null, record!.Subject);
        Assert.Equal("Loaded", (await browser.GetAsync("/why")).Body);
    }

    [Fact]
    public async Task A_new_id_without_a_change_is_saved_and_sent()
    {
        await using var site = await Site.StartAsync(Map);
        using var browser = site.NewBrowser();

        await browser.GetAsync("/regenerate-only");
        var first = browser.SessionId;
        await browser.GetAsync("/regenerate-only");

        Assert.NotNull(first);
        Assert.NotEqual(first, browser.SessionId);
        Assert.Equal(["create", "get", "rotate"], site.Store.Calls);
    }

    [Fact]
    public async Task A_new_id_is_saved_once_even_when_it_is_saved_early()
    {
        await using var site = await Site.StartAsync(Map);
        using var browser = site.NewBrowser();
        await browser.GetAsync("/begin");
        site.Store.Forget();

        await browser.GetAsync("/regenerate-and-save");

        Assert.Equal(["get", "rotate"], site.Store.Calls);
    }

    [Fact]
    public async Task Two_new_ids_at_once_leave_both_users_with_a_session_of_their_own()
    {
        await using var site = await Site.StartAsync(Map);
        using var first = site.NewBrowser();
        using var second = site.NewBrowser();
        await first.GetAsync("/begin");
        second.Cookie = first.Cookie;
        using var bothLoaded = new Barrier(2);
        site.Store.Before = async call =>
        {
            if (call == "rotate")
                await Task.Run(() => bothLoaded.SignalAndWait(TimeSpan.FromSeconds(30)));
        };

        await Task.WhenAll(first.GetAsync("/regenerate?keep=false"), second.GetAsync("/regenerate?keep=false"));

        Assert.NotEqual(first.SessionId, second.SessionId);
        Assert.NotNull(await site.RecordOf(first));
        Assert.NotNull(await site.RecordOf(second));
    }

    [Fact]
    public async Task Destroying_clears_the_cookie_with_the_attributes_it_was_set_with()
    {
        await using var site = await Site.StartAsync(Map, options =>
        {
            options.Cookie.Domain = "localhost";
            options.Cookie.SameSite = SessionSameSite.Lax;
            options.Cookie.MaxAge = TimeSpan.FromHours(1);
        });
        using var browser = site.NewBrowser();
        await browser.GetAsync("/begin");

        var answer = await browser.GetAsync("/destroy");

        Assert.Equal("connect.sid=; Domain=localhost; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax", answer.SetCookie);
        Assert.Equal("True False True", answer.Body);
    }

    [Fact]
    public async Task A_destroyed_session_cannot_be_changed_or_saved()
    {
        var refused = 0;
        await using var site = await Site.StartAsync(app =>
        {
            Map(app);
            app.MapGet("/after", async (HttpSession session) =>
            {
                await session.DestroyAsync();
                Assert.Throws<SessionDestroyedException>(() => session.Set("a", 2));
                Assert.Throws<SessionDestroyedException>(() => session.Update<int>("a", value => value));
                Assert.Throws<SessionDestroyedException>(() => session.Remove("a"));
                Assert.Throws<SessionDestroyedException>(session.Clear);
                Assert.Throws<SessionDestroyedException>(session.Touch);
                await Assert.ThrowsAsync<SessionDestroyedException>(() => session.SaveAsync());
                await Assert.ThrowsAsync<SessionDestroyedException>(() => session.ReloadAsync());
                await Assert.ThrowsAsync<SessionDestroyedException>(() => session.RegenerateAsync());
                await session.DestroyAsync();
                refused++;
            });
        });
        using var browser = site.NewBrowser();
        await browser.GetAsync("/begin");
        site.Store.Forget();

        await browser.GetAsync("/after");

        Assert.Equal(1, refused);
        Assert.Equal(["get", "destroy"], site.Store.Calls);
    }

    [Fact]
    public async Task A_new_session_that_is_destroyed_leaves_no_trace()
    {
        await using var site = await Site.StartAsync(Map, options => options.SaveUninitialized = true);
        using var browser = site.NewBrowser();

        var answer = await browser.GetAsync("/destroy");

        Assert.Null(answer.SetCookie);
        Assert.Empty(site.Store.Calls);
    }

    [Theory]
    [InlineData(UnsetBehavior.Destroy)]
    [InlineData(UnsetBehavior.Keep)]
    public async Task Unsetting_destroys_or_keeps_as_the_option_says(UnsetBehavior behavior)
    {
        await using var site = await Site.StartAsync(Map, options => options.Unset = behavior);
        using var browser = site.NewBrowser();
        await browser.GetAsync("/begin");
        var id = browser.SessionId!;
        site.Store.Forget();

        var answer = await browser.GetAsync("/unset");

        Assert.Equal("True", answer.Body);
        Assert.Equal(behavior == UnsetBehavior.Destroy ? ["get", "destroy"] : ["get"], site.Store.Calls);
        Assert.Equal(behavior == UnsetBehavior.Destroy, answer.SetCookie is not null);
        Assert.Equal(behavior == UnsetBehavior.Keep, await site.Store.Inner.GetAsync(id) is not null);
    }

    [Fact]
    public async Task Unsetting_a_session_that_was_never_stored_makes_no_store_call()
    {
        await using var site = await Site.StartAsync(Map, options => options.SaveUninitialized = true);
        using var browser = site.NewBrowser();

        Assert.Null((await browser.GetAsync("/unset")).SetCookie);
        Assert.Empty(site.Store.Calls);
    }

    [Fact]
    public async Task Reloading_takes_what_others_stored_and_drops_what_was_not_saved()
    {
        Site? site = null;
        await using var running = site = await Site.StartAsync(app =>
        {
            Map(app);
            app.MapGet("/reload", async (HttpSession session) =>
            {
                session.Set("a", 99);
                var other = await site!.Sessions.LoadAsync(session.Id);
                other!.Set("a", 7);
                await other.SaveAsync();
                await session.ReloadAsync();
                return session.Get<int>("a");
            });
        });
        using var browser = site.NewBrowser();
        await browser.GetAsync("/begin");

        Assert.Equal("7", (await browser.GetAsync("/reload")).Body);
        Assert.Contains("\"a\":7", SavingTests.Payload(await site.RecordOf(browser)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reloading_what_is_gone_says_so()
    {
        Site? site = null;
        await using var running = site = await Site.StartAsync(app =>
        {
            Map(app);
            app.MapGet("/reload", async (HttpContext context, HttpSession session) =>
            {
                await site!.Sessions.DestroyAsync(session.Id);
                await Assert.ThrowsAsync<SessionDestroyedException>(() => session.ReloadAsync());
                return $"{session.IsDestroyed} {context.GetSessionLoadResult()} {context.GetHttpSession() is null}";
            });
            app.MapGet("/reload-new", async (HttpSession session) =>
                (await Assert.ThrowsAsync<InvalidOperationException>(() => session.ReloadAsync())).Message);
        });
        using var browser = site.NewBrowser();
        Assert.Contains("before it is saved", (await browser.GetAsync("/reload-new")).Body, StringComparison.Ordinal);
        await browser.GetAsync("/begin");

        Assert.Equal("True DestroyedMeanwhile True", (await browser.GetAsync("/reload")).Body);
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/begin", (HttpSession session) =>
        {
            session.Set("a", 1);
            session.Subject = "me";
        });
        app.MapGet("/regenerate", async (HttpSession session, bool keep) =>
        {
            await session.RegenerateAsync(keep);
            session.Set("after", 2);
        });
        app.MapGet("/regenerate-only", (HttpSession session) => session.RegenerateAsync());
        app.MapGet("/regenerate-and-save", async (HttpSession session) =>
        {
            await session.RegenerateAsync(keepData: true);
            await session.SaveAsync();
        });
        app.MapGet("/destroy", async (HttpContext context, HttpSession session) =>
        {
            await session.DestroyAsync();
            return $"{session.IsDestroyed} {session.IsNew} {context.GetHttpSession() is null}";
        });
        app.MapGet("/unset", (HttpContext context, HttpSession session) =>
        {
            session.Set("dropped", 1);
            context.UnsetSession();
            return (context.GetHttpSession() is null).ToString();
        });
        app.MapGet("/why", (HttpContext context) => context.GetSessionLoadResult().ToString());
    }
}
