using SessionStores.Interop.Tests.Running;
using SessionStores.Interop.Tests.Sites;

namespace SessionStores.Interop.Tests.Scenarios;

/// <summary>One site's clock is 40 minutes ahead of the server's or behind it, the other site's is right. Lives are looked at by the server's clock.</summary>
public sealed class Clocks(StagesFixture stages) : ScenarioTest(stages)
{
    private static readonly TimeSpan HalfAnHour = TimeSpan.FromMinutes(30);
    private static readonly int[] Skews = [40, -40];
    private static readonly SiteOptions InTime = new() { MaxAge = 1_800_000 };

    [Theory, EachServer]
    public async Task What_a_dotnet_site_of_another_clock_writes_lives_as_long_as_was_asked_and_Node_reads_it(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        await stage.OpenBothAsync(InTime);
        foreach (var minutes in Skews)
        {
            var skewed = await stage.OpenAsync(Runtime.DotNet, InTime with { ClockAhead = TimeSpan.FromMinutes(minutes) });
            var node = await stage.OpenAsync(Runtime.Node, InTime);
            var browser = new Browser();
            await LivesHalfAnHourAfterAsync(stage, browser, skewed, $"a log-in {minutes} minutes ahead", Steps.Set("a", 1));
            Check.Json("1", await browser.AskAsync(node, Steps.Get("a")), "what Node reads");
            await LivesHalfAnHourAfterAsync(stage, browser, skewed, $"a change {minutes} minutes ahead", Steps.Set("b", 2));
            await LivesHalfAnHourAfterAsync(stage, browser, node, "a change by Node", Steps.Set("c", 3));
            Check.Json("""["a","b","c"]""", await browser.AskAsync(skewed, Steps.Keys()), "what .NET reads");

            await stage.Server.SetLifeAsync(browser.Id, TimeSpan.FromMinutes(10));
            await LivesHalfAnHourAfterAsync(stage, browser, skewed, $"a touch {minutes} minutes ahead", Steps.Get("a"));
            var id = browser.Id;
            await browser.RunAsync(skewed, Steps.Destroy());
            Check.Equal(null, await stage.Server.FindAsync(id), "the record after a log-out");
        }
    }

    /// <summary>connect-pg-simple and connect-mongo store the instant of their own clock: behind it, what they write has ended already.</summary>
    [Theory, EachServer]
    public async Task A_change_of_what_a_Node_site_of_another_clock_wrote_lives_as_long_as_was_asked(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        await stage.OpenBothAsync(InTime);
        foreach (var minutes in server == "redis" ? Skews : [40])
        {
            var node = await stage.OpenAsync(Runtime.Node, InTime with { ClockAhead = TimeSpan.FromMinutes(minutes) });
            var dotNet = await stage.OpenAsync(Runtime.DotNet, InTime);
            var browser = new Browser();
            await browser.RunAsync(node, Steps.Set("a", 1));
            Check.Json("1", await browser.AskAsync(dotNet, Steps.Get("a")), "what .NET reads");

            await LivesHalfAnHourAfterAsync(stage, browser, dotNet, $"a change of a session of Node {minutes} minutes ahead", Steps.Set("b", 2));
            if (server == "redis")
                await LivesHalfAnHourAfterAsync(stage, browser, node, $"a change by Node {minutes} minutes ahead", Steps.Set("c", 3));
        }
    }

    /// <summary>Right within one second, and the time that the request has taken.</summary>
    private static async Task LivesHalfAnHourAfterAsync(Stage stage, Browser browser, Site site, string what, object?[] step)
    {
        var started = TimeProvider.System.GetTimestamp();
        await browser.RunAsync(site, step);
        var remaining = (await stage.Server.ReadAsync(browser.Id)).Remaining;
        var took = TimeProvider.System.GetElapsedTime(started);
        Check.Between(HalfAnHour - took - TimeSpan.FromSeconds(1), HalfAnHour + TimeSpan.FromSeconds(1), remaining, $"the life after {what}");
    }
}
