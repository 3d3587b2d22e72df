using SessionStores.Backends;
using SessionStores.Interop.Tests.Running;
using SessionStores.Interop.Tests.Sites;

namespace SessionStores.Interop.Tests.Scenarios;

/// <summary>How long sessions live, seen at the server.</summary>
public sealed class Lifetimes(StagesFixture stages) : ScenarioTest(stages)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly SiteOptions OneHour = new() { MaxAge = 3_600_000 };

    [Theory, EachServer]
    public async Task A_session_of_an_hour_lives_an_hour_at_the_server(string server, Runtime begins)
    {
        var (stage, first, second) = await OpenBothAsync(server, begins, OneHour);
        foreach (var site in new[] { first, second })
        {
            var browser = new Browser();
            await browser.RunAsync(site, Steps.Set("a", 1));
            await LivesAnHourAsync(stage, browser, $"a session of {site.Runtime}");
        }
    }

    [Theory, EachServer]
    public async Task A_touch_there_extends_the_record(string server, Runtime begins)
    {
        var (stage, first, second) = await OpenBothAsync(server, begins, OneHour);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));
        await stage.Server.SetLifeAsync(browser.Id, TimeSpan.FromMinutes(10));

        await browser.RunAsync(second, Steps.Get("a"));

        await LivesAnHourAsync(stage, browser, "the record");
    }

    [Theory, EachServer]
    public async Task A_write_there_extends_the_record(string server, Runtime begins)
    {
        var (stage, first, second) = await OpenBothAsync(server, begins, OneHour);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));
        await stage.Server.SetLifeAsync(browser.Id, TimeSpan.FromMinutes(10));

        await browser.RunAsync(second, Steps.Set("b", 2));

        await LivesAnHourAsync(stage, browser, "the record");
    }

    [Theory, EachServer]
    public async Task A_touch_here_extends_what_the_other_side_wrote_last(string server, Runtime begins)
    {
        var (stage, first, second) = await OpenBothAsync(server, begins, OneHour);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));
        await browser.RunAsync(second, Steps.Set("b", 2));
        await stage.Server.SetLifeAsync(browser.Id, TimeSpan.FromMinutes(10));

        await browser.RunAsync(first, Steps.Touch());

        await LivesAnHourAsync(stage, browser, "the record");
    }

    [Theory, EachServer]
    public async Task A_session_for_as_long_as_the_browser_is_open_is_extended_too(string server, Runtime begins)
    {
        var (stage, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));
        await stage.Server.SetLifeAsync(browser.Id, TimeSpan.FromMinutes(10));

        await browser.RunAsync(second, Steps.Get("a"));

        // A day, or the fourteen of connect-mongo.
        Check.Between(TimeSpan.FromHours(23.9), TimeSpan.FromDays(14.1), (await stage.Server.ReadAsync(browser.Id)).Remaining, "the life of the record");
    }

    [Theory, EachServer]
    public async Task What_the_other_side_only_touches_stays_byte_for_byte(string server, Runtime begins)
    {
        var (stage, first, second) = await OpenBothAsync(server, begins, OneHour);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("b", "Zoë <&>'+/ \u2028 😀"), Steps.SetNumber("n", "1e21"), Steps.Set("10", 1), Steps.SetDate("d", 0));
        await stage.Server.SetLifeAsync(browser.Id, TimeSpan.FromMinutes(10));
        var before = await stage.Server.ReadAsync(browser.Id);

        await browser.RunAsync(second, Steps.Get("b"), Steps.Keys());
        await browser.RunAsync(second, Steps.Touch());

        var after = await stage.Server.ReadAsync(browser.Id);
        Check.Equal(before.Text, after.Text, "the stored text");
        Check.Between(TimeSpan.FromMinutes(50), TimeSpan.FromMinutes(61), after.Remaining, "the life of the record");
    }

    [Theory, EachServer]
    public async Task A_session_of_Node_that_dotnet_changes_and_changes_back_stays_byte_for_byte(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var (node, dotNet) = (await stage.OpenAsync(Runtime.Node, OneHour), await stage.OpenAsync(Runtime.DotNet, OneHour));
        var browser = new Browser();
        await browser.RunAsync(stage.First == Runtime.Node ? node : dotNet, Steps.Set("count", 5));
        await browser.RunAsync(node, Steps.Set("text", "Zoë"), Steps.Set("1", true));
        var before = await stage.Server.ReadAsync(browser.Id);

        await browser.RunAsync(dotNet, Steps.Set("count", 6), Steps.Set("count", 5), Steps.Set("new", 1), Steps.Delete("new"));

        Check.Equal(before.Text, (await stage.Server.ReadAsync(browser.Id)).Text, "the stored text");
    }

    [Theory, EachServer]
    public async Task Members_that_dotnet_does_not_change_stay_byte_for_byte(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var (node, dotNet) = (await stage.OpenAsync(Runtime.Node, OneHour), await stage.OpenAsync(Runtime.DotNet, OneHour));
        var browser = new Browser();
        await browser.RunAsync(stage.First == Runtime.Node ? node : dotNet, Steps.Set("a", 1));
        await browser.RunAsync(node, Steps.SetNumber("n", "1e21"), Steps.Set("text", "\u2028😀é</script>"), Steps.SetBuffer("buffer", [1, 2]));

        await browser.RunAsync(dotNet, Steps.Set("a", 2));

        var text = (await stage.Server.ReadAsync(browser.Id)).Text;
        Check.That(
            text.EndsWith(""","n":1e+21,"text":"{U}😀é</script>","buffer":{"type":"Buffer","data":[1,2]}}""".Replace("{U}", "\u2028", StringComparison.Ordinal), StringComparison.Ordinal),
            $"the members of Node at the end of the stored text, which is {text}");
    }

    [Theory, EachServer]
    public async Task A_fresh_session_is_not_touched_by_dotnet(string server, Runtime begins)
    {
        var (stage, first, _) = await OpenBothAsync(server, begins, OneHour);
        var dotNet = await stage.OpenAsync(Runtime.DotNet, OneHour);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));
        await stage.Server.SetLifeAsync(browser.Id, TimeSpan.FromMinutes(56));

        await browser.RunAsync(dotNet, Steps.Get("a"));

        Check.Between(TimeSpan.FromMinutes(55), TimeSpan.FromMinutes(56.1), (await stage.Server.ReadAsync(browser.Id)).Remaining, "the life of the record");
    }

    [Theory, EachServer]
    public async Task Rolling_there_renews_the_cookie_from_here(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var first = await stage.OpenAsync(stage.First, OneHour);
        var second = await stage.OpenAsync(stage.Second, OneHour with { Rolling = true });
        var browser = new Browser();
        var made = await browser.RunAsync(first, Steps.Set("a", 1));
        var value = browser.Cookie;

        var answer = await browser.RunAsync(second, Steps.Get("a"));

        Check.Equal(made.Attributes, answer.Attributes, "the attributes of the renewed cookie");
        Check.Equal(value, browser.Cookie, "the value of the cookie");
    }

    [Theory, EachServer]
    public async Task Without_rolling_neither_side_renews_the_cookie_of_an_unchanged_session(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins, OneHour);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));

        Check.Equal(null, (await browser.RunAsync(second, Steps.Get("a"))).SetCookie, "the cookie from there");
        Check.Equal(null, (await browser.RunAsync(first, Steps.Get("a"))).SetCookie, "the cookie from here");
    }

    [Theory, EachServer]
    public async Task A_change_of_an_expiring_session_renews_the_cookie_on_both_sides(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins, OneHour);
        var browser = new Browser();
        var made = await browser.RunAsync(first, Steps.Set("a", 1));

        Check.Equal(made.Attributes, (await browser.RunAsync(second, Steps.Set("b", 2))).Attributes, "the cookie from there");
        Check.Equal(made.Attributes, (await browser.RunAsync(first, Steps.Set("c", 3))).Attributes, "the cookie from here");
    }

    [Theory, EachServer]
    public async Task A_maxAge_given_there_counts_here(string server, Runtime begins)
    {
        var (stage, first, second) = await OpenBothAsync(server, begins, OneHour);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));

        var answer = await browser.RunAsync(second, Steps.MaxAge(7 * 86_400_000), Steps.Set("remember", true));
        Check.That(answer.SetCookie is not null, "the cookie is sent again");
        await stage.Server.SetLifeAsync(browser.Id, TimeSpan.FromMinutes(10));
        var cookie = await browser.AskAsync(first, Steps.Cookie());

        // Node counts what is left when it assigns, which can be a millisecond less.
        Check.That(cookie.GetProperty("originalMaxAge").GetDouble() is > 604_799_000 and <= 604_800_000, "a week is the idle time here");
        Check.Between(TimeSpan.FromDays(6.99), TimeSpan.FromDays(7.01), (await stage.Server.ReadAsync(browser.Id)).Remaining, "the life after a touch here");
    }

    [Theory, EachServer]
    public async Task A_maxAge_of_null_there_makes_it_a_browser_session_here(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var first = await stage.OpenAsync(stage.First, OneHour with { Rolling = true });
        var second = await stage.OpenAsync(stage.Second, OneHour);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));

        await browser.RunAsync(second, Steps.MaxAge(null), Steps.Set("b", 2));

        var answer = await browser.RunAsync(first, Steps.Cookie());
        Check.Json("null", answer[0].GetProperty("originalMaxAge"), "originalMaxAge");
        Check.Equal("Path=/; HttpOnly", answer.Attributes, "the cookie that is sent again");
    }

    [Theory, EachServer]
    public async Task A_maxAge_alone_is_stored_by_dotnet_and_read_by_Node(string server, Runtime begins)
    {
        var (stage, first, _) = await OpenBothAsync(server, begins, OneHour);
        var (node, dotNet) = (await stage.OpenAsync(Runtime.Node, OneHour), await stage.OpenAsync(Runtime.DotNet, OneHour));
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));

        await browser.RunAsync(dotNet, Steps.MaxAge(7_200_000));

        Check.Json("7200000", (await browser.AskAsync(node, Steps.Cookie())).GetProperty("originalMaxAge"), "originalMaxAge in Node");
        Check.Between(TimeSpan.FromHours(1.99), TimeSpan.FromHours(2.01), (await stage.Server.ReadAsync(browser.Id)).Remaining, "the life after a touch by Node");
    }

    [Theory, EachServer]
    public async Task An_idle_time_of_thirty_days_fits_both(string server, Runtime begins)
    {
        var (stage, first, second) = await OpenBothAsync(server, begins, new SiteOptions { MaxAge = 2_592_000_000 });
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));
        await browser.RunAsync(second, Steps.Set("b", 1));
        await browser.RunAsync(first, Steps.Set("c", 1));

        var maxAge = (await browser.AskAsync(second, Steps.Cookie())).GetProperty("originalMaxAge").GetDouble();
        Check.That(maxAge is > 2_591_990_000 and <= 2_592_000_000, $"thirty days, but it is {maxAge}");
        Check.Between(TimeSpan.FromDays(29.99), TimeSpan.FromDays(30.01), (await stage.Server.ReadAsync(browser.Id)).Remaining, "the life of the record");
    }

    [Theory, EachServer]
    public async Task An_expired_session_is_gone_on_both_sides(string server, Runtime begins)
    {
        var (stage, first, second) = await OpenBothAsync(server, begins, OneHour);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));
        await stage.Server.SetLifeAsync(browser.Id, TimeSpan.FromSeconds(-5));

        Check.Json("[]", await browser.Copy().AskAsync(second, Steps.Keys()), "the members there");
        Check.Json("[]", await browser.Copy().AskAsync(first, Steps.Keys()), "the members here");
    }

    [Theory, EachServer]
    public async Task A_date_in_the_cookie_that_has_passed_ends_nothing(string server, Runtime begins)
    {
        var (stage, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser(cookie: Signed.Value("stale"));
        await stage.Server.WriteAsync("stale",
            """{"cookie":{"originalMaxAge":3600000,"expires":"2001-01-01T00:00:00.000Z","httpOnly":true,"path":"/"},"a":1}""", Hour);

        Check.Json("1", await browser.AskAsync(first, Steps.Get("a")), "the member here");
        await browser.RunAsync(second, Steps.Set("b", 2));
        await browser.RunAsync(first, Steps.Set("c", 3));

        Check.Json("""["a","b","c"]""", await browser.AskAsync(second, Steps.Keys()), "the members");
        await LivesAnHourAsync(stage, browser, "the record");
    }

    [Theory, EachServer]
    public async Task A_save_by_dotnet_of_a_session_with_a_passed_date_keeps_it(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        await stage.OpenBothAsync();
        var (node, dotNet) = (await stage.OpenAsync(Runtime.Node), await stage.OpenAsync(Runtime.DotNet));
        var browser = new Browser(cookie: Signed.Value("stale-saved"));
        await stage.Server.WriteAsync("stale-saved",
            """{"cookie":{"originalMaxAge":3600000,"expires":"2001-01-01T00:00:00.000Z","httpOnly":true,"path":"/"},"a":1}""", Hour);

        await browser.RunAsync(dotNet, Steps.Save());
        await browser.RunAsync(dotNet, Steps.Increment("a"), Steps.Save());

        Check.Json("2", await browser.AskAsync(node, Steps.Get("a")), "a");
    }

    // A trap that the guide names: connect-redis takes the passed date for an expiry.
    [Theory, EachServer("redis")]
    public async Task A_save_by_Node_of_a_session_with_a_passed_date_ends_it_unless_it_is_touched_first(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        await stage.OpenBothAsync();
        var node = await stage.OpenAsync(Runtime.Node);
        foreach (var (touches, lives) in new[] { (false, false), (true, true) })
        {
            await stage.Server.WriteAsync("stale-in-node",
                """{"cookie":{"originalMaxAge":3600000,"expires":"2001-01-01T00:00:00.000Z","httpOnly":true,"path":"/"},"a":1}""", Hour);

            await new Browser(cookie: Signed.Value("stale-in-node")).RunAsync(node, touches ? Steps.Touch() : Steps.Keys(), Steps.Save());

            Check.Equal(lives, await stage.Server.FindAsync("stale-in-node") is not null, $"whether it lives when it is {(touches ? "" : "not ")}touched first");
        }
    }

    [Theory, EachServer]
    public async Task The_idle_time_that_Node_let_drift_stays_as_it_is(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        await stage.OpenBothAsync();
        var (node, dotNet) = (await stage.OpenAsync(Runtime.Node), await stage.OpenAsync(Runtime.DotNet));
        var browser = new Browser(cookie: Signed.Value("drifted"));
        await stage.Server.WriteAsync("drifted",
            """{"cookie":{"originalMaxAge":59989,"expires":"2030-01-01T00:00:00.000Z","httpOnly":true,"path":"/"},"a":1}""", Hour);

        await browser.RunAsync(dotNet, Steps.Set("b", 2));

        Check.Json("59989", (await browser.AskAsync(node, Steps.Cookie())).GetProperty("originalMaxAge"), "originalMaxAge");
        Check.That((await stage.Server.ReadAsync(browser.Id)).Text.Contains("\"originalMaxAge\":59989", StringComparison.Ordinal), "the stored idle time is the same");
    }

    [Theory, EachServer]
    public async Task An_absolute_limit_survives_Node_and_ends_the_session_for_dotnet(string server, Runtime begins)
    {
        var (stage, first, _) = await OpenBothAsync(server, begins, OneHour);
        var (node, dotNet) = (await stage.OpenAsync(Runtime.Node, OneHour), await stage.OpenAsync(Runtime.DotNet, OneHour));
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));
        var limit = DateTimeOffset.UtcNow.AddSeconds(3);
        await browser.RunAsync(dotNet, Steps.SetAbsolute(limit.ToUnixTimeMilliseconds()));

        await browser.RunAsync(node, Steps.Set("b", 2));

        await LivesAnHourAsync(stage, browser, "the record, which Node has extended past the limit");
        await Wait.UntilAsync(
            async _ => (await browser.Copy().AskAsync(dotNet, Steps.Keys())).GetArrayLength() == 0, TimeSpan.FromSeconds(20), "the end of the session");
        Check.That(DateTimeOffset.UtcNow >= limit, "the session did not end before its limit");
    }

    private static async Task LivesAnHourAsync(Stage stage, Browser browser, string what) =>
        Check.Between(TimeSpan.FromMinutes(59), Hour + TimeSpan.FromSeconds(2), (await stage.Server.ReadAsync(browser.Id)).Remaining, $"the life of {what}");
}
