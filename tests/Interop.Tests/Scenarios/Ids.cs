using SessionStores.Interop.Tests.Running;
using SessionStores.Interop.Tests.Sites;

namespace SessionStores.Interop.Tests.Scenarios;

/// <summary>New ids, ended sessions, and ids that an attacker makes up.</summary>
public sealed class Ids(StagesFixture stages) : ScenarioTest(stages)
{
    [Theory, EachServer]
    public async Task Regenerate_here_and_the_old_id_is_dead_there(string server, Runtime begins)
    {
        var (stage, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("old", 1));
        var old = browser.Copy();

        await browser.RunAsync(first, Steps.Regenerate(), Steps.Set("new", 2));

        Check.That(browser.Id != old.Id, "the id is a new one");
        Check.Json("[\"new\"]", await browser.AskAsync(second, Steps.Keys()), "the members under the new id");
        Check.Json("[]", await old.AskAsync(second, Steps.Keys()), "the members under the old id");
        Check.That(await stage.Server.FindAsync(old.Id) is null, "the old record is gone");
    }

    [Theory, EachServer]
    public async Task Regenerate_of_a_session_from_the_other_side(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("old", 1));
        var old = browser.Copy();

        await browser.RunAsync(second, Steps.Regenerate(), Steps.Set("new", 2));

        Check.Json("[\"new\"]", await browser.AskAsync(first, Steps.Keys()), "the members under the new id");
        Check.Json("[]", await old.AskAsync(first, Steps.Keys()), "the members under the old id");
    }

    [Theory, EachServer]
    public async Task A_rotation_by_dotnet_keeps_the_data_for_Node(string server, Runtime begins)
    {
        var (stage, first, _) = await OpenBothAsync(server, begins);
        var (node, dotNet) = (await stage.OpenAsync(Runtime.Node), await stage.OpenAsync(Runtime.DotNet));
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("kept", new { a = 1 }));
        var old = browser.Copy();

        await browser.RunAsync(dotNet, Steps.Rotate(), Steps.Set("added", 2));

        var answer = await browser.RunAsync(node, Steps.Get("kept"), Steps.Get("added"));
        Check.Json("""{"a":1}""", answer[0], "what was kept");
        Check.Json("2", answer[1], "what was added");
        Check.Json("[]", await old.AskAsync(node, Steps.Keys()), "the members under the old id");
    }

    [Theory, EachServer]
    public async Task Destroy_here_and_it_is_gone_there(string server, Runtime begins)
    {
        var (stage, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));
        var kept = browser.Copy();

        await browser.RunAsync(first, Steps.Destroy());

        Check.That(await stage.Server.FindAsync(kept.Id) is null, "the record is gone");
        Check.Json("[]", await kept.AskAsync(second, Steps.Keys()), "the members there");
    }

    [Theory, EachServer]
    public async Task Destroy_there_and_it_is_gone_here(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));
        var kept = browser.Copy();

        await browser.RunAsync(second, Steps.Destroy());

        Check.Json("[]", await kept.AskAsync(first, Steps.Keys()), "the members here");
    }

    [Theory, EachServer]
    public async Task An_unset_session_is_gone_on_the_other_side(string server, Runtime begins)
    {
        var (stage, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));
        var kept = browser.Copy();

        await browser.RunAsync(second, Steps.Unset());

        Check.That(await stage.Server.FindAsync(kept.Id) is null, "the record is gone");
        Check.Json("[]", await kept.AskAsync(first, Steps.Keys()), "the members here");
    }

    [Theory, EachServer]
    public async Task A_write_after_a_destroy_there_starts_a_new_session(string server, Runtime begins)
    {
        var (stage, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));
        var kept = browser.Copy();
        await browser.RunAsync(second, Steps.Destroy());
        var destroyed = kept.Id;

        await kept.RunAsync(first, Steps.Set("b", 2));

        Check.That(kept.Id != destroyed, "the id is a new one");
        Check.That(await stage.Server.FindAsync(destroyed) is null, "the destroyed record stays gone");
        Check.Json("[\"b\"]", await kept.AskAsync(second, Steps.Keys()), "the members of the new session");
    }

    [Theory, EachServer]
    public async Task An_id_that_was_never_stored_is_adopted_by_neither(string server, Runtime begins)
    {
        var (stage, first, second) = await OpenBothAsync(server, begins);
        foreach (var site in new[] { first, second })
        {
            var browser = new Browser(cookie: Signed.Value("chosen-by-an-attacker"));

            await browser.RunAsync(site, Steps.Set("a", 1));

            Check.That(browser.Id != "chosen-by-an-attacker", $"{site.Runtime} makes an id of its own");
            Check.That(await stage.Server.FindAsync("chosen-by-an-attacker") is null, "nothing is stored under the id");
        }
    }

    [Theory, EachServer]
    public async Task Ids_that_differ_by_case_are_different(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));
        var other = string.Concat(browser.Id.Select(character => char.IsAsciiLetterUpper(character) ? char.ToLowerInvariant(character) : char.ToUpperInvariant(character)));

        var impostor = new Browser(cookie: Signed.Value(other));

        Check.Json("[]", await impostor.AskAsync(first, Steps.Keys()), "the members here");
        Check.Json("[]", await impostor.AskAsync(second, Steps.Keys()), "the members there");
    }

    [Theory, EachServer]
    public async Task Ids_with_dots_spaces_and_letters_of_all_scripts_work_on_both_sides(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        foreach (var id in new[] { "a.b.c", "user/42 a+b=c!'()*~é", "ключ-🔑", "sess:%41\"\\" })
        {
            var options = new SiteOptions { IdsAre = id };
            var (first, second) = await stage.OpenBothAsync(options);
            await stage.Server.RemoveAsync(id);
            var browser = new Browser();
            await browser.RunAsync(first, Steps.Set("a", 1));
            Check.Equal(id, browser.Id, "the id");

            await browser.RunAsync(second, Steps.Increment("a"));

            Check.Json("2", await browser.AskAsync(first, Steps.Get("a")), $"the member under {id}");
            await stage.Server.RemoveAsync(id);
        }
    }

    [Theory, EachServer]
    public async Task A_genuine_cookie_with_an_impossible_id_is_a_new_visitor(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        foreach (var id in new[] { new string('a', 300), "line\nbreak", "tab\t" })
        {
            foreach (var site in new[] { first, second })
            {
                var browser = new Browser(cookie: Signed.Value(id));
                Check.Json("[]", await browser.AskAsync(site, Steps.Keys()), $"the members on {site.Runtime}");
            }
        }
    }
}
