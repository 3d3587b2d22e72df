using SessionStores.Interop.Tests.Running;
using SessionStores.Interop.Tests.Sites;

namespace SessionStores.Interop.Tests.Scenarios;

/// <summary>When a session is stored and when its cookie is sent: .NET decides as Node does, under every combination of options. Node is the
/// measure; nothing is expected beforehand. Both sides do the same on sessions of their own, so each scenario runs once on a server: those of visitors
/// without a session where .NET has set the server up, the others where Node has.</summary>
public sealed class Decisions(StagesFixture stages) : ScenarioTest(stages)
{
    private static readonly (string Name, object?[][] Steps)[] Requests =
    [
        ("untouched", [Steps.Keys()]),
        ("changed", [Steps.Set("a", 2)]),
        ("added to", [Steps.Set("b", 2)]),
        ("changed and changed back", [Steps.Set("a", 2), Steps.Set("a", 1)]),
        ("touched", [Steps.Touch()]),
        ("changed and saved", [Steps.Set("a", 2), Steps.Touch(), Steps.Save()]),
        ("saved and changed", [Steps.Set("a", 2), Steps.Touch(), Steps.Save(), Steps.Set("a", 3)]),
        ("regenerated", [Steps.Regenerate()]),
        ("regenerated and changed", [Steps.Regenerate(), Steps.Set("c", 1)]),
        ("changed and regenerated", [Steps.Set("c", 1), Steps.Regenerate()]),
        ("regenerated and saved", [Steps.Regenerate(), Steps.Save()]),
        ("regenerated twice", [Steps.Regenerate(), Steps.Set("d", 1), Steps.Regenerate(), Steps.Set("e", 1)]),
    ];

    private static readonly SiteOptions[] Combinations =
    [
        .. from rolling in new[] { false, true }
           from saveUninitialized in new[] { false, true }
           from resave in new[] { false, true }
           from maxAge in new long?[] { null, 3_600_000 }
           select new SiteOptions { Rolling = rolling, SaveUninitialized = saveUninitialized, Resave = resave, MaxAge = maxAge, TouchAfter = 0 },
    ];

    [Theory, EachServer(Begins = Runtime.DotNet)]
    public async Task Of_a_visitor_without_a_cookie(string server, Runtime begins) => await CompareAsync(await OpenAsync(server, begins), _ => Task.FromResult(new Browser()));

    [Theory, EachServer(Begins = Runtime.DotNet)]
    public async Task Of_a_visitor_with_a_bad_signature(string server, Runtime begins) =>
        await CompareAsync(await OpenAsync(server, begins), _ => Task.FromResult(new Browser(cookie: Signed.Value("stolen", "another secret"))));

    [Theory, EachServer(Begins = Runtime.DotNet)]
    public async Task Of_a_visitor_whose_session_is_gone(string server, Runtime begins) =>
        await CompareAsync(await OpenAsync(server, begins), _ => Task.FromResult(new Browser(cookie: Signed.Value("gone-long-ago"))));

    [Theory, EachServer(Begins = Runtime.Node)]
    public async Task Of_a_session_that_the_side_made_itself(string server, Runtime begins) => await CompareAsync(await OpenAsync(server, begins), async site =>
    {
        var browser = new Browser();
        await browser.RunAsync(site, Steps.Set("a", 1));
        return browser;
    });

    [Theory, EachServer(Begins = Runtime.Node)]
    public async Task Of_a_session_that_the_other_side_made(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        await CompareAsync(stage, async site =>
        {
            var browser = new Browser();
            await browser.RunAsync(await stage.OpenAsync(site.Runtime == Runtime.Node ? Runtime.DotNet : Runtime.Node, new SiteOptions { MaxAge = 60_000 }), Steps.Set("a", 1));
            return browser;
        });
    }

    private static async Task CompareAsync(Stage stage, Func<Site, Task<Browser>> begin)
    {
        foreach (var options in Combinations)
        {
            var (first, second) = await stage.OpenBothAsync(options);
            foreach (var (name, steps) in Requests)
            {
                var (here, there) = (await PlayAsync(stage, first, await begin(first), steps), await PlayAsync(stage, second, await begin(second), steps));
                Check.Equal(here, there, $"what {second.Runtime} makes of a session that is {name}, as {first.Runtime} does, with {options}");
            }
        }
    }

    private static async Task<Outcome> PlayAsync(Stage stage, Site site, Browser browser, object?[][] steps)
    {
        var before = browser.Cookie;
        var answer = await browser.RunAsync(site, steps);
        var isStored = browser.Cookie is not null && await stage.Server.FindAsync(browser.Id) is not null;
        var oldIsStored = before is not null && await stage.Server.FindAsync(Signed.IdIn(before)) is not null;
        var members = await browser.AskAsync(site, Steps.Keys());
        return new Outcome(answer.Attributes, browser.Cookie == before, isStored, oldIsStored, members.GetRawText());
    }

    private sealed record Outcome(string? Cookie, bool SameCookie, bool IsStored, bool OldIsStored, string Members);
}
