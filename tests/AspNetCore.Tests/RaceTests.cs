using System.Globalization;
using Microsoft.AspNetCore.Builder;

namespace SessionStores.AspNetCore.Tests;

/// <summary>Many requests on one session at once, through HTTP: nothing is lost, and nothing comes back.</summary>
public sealed class RaceTests
{
    [Fact]
    public async Task Ten_thousand_increments_lose_none()
    {
        await using var site = await Site.StartAsync(Map);
        using var browser = await BeginAsync(site);

        await Parallel.ForEachAsync(Enumerable.Range(0, 10_000), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (_, _) =>
            Assert.Equal(200, (await browser.GetAsync("/increment")).Status));

        Assert.Equal("10000", (await browser.GetAsync("/count")).Body);
        Assert.Equal(0, site.Counters["sessionstores.clashes"]);
    }

    [Fact]
    public async Task A_thousand_requests_that_each_set_a_member_of_their_own_lose_none()
    {
        await using var site = await Site.StartAsync(Map);
        using var browser = await BeginAsync(site);

        await Parallel.ForEachAsync(Enumerable.Range(0, 1000), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (number, _) =>
            Assert.Equal(200, (await browser.GetAsync($"/set?name=m{number}&value={number}")).Status));

        var session = await site.Sessions.LoadAsync(browser.SessionId!);
        for (var number = 0; number < 1000; number++)
            Assert.Equal(number, session!.Get<int>($"m{number}"));
    }

    [Fact]
    public async Task Every_assignment_that_overwrites_another_one_is_counted()
    {
        const int Writers = 20;
        await using var site = await Site.StartAsync(Map);
        using var browser = await BeginAsync(site);
        using var allLoaded = new Barrier(Writers);
        var arrivals = 0;
        site.Store.Before = async call =>
        {
            // Everybody has loaded before anybody writes; a second attempt does not wait.
            if (call == "replace" && Interlocked.Increment(ref arrivals) <= Writers)
                await Task.Factory.StartNew(() => allLoaded.SignalAndWait(TimeSpan.FromSeconds(30)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        };

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(number => Task.Run(() => browser.GetAsync($"/set?name=who&value={number + 1}"))));

        // The first one met no value; each later one replaced a value that it had not seen.
        Assert.Equal(Writers - 1, site.Counters["sessionstores.clashes"]);
    }

    [Fact]
    public async Task Of_a_thousand_sessions_destroyed_during_a_slow_write_none_comes_back()
    {
        await using var site = await Site.StartAsync(Map);
        var back = 0;
        var learned = 0L;

        await Parallel.ForEachAsync(Enumerable.Range(0, 1000), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (round, _) =>
        {
            using var writer = await BeginAsync(site);
            using var leaver = site.NewBrowser();
            leaver.Cookie = writer.Cookie;
            var id = writer.SessionId!;
            var gate = SlowWriters.Open(id);
            var writing = writer.GetAsync(round % 3 == 0 ? "/slow?kind=rotate" : round % 3 == 1 ? "/slow?kind=update" : "/slow?kind=set");
            await gate.HasLoaded.Task.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None);

            // In half of the rounds the two meet, in the others the destruction comes first.
            if (round % 2 == 0)
            {
                var leaving = leaver.GetAsync("/logout");
                gate.MayWrite.SetResult();
                await leaving;
            }
            else
            {
                await leaver.GetAsync("/logout");
                gate.MayWrite.SetResult();
            }

            await writing;
            if (await site.Store.Inner.GetAsync(id, cancellationToken: CancellationToken.None) is not null)
                Interlocked.Increment(ref back);
        });

        learned = site.Counters["sessionstores.resurrections.blocked"];
        Assert.Equal(0, back);
        Assert.True(learned >= 500, $"Only {learned} writers found their session gone.");
    }

    [Fact]
    public async Task A_log_out_ends_the_session_whether_it_comes_before_or_after_a_new_id()
    {
        await using var site = await Site.StartAsync(Map);
        for (var round = 0; round < 100; round++)
        {
            using var writer = await BeginAsync(site);
            using var leaver = site.NewBrowser();
            leaver.Cookie = writer.Cookie;

            await Task.WhenAll(writer.GetAsync("/slow?kind=rotate-now"), leaver.GetAsync("/logout"));

            // A writer that found nothing has begun a session of its own, which is empty.
            if (await site.RecordOf(writer) is { } left)
                Assert.DoesNotContain("count", SavingTests.Payload(left), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_log_out_with_the_cookie_from_before_a_new_id_ends_the_session()
    {
        await using var site = await Site.StartAsync(Map);
        using var writer = await BeginAsync(site);
        using var leaver = site.NewBrowser();
        leaver.Cookie = writer.Cookie;

        await writer.GetAsync("/slow?kind=rotate-now");
        await leaver.GetAsync("/logout");

        Assert.Null(await site.RecordOf(writer));
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/begin", (HttpSession session) => session.Set("count", 0));
        app.MapGet("/increment", async (HttpSession session) =>
        {
            session.Update<int>("count", value => value + 1);
            await Task.Yield();
        });
        app.MapGet("/count", (HttpSession session) => session.Get<int>("count").ToString(CultureInfo.InvariantCulture));
        app.MapGet("/set", async (HttpSession session, string name, int value) =>
        {
            session.Set(name, value);
            await Task.Yield();
        });
        app.MapGet("/logout", (HttpSession session) => session.DestroyAsync());
        app.MapGet("/slow", async (HttpSession session, string kind) =>
        {
            if (kind != "rotate-now")
            {
                var gate = SlowWriters.Of(session.Id);
                gate.HasLoaded.SetResult();
                await gate.MayWrite.Task;
            }

            switch (kind)
            {
                case "set":
                    session.Set("email", "back@again");
                    break;
                case "update":
                    session.Update<int>("count", value => value + 1);
                    break;
                default:
                    await session.RegenerateAsync(keepData: true);
                    break;
            }
        });
    }

    private static async Task<Browser> BeginAsync(Site site)
    {
        var browser = site.NewBrowser();
        await browser.GetAsync("/begin");
        return browser;
    }

    private sealed class SlowWriters
    {
        private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, SlowWriters> Gates = new();

        public TaskCompletionSource HasLoaded { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource MayWrite { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public static SlowWriters Open(string id) => Gates.GetOrAdd(id, _ => new SlowWriters());

        public static SlowWriters Of(string id) => Gates[id];
    }
}
