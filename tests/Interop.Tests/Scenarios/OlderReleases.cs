using SessionStores.Interop.Tests.Running;
using SessionStores.Interop.Tests.Sites;

namespace SessionStores.Interop.Tests.Scenarios;

/// <summary>Releases of other years of the Node stores, with the clients of their time.</summary>
public sealed class OlderReleases(StagesFixture stages) : ScenarioTest(stages)
{
    private static readonly SiteOptions OneHour = new() { MaxAge = 3_600_000 };

    [Theory, EachServer]
    public async Task What_an_older_release_wrote_is_read_and_changed_by_dotnet(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var dotNet = await stage.OpenAsync(Runtime.DotNet, OneHour);
        foreach (var alias in stage.Server.OlderStores)
        {
            var older = await stage.OpenAsync(Runtime.Node, OneHour with { OlderStore = alias });
            var browser = new Browser();
            await browser.RunAsync(older, Steps.Set("user", new { name = "Zoë 😀" }), Steps.SetDate("at", 0));

            var answer = await browser.RunAsync(dotNet, Steps.Get("user"), Steps.GetDate("at"), Steps.Set("b", 2));

            Check.Json("""{"name":"Zoë 😀"}""", answer[0], $"the member of {alias}");
            Check.Json("0", answer[1], $"the date of {alias}");
            Check.Json("2", await browser.AskAsync(older, Steps.Get("b")), $"what .NET wrote, read by {alias}");
        }
    }

    [Theory, EachServer]
    public async Task What_dotnet_wrote_is_read_touched_and_destroyed_by_an_older_release(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var dotNet = await stage.OpenAsync(Runtime.DotNet, OneHour);
        foreach (var alias in stage.Server.OlderStores)
        {
            var older = await stage.OpenAsync(Runtime.Node, OneHour with { OlderStore = alias });
            var browser = new Browser();
            await browser.RunAsync(dotNet, Steps.Set("a", 1), Steps.SetSubject("ada"));
            await stage.Server.SetLifeAsync(browser.Id, TimeSpan.FromMinutes(10));

            Check.Json("1", await browser.AskAsync(older, Steps.Get("a")), $"the member in {alias}");
            Check.Between(TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(61), (await stage.Server.ReadAsync(browser.Id)).Remaining, $"the life after a touch by {alias}");
            await browser.RunAsync(older, Steps.Increment("a"));
            Check.Equal("ada", (await browser.AskAsync(dotNet, Steps.GetSubject())).GetString(), $"the subject after a write of {alias}");
            await browser.RunAsync(older, Steps.Destroy());
            Check.Json("[]", await browser.AskAsync(dotNet, Steps.Keys()), $"the members after {alias} destroyed the session");
        }
    }

    [Theory, EachServer]
    public async Task An_older_and_a_current_release_and_dotnet_take_turns(string server, Runtime begins)
    {
        var (stage, first, second) = await OpenBothAsync(server, begins, OneHour);
        foreach (var alias in stage.Server.OlderStores)
        {
            var older = await stage.OpenAsync(Runtime.Node, OneHour with { OlderStore = alias });
            var browser = new Browser();
            foreach (var site in new[] { first, older, second, older, first, second })
                await browser.RunAsync(site, Steps.Increment("count"));

            Check.Json("6", await browser.AskAsync(older, Steps.Get("count")), $"the count with {alias}");
        }
    }
}
