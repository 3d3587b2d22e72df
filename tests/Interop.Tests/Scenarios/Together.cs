using SessionStores.Interop.Tests.Running;
using SessionStores.Interop.Tests.Sites;

namespace SessionStores.Interop.Tests.Scenarios;

/// <summary>Requests of both sides to one session at once. A gate inside of a request fixes the order.</summary>
public sealed class Together(StagesFixture stages) : ScenarioTest(stages)
{
    [Theory, EachServer]
    public async Task A_merge_after_a_blind_write_of_Node_loses_neither_sides_members(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var (browser, node, dotNet) = await BeginAsync(stage, Steps.Set("kept", 0));

        await InsideAsync(browser, dotNet, [Steps.Set("mine", "dotnet")], meanwhile: () =>
            browser.Copy().RunAsync(node, Steps.Set("theirs", "node"), Steps.Set("kept", 1)));

        foreach (var site in new[] { node, dotNet })
        {
            var answer = await browser.RunAsync(site, Steps.Get("mine"), Steps.Get("theirs"), Steps.Get("kept"));
            Check.Json("\"dotnet\"", answer[0], "the member of .NET");
            Check.Json("\"node\"", answer[1], "the member of Node");
            Check.Json("1", answer[2], "the member that Node changed");
        }
    }

    [Theory, EachServer]
    public async Task A_counter_that_both_raise_at_once_loses_nothing(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var (browser, node, dotNet) = await BeginAsync(stage, Steps.Set("count", 10));

        await InsideAsync(browser, dotNet, [Steps.Increment("count")], meanwhile: async () =>
        {
            await browser.Copy().RunAsync(node, Steps.Increment("count"));
            await browser.Copy().RunAsync(node, Steps.Increment("count"));
        });

        Check.Json("13", await browser.AskAsync(node, Steps.Get("count")), "the count");
    }

    [Theory, EachServer]
    public async Task A_list_that_both_extend_at_once_has_all_entries(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var (browser, node, dotNet) = await BeginAsync(stage, Steps.Set("list", new[] { "a" }));

        await InsideAsync(browser, dotNet, [Steps.Push("list", "dotnet")], meanwhile: () => browser.Copy().RunAsync(node, Steps.Push("list", "node")));

        Check.Json("""["a","node","dotnet"]""", await browser.AskAsync(node, Steps.Get("list")), "the list");
    }

    [Theory, EachServer]
    public async Task What_Node_removed_meanwhile_stays_removed(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var (browser, node, dotNet) = await BeginAsync(stage, Steps.Set("a", 1), Steps.Set("b", 2));

        await InsideAsync(browser, dotNet, [Steps.Set("c", 3)], meanwhile: () => browser.Copy().RunAsync(node, Steps.Delete("a")));

        Check.Json("""["b","c"]""", await browser.AskAsync(node, Steps.Keys()), "the members");
    }

    [Theory, EachServer]
    public async Task What_dotnet_removes_stays_removed_after_a_write_of_Node(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var (browser, node, dotNet) = await BeginAsync(stage, Steps.Set("a", 1), Steps.Set("b", 2));

        await InsideAsync(browser, dotNet, [Steps.Delete("a")], meanwhile: () => browser.Copy().RunAsync(node, Steps.Set("c", 3)));

        Check.Json("""["b","c"]""", await browser.AskAsync(node, Steps.Keys()), "the members");
    }

    [Theory, EachServer]
    public async Task A_read_of_dotnet_meanwhile_takes_nothing_back(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var (browser, node, dotNet) = await BeginAsync(stage, Steps.Set("a", 1));

        await InsideAsync(browser, dotNet, [Steps.Get("a"), Steps.Touch()], meanwhile: () => browser.Copy().RunAsync(node, Steps.Set("a", 2)));

        Check.Json("2", await browser.AskAsync(node, Steps.Get("a")), "a");
    }

    [Theory, EachServer]
    public async Task A_read_of_Node_meanwhile_takes_nothing_back(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var (browser, node, dotNet) = await BeginAsync(stage, Steps.Set("a", 1));

        await InsideAsync(browser, node, [Steps.Get("a"), Steps.Touch()], meanwhile: () => browser.Copy().RunAsync(dotNet, Steps.Set("a", 2)));

        Check.Json("2", await browser.AskAsync(dotNet, Steps.Get("a")), "a");
    }

    // The limit of sharing: nothing on the .NET side can keep Node from writing blindly. The guide says so.
    [Theory, EachServer]
    public async Task A_slow_write_of_Node_overwrites_as_it_does_among_Node_peers(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var (browser, node, dotNet) = await BeginAsync(stage, Steps.Set("a", 1));

        await InsideAsync(browser, node, [Steps.Set("theirs", 1)], meanwhile: () => browser.Copy().RunAsync(dotNet, Steps.Set("mine", 1)));

        Check.Json("""["a","theirs"]""", await browser.AskAsync(dotNet, Steps.Keys()), "the members");
    }

    // The other limit of sharing.
    [Theory, EachServer]
    public async Task A_slow_write_of_Node_revives_what_was_destroyed_as_it_does_among_Node_peers(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var (browser, node, dotNet) = await BeginAsync(stage, Steps.Set("a", 1));

        await InsideAsync(browser, node, [Steps.Set("b", 2)], meanwhile: () => browser.Copy().RunAsync(dotNet, Steps.Destroy()));

        Check.Json("""["a","b"]""", await browser.AskAsync(dotNet, Steps.Keys()), "the members");
        await browser.RunAsync(dotNet, Steps.Destroy());
    }

    [Theory, EachServer]
    public async Task A_session_that_Node_destroyed_meanwhile_stays_destroyed(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var (browser, node, dotNet) = await BeginAsync(stage, Steps.Set("a", 1));
        var id = browser.Id;

        await InsideAsync(browser, dotNet, [Steps.Set("b", 2)], meanwhile: () => browser.Copy().RunAsync(node, Steps.Destroy()), mayFail: true);

        Check.That(await stage.Server.FindAsync(id) is null, "the record stays gone");
    }

    [Theory, EachServer]
    public async Task An_id_that_Node_regenerated_meanwhile_stays_dead(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var (browser, node, dotNet) = await BeginAsync(stage, Steps.Set("a", 1));
        var id = browser.Id;
        var other = browser.Copy();

        await InsideAsync(browser, dotNet, [Steps.Set("b", 2)], mayFail: true, meanwhile: () => other.RunAsync(node, Steps.Regenerate(), Steps.Set("user", "ada")));

        Check.That(await stage.Server.FindAsync(id) is null, "the old record stays gone");
        Check.Json("[\"user\"]", await other.AskAsync(dotNet, Steps.Keys()), "the members of the new session");
    }

    [Theory, EachServer]
    public async Task A_touch_of_dotnet_brings_no_destroyed_session_back(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var (browser, node, dotNet) = await BeginAsync(stage, Steps.Set("a", 1));
        var id = browser.Id;

        await InsideAsync(browser, dotNet, [Steps.Touch()], mayFail: true, meanwhile: () => browser.Copy().RunAsync(node, Steps.Destroy()));

        Check.That(await stage.Server.FindAsync(id) is null, "the record stays gone");
    }

    [Theory, EachServer]
    public async Task A_rotation_of_dotnet_takes_along_what_Node_wrote_meanwhile(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var (browser, node, dotNet) = await BeginAsync(stage, Steps.Set("a", 1));

        await InsideAsync(browser, dotNet, [Steps.Rotate(), Steps.Set("mine", 1)], meanwhile: () => browser.Copy().RunAsync(node, Steps.Set("theirs", 1)));

        Check.Json("""["a","theirs","mine"]""", await browser.AskAsync(node, Steps.Keys()), "the members under the new id");
    }

    [Theory, EachServer]
    public async Task Thirty_requests_of_dotnet_at_once_between_two_of_Node_lose_nothing(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var (browser, node, dotNet) = await BeginAsync(stage, Steps.Set("count", 0));
        await browser.RunAsync(node, Steps.Increment("count"));

        await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => browser.Copy().RunAsync(dotNet, Steps.Increment("count"))));

        await browser.RunAsync(node, Steps.Increment("count"));
        Check.Json("32", await browser.AskAsync(dotNet, Steps.Get("count")), "the count");
    }

    [Theory, EachServer]
    public async Task A_reload_here_sees_what_the_other_side_wrote_meanwhile(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));
        var gate = NewGate();

        var slow = browser.Copy().RunAsync(first, Steps.Get("a"), Steps.Gate(gate), Steps.Reload(), Steps.Get("a"));
        await first.WaitForGateAsync(gate);
        await browser.Copy().RunAsync(second, Steps.Set("a", 2));
        await first.OpenGateAsync(gate);

        var answer = await slow;
        Check.Json("1", answer[0], "a before");
        Check.Json("2", answer[3], "a after");
    }

    [Theory, EachServer]
    public async Task An_early_save_here_is_read_there_while_the_request_goes_on(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins, new SiteOptions { MaxAge = 3_600_000 });
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));
        var gate = NewGate();

        var slow = browser.Copy().RunAsync(first, Steps.Set("a", 2), Steps.Touch(), Steps.Save(), Steps.Gate(gate));
        await first.WaitForGateAsync(gate);
        var seen = await browser.Copy().AskAsync(second, Steps.Get("a"));
        await first.OpenGateAsync(gate);
        await slow;

        Check.Json("2", seen, "a");
    }

    private static string NewGate() => $"gate{Interlocked.Increment(ref _gates)}";

    private static int _gates;

    /// <summary>A session made by the side that goes first.</summary>
    private static async Task<(Browser Browser, Site Node, Site DotNet)> BeginAsync(Stage stage, params object?[][] steps)
    {
        var (first, _) = await stage.OpenBothAsync();
        var browser = new Browser();
        await browser.RunAsync(first, steps);
        return (browser, await stage.OpenAsync(Runtime.Node), await stage.OpenAsync(Runtime.DotNet));
    }

    /// <summary>A request loads the session; then something else happens; then the request does its steps and ends.</summary>
    private static async Task InsideAsync(
        Browser browser, Site site, object?[][] steps, Func<Task> meanwhile, bool mayFail = false)
    {
        var gate = NewGate();
        object?[][] all = [Steps.Keys(), Steps.Gate(gate), .. steps];
        var slow = mayFail ? browser.TryAsync(site, all) : browser.RunAsync(site, all);
        await Task.WhenAny(slow, site.WaitForGateAsync(gate));
        Check.That(!slow.IsCompleted, "the request waits at the gate");
        await meanwhile();
        await site.OpenGateAsync(gate);
        await slow;
    }
}
