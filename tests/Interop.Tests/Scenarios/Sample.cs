using System.Net;
using SessionStores.Interop.Tests.Running;
using SessionStores.Interop.Tests.Sites;

namespace SessionStores.Interop.Tests.Scenarios;

/// <summary>The sample <c>samples/SideBySide</c>, which starts its Express application itself.</summary>
public sealed class Sample(StagesFixture stages) : ScenarioTest(stages)
{
    [Theory, EachServer("redis")]
    public async Task One_site_half_Express_half_dotnet_has_one_log_in(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var redis = new Uri((string)stage.Server.ToNode(new SiteOptions())["url"]!).Authority;
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        await using var site = await StartedProgram.StartAsync(
            "SideBySide: ", "dotnet", Repository.PathOf($"artifacts/bin/SideBySide/{configuration}/SessionStores.SideBySide.dll"),
            "--contentRoot", Repository.PathOf("samples/SideBySide"), "--port", "0", "--redis", redis);
        var browser = new Browser();

        var answer = await browser.PostFormAsync(site, "/login", new KeyValuePair<string, string>("email", "zoë@example.com"));
        Check.Equal(HttpStatusCode.Found, answer.Status, "the answer of Express to the log-in, through the front");
        Check.That((await browser.GetAsync(site, "/account")).Body.Contains("zo&#235;@example.com", StringComparison.Ordinal), ".NET knows who is logged in");

        await browser.PostFormAsync(site, "/basket");
        await browser.PostFormAsync(site, "/basket/gift");
        Check.That(
            (await browser.GetAsync(site, "/")).Body.Contains("<li>book</li><li>gift card</li>", StringComparison.Ordinal), "the basket in Express has what both put into it");

        var kept = browser.Copy();
        await browser.PostFormAsync(site, "/logout");
        Check.Equal(null, browser.Cookie, "the cookie after the log-out");
        Check.That((await kept.GetAsync(site, "/")).Body.Contains("Log in", StringComparison.Ordinal), "Express shows the log-in again");
        Check.Equal(HttpStatusCode.Found, (await kept.GetAsync(site, "/account")).Status, "the answer of .NET without a log-in");
    }
}
