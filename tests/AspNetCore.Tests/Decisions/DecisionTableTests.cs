using SessionStores.Tests;

namespace SessionStores.AspNetCore.Tests.Decisions;

/// <summary>16 combinations of options times 29 scenarios: what is written and which cookie is sent, against what express-session does.</summary>
public sealed class DecisionTableTests(DecisionSitesFixture sites) : IClassFixture<DecisionSitesFixture>
{
    public static TheoryData<string, bool, bool, bool, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, bool, bool, bool, bool>();
            foreach (var scenario in Scenario.All)
            {
                foreach (var choice in Choice.All)
                    cases.Add(scenario.Name, choice.SaveUninitialized, choice.Resave, choice.Rolling, choice.HasMaxAge);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_outcome_is_that_of_the_table(string name, bool saveUninitialized, bool resave, bool rolling, bool hasMaxAge)
    {
        var scenario = Scenario.All.Single(candidate => candidate.Name == name);
        var choice = new Choice(saveUninitialized, resave, rolling, hasMaxAge);
        var site = sites[choice, scenario.Unset];
        using var browser = site.NewBrowser();
        await ComeAsync(site, browser, scenario.Visitor);
        var before = scenario.Visitor == "existing" ? await site.RecordOf(browser) : null;
        var cookieBefore = browser.Cookie;
        site.Clock.Advance(TimeSpan.FromSeconds(1));
        site.Store.Forget();

        var answer = await browser.GetAsync($"/{scenario.Action}");

        Assert.Equal(200, answer.Status);
        var calls = site.Store.Calls;
        var after = scenario.Visitor == "existing" ? await site.Store.Inner.GetAsync(before!.Id) : null;
        var isExtended = after is not null && after.ExpiresAt > before!.ExpiresAt;
        var cookie = answer.SetCookie is null ? "none" : browser.Cookie is null && cookieBefore is not null ? "cleared" : "sent";
        Assert.Equal((scenario.Ours ?? scenario.Upstream)(choice), new Outcome(Writes(calls, isExtended), cookie));
    }

    [Fact]
    public void The_table_is_complete()
    {
        Assert.Equal(29, Scenario.All.Count);
        Assert.Equal(29, Scenario.All.Select(scenario => scenario.Name).Distinct().Count());
        Assert.Equal(16, Choice.All.Distinct().Count());
    }

    [Fact]
    public void Every_difference_from_express_session_has_a_name_and_is_explained()
    {
        var page = File.ReadAllText(Repository.PathOf("docs/decisions/0010-differences-from-express-session.md"));
        foreach (var scenario in Scenario.All)
        {
            var differs = Choice.All.Any(choice => scenario.Ours is { } ours && ours(choice) != scenario.Upstream(choice));

            Assert.Equal(differs, scenario.Difference != Difference.None);
        }

        foreach (var difference in Enum.GetValues<Difference>().Where(difference => difference != Difference.None))
        {
            Assert.Contains($"**{difference}**", page, StringComparison.Ordinal);
            Assert.Contains(Scenario.All, scenario => scenario.Difference == difference);
        }
    }

    private static async Task ComeAsync(Site site, Browser browser, string visitor)
    {
        switch (visitor)
        {
            case "bad":
                browser.Cookie = "connect.sid=s%3Aid.B31egYFqtQlRigBYuDin6U%2BJWDzBok2mCD8BV0bF8CE";
                break;
            case "unsigned":
                browser.Cookie = "connect.sid=id";
                break;
            case "gone":
                browser.Cookie = $"connect.sid={SetCookieHeader.EncodeComponent(CookieSignature.Sign("gone", Site.Secret))}";
                break;
            case "existing":
                await browser.GetAsync("/begin");
                break;
        }
    }

    private static string Writes(IReadOnlyList<string> calls, bool isExtended)
    {
        var writes = new List<string>();
        foreach (var call in calls.Where(call => call != "get"))
        {
            switch (call)
            {
                case "create" or "replace":
                    writes.Add("set");
                    break;
                case "rotate":
                    writes.AddRange(["destroy", "set"]);
                    break;
                default:
                    writes.Add(call);
                    break;
            }
        }

        if (writes.Count == 0 && isExtended)
            writes.Add("touch");

        return string.Join(' ', writes);
    }
}
