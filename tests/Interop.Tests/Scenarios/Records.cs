using System.Net;
using System.Text.Json;
using SessionStores.Interop.Tests.Running;
using SessionStores.Interop.Tests.Sites;

namespace SessionStores.Interop.Tests.Scenarios;

/// <summary>The shape of records: what .NET writes never troubles Node, and odd records of others trouble .NET no more than they must.</summary>
public sealed class Records(StagesFixture stages) : ScenarioTest(stages)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>Cookies that Node can live with, though no current release writes them.</summary>
    private static readonly string[] OddCookies =
    [
        """{}""",
        """{"expires":"2030-01-01T00:00:00.000Z","path":"/"}""",
        """{"OriginalMaxAge":3600000,"Expires":"2030-01-01T00:00:00.000Z","HttpOnly":true,"Path":"/"}""",
        """{"originalMaxAge":null,"expires":"2030-01-01T00:00:00.000Z","httpOnly":true,"path":"/"}""",
        """{"originalMaxAge":false,"expires":false,"httpOnly":true,"path":"/"}""",
        """{"originalMaxAge":3600000,"expires":null,"httpOnly":true,"path":"/"}""",
        """{"originalMaxAge":3600000,"expires":"2030-01-01T00:00:00.1234567Z","httpOnly":true,"path":"/"}""",
        """{"originalMaxAge":3600000,"expires":"2030-01-01T02:00:00.000+02:00","httpOnly":true,"path":"/"}""",
        """{"originalMaxAge":3600000.5,"expires":"2030-01-01T00:00:00","httpOnly":true}""",
        """{"originalMaxAge":3600000,"expires":"2030-01-01T00:00:00.000Z","secure":null,"httpOnly":true,"domain":null,"path":"/","sameSite":null,"partitioned":null,"priority":null}""",
        """{"originalMaxAge":3600000,"expires":"2030-01-01T00:00:00.000Z","httpOnly":true,"path":"/","sameSite":"Lax"}""",
        """{"originalMaxAge":3600000,"expires":"2030-01-01T00:00:00.000Z","httpOnly":true,"path":"/","sameSite":true,"priority":"HIGH"}""",
        """{"originalMaxAge":3600000,"expires":"2030-01-01T00:00:00.000Z","httpOnly":false,"path":"/","sameSite":false,"secure":false}""",
        """{"originalMaxAge":3600000,"expires":"2030-01-01T00:00:00.000Z","httpOnly":true,"path":"/","signed":true,"encode":{"a":1}}""",
    ];

    /// <summary>Records that make Node answer 500 or drop the connection, whoever wrote them.</summary>
    private static readonly string[] ImpossibleRecords =
    [
        """{"a":1}""", """{"cookie":null,"a":1}""", """{"cookie":"x","a":1}""", "{}",
        """{"cookie":{"originalMaxAge":"3600000","expires":"2030-01-01T00:00:00.000Z","httpOnly":true,"path":"/"},"a":1}""",
    ];

    [Theory, EachServer]
    public async Task Whatever_dotnet_writes_has_a_complete_cookie_that_Node_takes(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        SiteOptions[] variants =
        [
            new(), new() { MaxAge = 3_600_000, SameSite = "lax", Priority = "high", Domain = "localhost" }, new() { Rolling = true, MaxAge = 61_500 },
            new() { Resave = true, SaveUninitialized = true, MaxAge = 2_592_000_000 }, new() { HttpOnly = false, SameSite = "strict", Path = "/steps" },
        ];
        object?[][][] requests =
        [
            [Steps.Set("a", 1)], [Steps.Set("a", 2)], [Steps.Delete("a")], [Steps.MaxAge(7_200_000)], [Steps.MaxAge(null)], [Steps.MaxAge(62_500)],
            [Steps.SetSubject("ada")], [Steps.SetAbsolute(DateTimeOffset.UtcNow.AddHours(3).ToUnixTimeMilliseconds())], [Steps.Set("b", new { c = 1 }), Steps.Save(), Steps.Set("d", 1)],
            [Steps.Rotate()], [Steps.Regenerate(), Steps.Set("e", 1)], [Steps.Touch()], [Steps.Reload(), Steps.Set("f", 1)], [Steps.SetSubject(null), Steps.Set("g", 1)],
        ];
        foreach (var options in variants)
        {
            await stage.OpenBothAsync(options);
            var (node, dotNet) = (await stage.OpenAsync(Runtime.Node, options), await stage.OpenAsync(Runtime.DotNet, options));
            var browser = new Browser();
            await browser.RunAsync(stage.First == Runtime.Node ? node : dotNet, Steps.Set("start", 1));
            foreach (var request in requests)
            {
                await browser.RunAsync(dotNet, request);
                CheckCookie((await stage.Server.ReadAsync(browser.Id)).Text);
                await browser.RunAsync(node, Steps.Increment("node"), Steps.Cookie());
            }
        }
    }

    [Theory, EachServer]
    public async Task Odd_cookies_of_other_writers_are_read_and_completed(string server, Runtime begins)
    {
        var (stage, first, second) = await OpenBothAsync(server, begins);
        for (var index = 0; index < OddCookies.Length; index++)
        {
            var id = $"odd-cookie-{index}";
            var browser = new Browser(cookie: Signed.Value(id));
            await stage.Server.WriteAsync(id, $"{{\"cookie\":{OddCookies[index]},\"a\":1}}", Hour);

            await browser.RunAsync(first, Steps.Increment("a"), Steps.Cookie());
            await browser.RunAsync(second, Steps.Increment("a"), Steps.Cookie());
            await browser.RunAsync(first, Steps.Increment("a"), Steps.MaxAge(3_600_000));

            Check.Json("4", await browser.AskAsync(second, Steps.Get("a")), $"the member of the record with the cookie {OddCookies[index]}");
            CheckCookie((await stage.Server.ReadAsync(id)).Text);
        }
    }

    // This shows that the count of answers 500 notices them; for Node alone such a record is fatal.
    [Theory, EachServer]
    public async Task Records_without_a_usable_cookie_are_fatal_for_Node_and_a_new_visit_for_dotnet(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        await stage.OpenBothAsync();
        var (node, dotNet) = (await stage.OpenAsync(Runtime.Node), await stage.OpenAsync(Runtime.DotNet));
        await stage.TakeNodeTroubleAsync();
        for (var index = 0; index < ImpossibleRecords.Length; index++)
        {
            var id = $"impossible-{index}";
            var cookie = Signed.Value(id);
            await stage.Server.WriteAsync(id, ImpossibleRecords[index], Hour);

            var answer = await new Browser(cookie: cookie).RunAsync(dotNet, Steps.LoadResult(), Steps.Keys(), Steps.Set("b", 1));
            Check.Json("\"Unreadable\"", answer[0], $"why there is no session in {ImpossibleRecords[index]}");
            Check.Equal(ImpossibleRecords[index], (await stage.Server.ReadAsync(id)).Text, "the record, which .NET leaves as it is");

            var expected = await stage.TroubleOfAsync(() => new Browser(cookie: cookie).TryAsync(node, Steps.Keys()));
            Check.That(expected.Count > 0, $"Node fails on {ImpossibleRecords[index]}");
            await stage.Server.RemoveAsync(id);
        }
    }

    [Theory, EachServer]
    public async Task Reserved_names_in_a_record_hurt_neither_side(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        string[] names =
        [
            "req", "id", "touch", "resetMaxAge", "save", "reload", "destroy", "regenerate", "constructor", "toString", "valueOf", "toLocaleString",
            "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "__proto__", "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__",
        ];
        var (first, second) = await stage.OpenBothAsync();
        var browser = new Browser(cookie: Signed.Value("reserved"));
        var members = string.Join(',', names.Select(name => $"\"{name}\":1"));
        await stage.Server.WriteAsync("reserved",
            "{\"cookie\":{\"originalMaxAge\":null,\"expires\":null,\"httpOnly\":true,\"path\":\"/\"},\"a\":1," + members + "}", Hour);

        await browser.RunAsync(first, Steps.Increment("a"));
        await browser.RunAsync(second, Steps.Increment("a"), Steps.Save());
        await browser.RunAsync(first, Steps.Increment("a"), Steps.Reload());

        Check.Json("3", (await browser.RunAsync(second, Steps.Get("a")))[0], "a");
        var dotNet = await stage.OpenAsync(Runtime.DotNet);
        foreach (var name in names)
            Check.Equal(HttpStatusCode.InternalServerError, (await browser.TryAsync(dotNet, Steps.Set(name, 1))).Status, $"the answer of .NET to a member named {name}");
    }

    [Theory, EachServer]
    public async Task Of_two_members_with_one_name_the_last_counts_on_both_sides(string server, Runtime begins)
    {
        var (stage, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser(cookie: Signed.Value("twice"));
        await stage.Server.WriteAsync("twice",
            """{"a":1,"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"},"a":2,"b":{"c":1,"c":2}}""", Hour);

        foreach (var site in new[] { first, second })
        {
            var answer = await browser.RunAsync(site, Steps.Get("a"), Steps.GetNumber("a"));
            Check.Json("2", answer[0], $"a on {site.Runtime}");
        }

        await browser.RunAsync(first, Steps.Set("a", 3));
        Check.Json("3", await browser.AskAsync(second, Steps.Get("a")), "a after an assignment");
    }

    [Theory, EachServer]
    public async Task A_record_with_white_space_and_escapes_is_read_by_both(string server, Runtime begins)
    {
        var (stage, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser(cookie: Signed.Value("spaced"));
        await stage.Server.WriteAsync("spaced",
            " {\n  \"cookie\" : { \"originalMaxAge\" : 3600000 , \"expires\":\"2030-01-01T00:00:00.000Z\",\"httpOnly\":true,\"path\":\"\\/\" } ,\r\n\t\"\\u0061\" : \"\\u00e9\\/\\ud83d\\ude00\" }\n", Hour);

        await browser.RunAsync(first, Steps.Set("b", 1));

        Check.Json("\"é/😀\"", await browser.AskAsync(second, Steps.Get("a")), "a");
    }

    [Theory, EachServer]
    public async Task Integer_like_names_that_Node_moves_to_the_front_are_no_change(string server, Runtime begins)
    {
        var (stage, first, _) = await OpenBothAsync(server, begins);
        var (node, dotNet) = (await stage.OpenAsync(Runtime.Node), await stage.OpenAsync(Runtime.DotNet));
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("z", 1), Steps.Set("10", 10), Steps.Set("2", 2));
        await browser.RunAsync(node, Steps.Set("y", 1));

        await browser.RunAsync(dotNet, Steps.Increment("z"));

        var answer = await browser.RunAsync(node, Steps.Get("2"), Steps.Get("10"), Steps.Get("z"));
        Check.Json("2", answer[0], "2");
        Check.Json("10", answer[1], "10");
        Check.Json("2", answer[2], "z");
    }

    [Theory, EachServer("mongo")]
    public async Task Sub_documents_are_read_and_written_by_both(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins, new SiteOptions { Stringify = false, MaxAge = 2_592_000_000 });
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", new { b = new object?[] { 1, 1.5, null, "x", true } }), Steps.Set("count", 1));

        await browser.RunAsync(second, Steps.Increment("count"));
        await browser.RunAsync(first, Steps.Increment("count"));

        var answer = await browser.RunAsync(second, Steps.Get("a"), Steps.Get("count"));
        Check.Json("""{"b":[1,1.5,null,"x",true]}""", answer[0], "a");
        Check.Json("3", answer[1], "count");
    }

    [Theory, EachServer("mongo")]
    public async Task Dotnet_keeps_the_shape_in_which_Node_stores(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var dotNet = await stage.OpenAsync(Runtime.DotNet);
        var text = await stage.OpenAsync(Runtime.Node);
        var subDocuments = await stage.OpenAsync(Runtime.Node, new SiteOptions { Stringify = false });
        foreach (var node in new[] { text, subDocuments })
        {
            var browser = new Browser();
            await browser.RunAsync(node, Steps.Set("count", 1), Steps.SetDate("at", 0), Steps.Set("list", new[] { 1, 2 }));

            await browser.RunAsync(dotNet, Steps.Increment("count"), Steps.Push("list", 3));

            var answer = await browser.RunAsync(node, Steps.Get("count"), Steps.GetDate("at"), Steps.Get("list"));
            Check.Json("2", answer[0], "count");
            Check.Json("0", answer[1], "at");
            Check.Json("[1,2,3]", answer[2], "list");
        }
    }

    /// <summary>Complete as table 8.2 of the format asks: a number and a date, or null twice; and nothing that runs a setter in Node.</summary>
    private static void CheckCookie(string text)
    {
        using var record = JsonDocument.Parse(text);
        var cookie = record.RootElement.GetProperty("cookie");
        var (maxAge, expires) = (cookie.GetProperty("originalMaxAge"), cookie.GetProperty("expires"));
        var isBrowserSession = maxAge.ValueKind is JsonValueKind.Null or JsonValueKind.False && expires.ValueKind is JsonValueKind.Null or JsonValueKind.False;
        var expiresAtADate = maxAge.ValueKind == JsonValueKind.Number && expires.ValueKind == JsonValueKind.String &&
            DateTimeOffset.TryParseExact(expires.GetString(), "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", null, System.Globalization.DateTimeStyles.AssumeUniversal, out _);
        Check.That(isBrowserSession || expiresAtADate, $"a complete cookie, but it is {cookie.GetRawText()}");
        Check.That(!cookie.TryGetProperty("maxAge", out _), "no member maxAge, which would run a setter");
        Check.That(cookie.TryGetProperty("path", out _) && cookie.TryGetProperty("httpOnly", out _), $"path and httpOnly, but the cookie is {cookie.GetRawText()}");
    }
}
