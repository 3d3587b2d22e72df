using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using SessionStores.AspNetCore;
using SessionStores.AspNetCore.Tests;

namespace SessionStores.AspNetCore.IntegrationTests.Bridge;

/// <summary><c>HttpContext.Session</c> on our middleware, without <c>AddSession</c>.</summary>
public sealed class SessionTests
{
    [Fact]
    public async Task No_synchronous_member_calls_the_store()
    {
        await using var site = await Site.StartAsync(app =>
        {
            app.MapGet("/begin", (HttpContext context) => context.Session.SetString("a", "1"));
            app.MapGet("/use", async (HttpContext context, ISessionStore store) =>
            {
                var calls = ((RecordingStore)store).Calls.Count;
                Assert.True(context.Session.IsAvailable);
                Assert.NotEmpty(context.Session.Id);
                Assert.Equal("1", context.Session.GetString("a"));
                Assert.Equal(["a"], context.Session.Keys);
                context.Session.SetInt32("b", 2);
                context.Session.Remove("a");
                context.Session.Clear();
                context.Session.SetString("c", "3");
                await context.Session.LoadAsync();
                Assert.Equal(calls, ((RecordingStore)store).Calls.Count);
                return "used";
            });
        });
        using var browser = site.NewBrowser();
        await browser.GetAsync("/begin");
        site.Store.Forget();

        Assert.Equal("used", (await browser.GetAsync("/use")).Body);

        Assert.Equal(["get", "replace"], site.Store.Calls);
    }

    [Fact]
    public async Task A_request_that_reads_makes_one_store_call_and_one_without_a_cookie_none()
    {
        await using var site = await Site.StartAsync(app =>
        {
            app.MapGet("/begin", (HttpContext context) => context.Session.SetString("a", "1"));
            app.MapGet("/read", (HttpContext context) => context.Session.GetString("a") ?? "none");
        });
        using var stranger = site.NewBrowser();
        using var browser = site.NewBrowser();

        Assert.Equal("none", (await stranger.GetAsync("/read")).Body);
        Assert.Empty(site.Store.Calls);
        Assert.Null(stranger.Cookie);

        await browser.GetAsync("/begin");
        site.Store.Forget();
        Assert.Equal("1", (await browser.GetAsync("/read")).Body);
        Assert.Equal(["get"], site.Store.Calls);
    }

    [Fact]
    public async Task A_commit_stores_at_once_and_a_second_one_writes_nothing()
    {
        await using var site = await Site.StartAsync(app => app.MapGet("/", async (HttpContext context, ISessionStore store) =>
        {
            context.Session.SetString("a", "1");
            await context.Session.CommitAsync();
            Assert.Equal(["create"], ((RecordingStore)store).Calls);
            await context.Session.CommitAsync();
            Assert.Equal(["create"], ((RecordingStore)store).Calls);
        }));
        using var browser = site.NewBrowser();

        Assert.Equal(200, (await browser.GetAsync("/")).Status);

        Assert.NotNull(browser.SessionId);
    }

    [Fact]
    public async Task The_id_is_stable_and_is_not_the_secret_of_the_cookie()
    {
        await using var site = await Site.StartAsync(app => app.MapGet("/", (HttpContext context) =>
        {
            context.Session.SetString("a", "1");
            return context.Session.Id;
        }));
        using var browser = site.NewBrowser();

        var first = (await browser.GetAsync("/")).Body;
        var second = (await browser.GetAsync("/")).Body;

        Assert.Equal(first, second);
        Assert.Equal(32, first.Length);
        Assert.DoesNotContain(browser.SessionId!, first, StringComparison.Ordinal);
        Assert.DoesNotContain(first, browser.Cookie!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_log_out_there_is_nothing_to_read_and_changes_are_dropped_and_told()
    {
        await using var site = await Site.StartAsync(app =>
        {
            app.MapGet("/begin", (HttpContext context) => context.Session.SetString("a", "1"));
            app.MapGet("/out", async (HttpContext context, HttpSession session) =>
            {
                await session.DestroyAsync();
                context.Session.SetString("b", "2");
                await context.Session.CommitAsync();
                return $"{context.Session.IsAvailable} {context.Session.Keys.Any()} {context.Session.GetString("a") is null} '{context.Session.Id}'";
            });
        });
        using var browser = site.NewBrowser();
        await browser.GetAsync("/begin");
        var id = browser.SessionId!;

        Assert.Equal("False False True ''", (await browser.GetAsync("/out")).Body);

        Assert.Null(browser.Cookie);
        Assert.Null(await site.Store.Inner.GetAsync(id));
        Assert.True(site.Log.Has("BridgedChangeDropped"));
    }

    [Fact]
    public async Task In_an_outage_that_the_policy_lets_pass_there_is_no_session_and_nothing_throws()
    {
        await using var site = await Site.StartAsync(app =>
        {
            app.MapGet("/begin", (HttpContext context) => context.Session.SetString("a", "1"));
            app.MapGet("/use", async (HttpContext context) =>
            {
                await context.Session.LoadAsync();
                context.Session.SetString("b", "2");
                context.Session.Remove("a");
                context.Session.Clear();
                await context.Session.CommitAsync();
                return $"{context.Session.IsAvailable} {context.Session.GetString("a") is null}";
            });
        }, options => options.Outage = OutagePolicy.ContinueWithoutSession);
        using var browser = site.NewBrowser();
        await browser.GetAsync("/begin");
        site.Store.Before = _ => throw new SessionStoreException("RecordingStore", "Get", SessionStoreFault.Unavailable, "It is gone.");

        Assert.Equal("False True", (await browser.GetAsync("/use")).Body);

        site.Store.Before = null;
        Assert.Equal("True True", (await browser.GetAsync("/use")).Body);
        Assert.Null((await browser.GetAsync("/use")).SetCookie);
    }

    [Fact]
    public async Task An_endpoint_that_reads_only_can_read_and_remove_what_is_not_there_but_not_change()
    {
        await using var site = await Site.StartAsync(app =>
        {
            app.MapGet("/begin", (HttpContext context) => context.Session.SetString("a", "1"));
            app.MapGet("/read", (HttpContext context) =>
            {
                context.Session.Remove("absent");
                return context.Session.GetString("a");
            }).WithSession(SessionMode.ReadOnly);
            app.MapGet("/write", (HttpContext context) => Assert.Throws<InvalidOperationException>(() => context.Session.SetString("a", "2")).Message)
                .WithSession(SessionMode.ReadOnly);
            app.MapGet("/none", (HttpContext context) => $"{context.Features.Get<ISessionFeature>() is null}").WithSession(SessionMode.None);
        });
        using var browser = site.NewBrowser();
        await browser.GetAsync("/begin");

        Assert.Equal("1", (await browser.GetAsync("/read")).Body);
        Assert.Contains("read only", (await browser.GetAsync("/write")).Body, StringComparison.Ordinal);
        Assert.Equal("True", (await browser.GetAsync("/none")).Body);
        Assert.Equal("1", (await browser.GetAsync("/read")).Body);
    }

    [Fact]
    public async Task Changes_of_parallel_requests_are_all_kept()
    {
        const int Requests = 16;
        var together = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var loaded = 0;
        await using var site = await Site.StartAsync(app =>
        {
            app.MapGet("/begin", (HttpContext context) => context.Session.SetString("a", "1"));
            app.MapGet("/add/{key}", async (HttpContext context, string key) =>
            {
                if (Interlocked.Increment(ref loaded) == Requests)
                    together.SetResult();

                await together.Task.WaitAsync(TimeSpan.FromSeconds(30));
                context.Session.SetString(key, key);
            });
            app.MapGet("/keys", (HttpContext context) => context.Session.Keys.Count());
        });
        using var browser = site.NewBrowser();
        await browser.GetAsync("/begin");

        var answers = await Task.WhenAll(Enumerable.Range(0, Requests).Select(i => browser.GetAsync($"/add/key{i}")));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.Equal($"{Requests + 1}", (await browser.GetAsync("/keys")).Body);
        Assert.True(site.Counters["sessionstores.conflicts.merged"] >= 1);
        Assert.True(site.Counters["sessionstores.updates.preserved"] >= site.Counters["sessionstores.conflicts.merged"]);
    }

    [Fact]
    public async Task Both_ways_to_the_session_see_each_other_within_a_request()
    {
        await using var site = await Site.StartAsync(app => app.MapGet("/", (HttpContext context, HttpSession session) =>
        {
            session.Set("ours", "text");
            context.Session.SetInt32("theirs", 7);
            return $"{context.Session.GetString("ours")} {session.Get<int>("theirs")} {string.Join(',', session.Keys)}";
        }));
        using var browser = site.NewBrowser();

        Assert.Equal("text 7 ours,theirs", (await browser.GetAsync("/")).Body);
    }

    [Fact]
    public async Task The_bridge_can_be_switched_off()
    {
        await using var site = await Site.StartAsync(
            app => app.MapGet("/", (HttpContext context) => Assert.Throws<InvalidOperationException>(() => context.Session).GetType().Name),
            options => options.ServeHttpContextSession = false);
        using var browser = site.NewBrowser();

        Assert.Equal("InvalidOperationException", (await browser.GetAsync("/")).Body);
    }
}
