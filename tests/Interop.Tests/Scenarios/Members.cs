using System.Text.Json.Nodes;
using SessionStores.Interop.Tests.Running;
using SessionStores.Interop.Tests.Sites;

namespace SessionStores.Interop.Tests.Scenarios;

/// <summary>Members that one side writes and the other reads, changes and removes.</summary>
public sealed class Members(StagesFixture stages) : ScenarioTest(stages)
{
    [Theory, EachServer]
    public async Task A_member_set_here_is_read_there(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();

        await browser.RunAsync(first, Steps.Set("views", 1));

        Check.Json("1", await browser.AskAsync(second, Steps.Get("views")), "views");
    }

    [Theory, EachServer]
    public async Task A_member_changed_there_is_read_here(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("colour", "red"));
        var cookie = browser.Cookie;

        await browser.RunAsync(second, Steps.Set("colour", "blue"));

        Check.Json("\"blue\"", await browser.AskAsync(first, Steps.Get("colour")), "colour");
        Check.Equal(cookie, browser.Cookie, "the cookie");
    }

    [Theory, EachServer]
    public async Task A_member_removed_there_is_absent_here(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1), Steps.Set("b", 2));

        await browser.RunAsync(second, Steps.Delete("a"));

        Check.Json("[\"b\"]", await browser.AskAsync(first, Steps.Keys()), "the members");
    }

    [Theory, EachServer]
    public async Task A_member_added_there_stands_beside_those_of_here(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("here", "h"));

        await browser.RunAsync(second, Steps.Set("there", "t"));

        var answer = await browser.RunAsync(first, Steps.Get("here"), Steps.Get("there"));
        Check.Json("\"h\"", answer[0], "here");
        Check.Json("\"t\"", answer[1], "there");
    }

    [Theory, EachServer]
    public async Task A_counter_is_raised_by_both_in_turn(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        for (var turn = 0; turn < 20; turn++)
            await browser.RunAsync(turn % 2 == 0 ? first : second, Steps.Increment("count"));

        Check.Json("20", await browser.AskAsync(first, Steps.Get("count")), "the count here");
        Check.Json("20", await browser.AskAsync(second, Steps.Get("count")), "the count there");
    }

    [Theory, EachServer]
    public async Task A_list_grows_from_both_sides(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("list", new object[] { "a" }));
        await browser.RunAsync(second, Steps.Push("list", new { b = 2 }));
        await browser.RunAsync(first, Steps.Push("list", null));

        Check.Json("""["a",{"b":2},null]""", await browser.AskAsync(second, Steps.Get("list")), "the list");
    }

    [Theory, EachServer]
    public async Task A_member_of_an_object_is_changed_there(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("user", new { id = 7, name = "Ada", tags = new[] { "x" } }));

        await browser.RunAsync(second, Steps.Change("user", "name", "Grace"));

        Check.Json("""{"id":7,"name":"Grace","tags":["x"]}""", await browser.AskAsync(first, Steps.Get("user")), "the object");
    }

    [Theory, EachServer]
    public async Task A_member_named_cookie_inside_an_object_is_data(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("user", new { cookie = "oatmeal" }));

        await browser.RunAsync(second, Steps.Change("user", "cookie", "ginger"));

        Check.Json("""{"cookie":"ginger"}""", await browser.AskAsync(first, Steps.Get("user")), "the object");
    }

    [Theory, EachServer]
    public async Task Odd_names_mean_the_same_on_both_sides(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        string[] names = ["a.b", "$set", "with space", "quote\"s", "back\\slash", "ключ", "😀", "line\u2028end", "42", "7", "Cookie", "-1", "tab\tname"];
        foreach (var (name, index) in names.Select((name, index) => (name, index)))
            await browser.RunAsync(index % 2 == 0 ? first : second, Steps.Set(name, index));

        foreach (var site in new[] { first, second })
        {
            var answer = await browser.RunAsync(site, [.. names.Select(Steps.Get), Steps.Keys()]);
            for (var index = 0; index < names.Length; index++)
                Check.Json($"{index}", answer[index], $"the member {names[index]} on {site.Runtime}");

            Check.Equal(names.Length, answer[names.Length].GetArrayLength(), "how many members there are");
        }
    }

    [Theory, EachServer]
    public async Task Five_hundred_members_arrive(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        await browser.RunAsync(first, [.. Enumerable.Range(0, 500).Select(index => Steps.Set($"member{index}", index))]);

        await browser.RunAsync(second, Steps.Set("member250", "changed"));

        var answer = await browser.RunAsync(first, Steps.Keys(), Steps.Get("member250"), Steps.Get("member499"));
        Check.Equal(500, answer[0].GetArrayLength(), "how many members there are");
        Check.Json("\"changed\"", answer[1], "the changed one");
        Check.Json("499", answer[2], "the last one");
    }

    [Theory, EachServer]
    public async Task A_session_of_half_a_megabyte_arrives(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        var text = string.Concat(Enumerable.Repeat("Zoë 😀 ", 50_000));
        await browser.RunAsync(first, Steps.Set("text", text));

        await browser.RunAsync(second, Steps.Set("seen", true));

        Check.Equal(text, (await browser.AskAsync(first, Steps.GetText("text"))).GetString(), "the text");
    }

    [Theory, EachServer]
    public async Task Members_that_nobody_here_knows_survive_writes_of_both(string server, Runtime begins)
    {
        var (stage, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser(cookie: Signed.Value("some-other-program"));
        const string passport = """{"user":{"id":"5f","roles":["a","b"]},"messages":[],"n":1.5e-9,"x":null}""";
        await stage.Server.WriteAsync("some-other-program",
            """{"cookie":{"originalMaxAge":3600000,"expires":"2030-01-01T00:00:00.000Z","httpOnly":true,"path":"/"},"passport":""" + passport +
            ""","csrfSecret":"b~!","flash":{}}""",
            TimeSpan.FromHours(1));

        await browser.RunAsync(first, Steps.Set("a", 1));
        await browser.RunAsync(second, Steps.Set("b", 2));

        foreach (var site in new[] { first, second })
        {
            var answer = await browser.RunAsync(site, Steps.Get("passport"), Steps.Get("csrfSecret"), Steps.Get("flash"), Steps.Get("a"), Steps.Get("b"));
            Check.Json(passport, answer[0], "passport");
            Check.Json("\"b~!\"", answer[1], "csrfSecret");
            Check.Json("{}", answer[2], "flash");
            Check.Json("1", answer[3], "a");
            Check.Json("2", answer[4], "b");
        }
    }

    [Theory, EachServer]
    public async Task A_change_after_the_head_of_the_response_is_stored(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));

        var answer = await browser.SendAsync(second, HttpMethod.Post, "/late", Browser.Json([Steps.Set("late", true)]));

        Check.Equal("early late", answer.Body, "the answer");
        Check.Json("true", await browser.AskAsync(first, Steps.Get("late")), "the late member");
    }

    [Theory, EachServer]
    public async Task Two_hundred_requests_in_random_turns_agree_with_a_model(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        var model = new JsonObject();
        var random = new Random(20260101);
        for (var turn = 0; turn < 200; turn++)
        {
            var site = turn == 0 || random.Next(2) == 0 ? first : second;
            var name = $"m{random.Next(6)}";
            switch (random.Next(4))
            {
                case 0 when turn > 0:
                    model.Remove(name);
                    await browser.RunAsync(site, Steps.Delete(name));
                    break;
                case 1 when model[name] is JsonValue value && value.TryGetValue(out int count):
                    model[name] = count + 1;
                    await browser.RunAsync(site, Steps.Increment(name));
                    break;
                case 2:
                    model[name] = new JsonObject { ["turn"] = turn, ["text"] = "é<&>\u2028" };
                    await browser.RunAsync(site, Steps.Set(name, model[name]));
                    break;
                default:
                    model[name] = turn;
                    await browser.RunAsync(site, Steps.Set(name, turn));
                    break;
            }

            var other = site == first ? second : first;
            var names = model.Select(member => member.Key).ToList();
            var answer = await browser.RunAsync(other, [.. names.Select(Steps.Get), Steps.Keys()]);
            for (var index = 0; index < names.Count; index++)
                Check.Json(model[names[index]]!.ToJsonString(), answer[index], $"{names[index]} after turn {turn}");

            Check.Equal(
                string.Join(' ', names.Order()),
                string.Join(' ', answer[names.Count].EnumerateArray().Select(key => key.GetString()!).Order()),
                $"the members after turn {turn}");
        }
    }
}
