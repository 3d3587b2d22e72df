using SessionStores.Interop.Tests.Running;
using SessionStores.Interop.Tests.Sites;

namespace SessionStores.Interop.Tests.Scenarios;

/// <summary>Whose session it is: a fact that Node does not know and must not lose.</summary>
public sealed class Subjects(StagesFixture stages) : ScenarioTest(stages)
{
    [Theory, EachServer]
    public async Task A_subject_survives_a_write_of_Node(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        foreach (var subject in new[] { "ada", "o'brien \"x\" \\ {}", "Зоя 🔑" })
        {
            var (browser, node, dotNet) = await BeginAsync(stage, subject);

            await browser.RunAsync(node, Steps.Set("b", 2));

            Check.Equal(subject, (await browser.AskAsync(dotNet, Steps.GetSubject())).GetString(), "the subject");
        }
    }

    [Theory, EachServer]
    public async Task A_subject_is_no_member_for_dotnet(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var (browser, node, dotNet) = await BeginAsync(stage, "ada");
        await browser.RunAsync(node, Steps.Set("b", 2));

        Check.Json("""["a","b"]""", await browser.AskAsync(dotNet, Steps.Keys()), "the members");
    }

    [Theory, EachServer]
    public async Task A_session_that_Node_wrote_last_is_found_and_ended_by_its_subject(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var subject = $"user-{Guid.NewGuid()}";
        var (one, node, dotNet) = await BeginAsync(stage, subject);
        var (two, _, _) = await BeginAsync(stage, subject);
        await one.RunAsync(node, Steps.Set("b", 2));

        var ended = await ((DotNetSite)dotNet).Subjects.DestroyBySubjectAsync(subject, exceptIds: [two.Id]);

        Check.Equal(1L, ended, "how many sessions ended");
        Check.Json("[]", await one.AskAsync(node, Steps.Keys()), "the members of the ended session in Node");
        Check.Json("1", await two.AskAsync(node, Steps.Get("a")), "the member of the other session in Node");
    }

    [Theory, EachServer]
    public async Task A_session_that_Node_destroyed_is_not_found_by_its_subject(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var subject = $"user-{Guid.NewGuid()}";
        var (browser, node, dotNet) = await BeginAsync(stage, subject);
        await browser.RunAsync(node, Steps.Destroy());

        await foreach (var _ in ((DotNetSite)dotNet).Subjects.ListBySubjectAsync(subject))
            throw new CheckFailedException("Expected: no session of the subject.");
    }

    [Theory, EachServer]
    public async Task A_subject_survives_a_rotation_and_a_write_of_Node(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var (browser, node, dotNet) = await BeginAsync(stage, "ada");
        await browser.RunAsync(dotNet, Steps.Rotate());

        await browser.RunAsync(node, Steps.Set("b", 2));

        Check.Equal("ada", (await browser.AskAsync(dotNet, Steps.GetSubject())).GetString(), "the subject");
    }

    [Theory, EachServer]
    public async Task What_is_known_of_a_session_for_its_user_survives_writes_of_Node(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var (browser, node, dotNet) = await BeginAsync(stage, "ada");
        await browser.RunAsync(dotNet, Steps.SetLabel("Zoë's 📱"));
        var before = await browser.AskAsync(dotNet, Steps.Facts());

        await browser.RunAsync(node, Steps.Set("b", 2), Steps.Save());
        await browser.RunAsync(dotNet, Steps.Set("c", 3));
        await browser.RunAsync(node, Steps.Delete("a"));

        var after = await browser.AskAsync(dotNet, Steps.Facts());
        Check.Json(before.GetRawText(), after, "what is known of the session");
        Check.That(after[0].GetInt64() > 0 && after[1].GetInt64() > 0, "the instants are there");
        Check.Equal("Zoë's 📱", after[2].GetString(), "the label");
        Check.Json("""["b","c"]""", await browser.AskAsync(dotNet, Steps.Keys()), "the members");
    }

    private static async Task<(Browser Browser, Site Node, Site DotNet)> BeginAsync(Stage stage, string subject)
    {
        var (first, _) = await stage.OpenBothAsync();
        var (node, dotNet) = (await stage.OpenAsync(Runtime.Node), await stage.OpenAsync(Runtime.DotNet));
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));
        await browser.RunAsync(dotNet, Steps.SetSubject(subject));
        return (browser, node, dotNet);
    }
}
