using System.Net;
using SessionStores.Interop.Tests.Running;
using SessionStores.Interop.Tests.Sites;

namespace SessionStores.Interop.Tests.Scenarios;

/// <summary>The log-in and log-out of the classic tutorial, each side written as its own documentation shows it.</summary>
public sealed class LogIn(StagesFixture stages) : ScenarioTest(stages)
{
    private static readonly KeyValuePair<string, string> Ada = new("email", "ada@example.com");

    [Theory, EachServer]
    public async Task A_log_in_here_is_read_there(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();

        var answer = await browser.PostFormAsync(first, "/login", Ada);

        Check.Equal(HttpStatusCode.Found, answer.Status, "the answer to the log-in");
        Check.Equal("ada@example.com", (await browser.GetAsync(second, "/me")).Body, "who is logged in there");
        Check.Equal("ada@example.com", (await browser.GetAsync(first, "/me")).Body, "who is logged in here");
    }

    [Theory, EachServer]
    public async Task A_log_out_there_ends_the_log_in_here(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        await browser.PostFormAsync(first, "/login", Ada);
        var stolen = browser.Copy();

        await browser.PostFormAsync(second, "/logout");

        Check.Equal("anonymous", (await stolen.GetAsync(first, "/me")).Body, "who is logged in here");
        Check.Equal("anonymous", (await stolen.GetAsync(second, "/me")).Body, "who is logged in there");
    }

    [Theory, EachServer]
    public async Task A_log_in_there_gives_a_visitor_from_here_a_new_id(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("basket", 3));
        var planted = browser.Copy();

        await browser.PostFormAsync(second, "/login", Ada);

        Check.That(browser.Id != planted.Id, "the id is a new one");
        Check.Equal("anonymous", (await planted.GetAsync(first, "/me")).Body, "who is logged in under the planted id");
        Check.Equal("ada@example.com", (await browser.GetAsync(first, "/me")).Body, "who is logged in");
    }

    [Theory, EachServer]
    public async Task Logging_in_on_either_side_in_turn_leaves_one_session(string server, Runtime begins)
    {
        var (stage, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        var ids = new List<string>();
        foreach (var site in new[] { first, second, first, second })
        {
            await browser.PostFormAsync(site, "/login", Ada);
            ids.Add(browser.Id);
        }

        foreach (var id in ids.SkipLast(1))
            Check.That(await stage.Server.FindAsync(id) is null, "an earlier session is gone");

        await stage.Server.ReadAsync(ids[^1]);
    }
}
