using SessionStores.Backends;
using SessionStores.Interop.Tests.Running;
using SessionStores.Interop.Tests.Servers;
using SessionStores.Interop.Tests.Sites;

namespace SessionStores.Interop.Tests.Scenarios;

/// <summary>The column <c>expire</c> of connect-pg-simple has no time zone, and each connection has one.</summary>
public sealed class TimeZones(StagesFixture stages) : ScenarioTest(stages)
{
    private static readonly string[] Zones = ["Asia/Kolkata", "America/New_York", "Pacific/Kiritimati", "UTC"];

    [Theory, EachServer("postgres")]
    public async Task A_zone_on_the_connection_of_dotnet_changes_nothing(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var node = await stage.OpenAsync(Runtime.Node, new SiteOptions { MaxAge = 3_600_000 });
        foreach (var zone in Zones)
        {
            var dotNet = await stage.OpenAsync(Runtime.DotNet, new SiteOptions { MaxAge = 3_600_000, TimeZone = zone });
            var (first, second) = stage.First == Runtime.Node ? (node, dotNet) : (dotNet, node);
            var browser = new Browser();
            await browser.RunAsync(first, Steps.Set("a", 1));
            await LivesAnHourAsync(stage, browser, $"made by {first.Runtime} under {zone}");

            await stage.Server.SetLifeAsync(browser.Id, TimeSpan.FromMinutes(10));
            Check.Json("1", await browser.AskAsync(second, Steps.Get("a")), $"the member under {zone}");
            await LivesAnHourAsync(stage, browser, $"touched by {second.Runtime} under {zone}");

            await browser.RunAsync(second, Steps.Set("b", 1));
            await browser.RunAsync(first, Steps.Set("c", 1));
            await LivesAnHourAsync(stage, browser, $"written by both under {zone}");
        }
    }

    [Theory, EachServer("postgres")]
    public async Task An_expired_session_is_expired_under_every_zone(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var node = await stage.OpenAsync(Runtime.Node, new SiteOptions { MaxAge = 3_600_000 });
        foreach (var zone in Zones)
        {
            var dotNet = await stage.OpenAsync(Runtime.DotNet, new SiteOptions { MaxAge = 3_600_000, TimeZone = zone });
            var browser = new Browser();
            await browser.RunAsync(stage.First == Runtime.Node ? node : dotNet, Steps.Set("a", 1));
            await stage.Server.SetLifeAsync(browser.Id, TimeSpan.FromSeconds(-2));

            Check.Json("[]", await browser.Copy().AskAsync(dotNet, Steps.Keys()), $"the members under {zone}");
            Check.Json("[]", await browser.Copy().AskAsync(node, Steps.Keys()), "the members in Node");
        }
    }

    [Theory, EachServer("postgres")]
    public async Task Pruning_by_dotnet_under_any_zone_removes_nothing_alive(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var node = await stage.OpenAsync(Runtime.Node, new SiteOptions { MaxAge = 3_600_000 });
        var browser = new Browser();
        await browser.RunAsync(node, Steps.Set("a", 1));
        foreach (var zone in Zones)
        {
            var dotNet = (DotNetSite)await stage.OpenAsync(Runtime.DotNet, new SiteOptions { MaxAge = 3_600_000, TimeZone = zone });
            await dotNet.Pruning.PruneAsync();
            await stage.Server.ReadAsync(browser.Id);
        }
    }

    [Theory, EachServer("postgres")]
    public async Task The_zone_of_the_database_is_that_of_both(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var postgres = (PostgresServer)stage.Server;
        try
        {
            foreach (var zone in Zones)
            {
                await postgres.SetDatabaseZoneAsync(zone);
                await CountsAndExpiresAsync(stage, zone);
            }
        }
        finally
        {
            // A connection that is opened later would keep the zone, and every scenario after this one would see it.
            await postgres.SetDatabaseZoneAsync(null);
        }
    }

    // Of a table that .NET created: there the zone of Node's connections does not matter either.
    [Theory, EachServer("postgres")]
    public async Task A_zone_on_the_connection_of_Node_changes_nothing_in_a_table_of_dotnet(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var type = await ((PostgresServer)stage.Server).ReadExpireTypeAsync();
        Check.Equal(stage.First == Runtime.DotNet ? "timestamp with time zone" : "timestamp without time zone", type, "the column expire");
        if (stage.First == Runtime.Node)
            return;

        var dotNet = await stage.OpenAsync(Runtime.DotNet, new SiteOptions { MaxAge = 3_600_000 });
        foreach (var zone in Zones)
        {
            var node = await stage.OpenAsync(Runtime.Node, new SiteOptions { MaxAge = 3_600_000, TimeZone = zone });
            var browser = new Browser();
            await browser.RunAsync(node, Steps.Set("a", 1));
            await LivesAnHourAsync(stage, browser, $"made by Node under {zone}");
            Check.Json("1", await browser.AskAsync(dotNet, Steps.Get("a")), $"the member of Node under {zone}");
            Check.Json("1", await browser.AskAsync(node, Steps.Get("a")), $"the member in Node under {zone}");
        }
    }

    private static async Task CountsAndExpiresAsync(Stage stage, string zone)
    {
        var connections = zone.Replace('/', '-');
        var (first, second) = await stage.OpenBothAsync(new SiteOptions { MaxAge = 60_000, OwnConnections = connections });
        var brief = new SiteOptions { MaxAge = 1000, OwnConnections = connections };
        var (briefFirst, _) = await stage.OpenBothAsync(brief);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("count", 0));
        foreach (var site in new[] { second, first, second, first })
            await browser.RunAsync(site, Steps.Increment("count"));

        Check.Json("4", await browser.AskAsync(second, Steps.Get("count")), $"the count under {zone}");

        // The id is that of the response: the browser may find that the cookie is over already.
        var id = (await new Browser().RunAsync(briefFirst, Steps.Set("a", 1))).Id;
        var access = (DotNetSite)await stage.OpenAsync(Runtime.DotNet, brief);
        await Wait.UntilAsync(async _ => await access.FindAsync(id) is null, TimeSpan.FromSeconds(20), $"the end of a brief session under {zone}");
    }

    private static async Task LivesAnHourAsync(Stage stage, Browser browser, string what) => Check.Between(
        TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(60.1), (await stage.Server.ReadAsync(browser.Id)).Remaining, $"the life of a session {what}");
}
