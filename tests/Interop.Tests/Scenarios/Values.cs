using System.Text;
using System.Text.Json;
using SessionStores.Interop.Tests.Running;
using SessionStores.Interop.Tests.Sites;

namespace SessionStores.Interop.Tests.Scenarios;

/// <summary>Values that two runtimes could easily understand differently.</summary>
public sealed class Values(StagesFixture stages) : ScenarioTest(stages)
{
    private static readonly string[] Texts =
    [
        "", "Zoë", "Ελληνικά", "日本語", "👩🏽‍🚀 😀", "\u2028\u2029", "\u00A0\u00AD\uFEFF\uFFFD", "\0\u0001\u001F\u007F",
        "\"quoted\\\"", "<script>&amp;'+/</script>", "%41+b", "\uE000\U0010FFFF", "null", "2026-01-01T00:00:00.000Z",
    ];

    [Theory, EachServer]
    public async Task Text_of_every_kind_arrives(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        await browser.RunAsync(first, [.. Texts.Select((text, index) => Steps.Set($"t{index}", text))]);

        await browser.RunAsync(second, Steps.Set("other", 1));

        foreach (var site in new[] { first, second })
        {
            var answer = await browser.RunAsync(site, [.. Texts.Select((_, index) => Steps.GetText($"t{index}"))]);
            for (var index = 0; index < Texts.Length; index++)
                Check.Equal(Texts[index], answer[index].GetString(), $"text {index} on {site.Runtime}");
        }
    }

    [Theory, EachServer]
    public async Task Half_a_surrogate_pair_of_Node_passes_through(string server, Runtime begins)
    {
        var (stage, first, _) = await OpenBothAsync(server, begins);
        var (node, dotNet) = (await stage.OpenAsync(Runtime.Node), await stage.OpenAsync(Runtime.DotNet));
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));
        // Only JavaScript text can hold it.
        using var half = new StringContent("""[["set","half","x\ud800y"],["set","list",["\udfff"]]]""", Encoding.UTF8, "application/json");
        await browser.SendAsync(node, HttpMethod.Post, "/steps", half);

        await browser.RunAsync(dotNet, Steps.Set("b", 2));

        var record = await stage.Server.ReadAsync(browser.Id);
        Check.That(record.Text.Contains("""x\ud800y""", StringComparison.Ordinal), "the escape of the half is still stored");
        Check.That(record.Text.Contains("\"b\":2", StringComparison.Ordinal), "the member of .NET is stored");
        Check.Json("2", await browser.AskAsync(node, Steps.Get("b")), "b");
    }

    [Theory, EachServer]
    public async Task Nested_values_arrive(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        const string nested = """{"o":{"empty":{},"list":[[],[[1],{"a":null}],true,false,null,"x"],"deep":{"a":{"b":{"c":{"d":[{"e":"f"}]}}}}}}""";
        var (first, second) = await stage.OpenBothAsync();
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("nested", JsonSerializer.Deserialize<JsonElement>(nested)));

        await browser.RunAsync(second, Steps.Change("nested", "more", 1));
        await browser.RunAsync(first, Steps.Change("nested", "more", 2));

        Check.Json(nested[..^1] + ",\"more\":2}", await browser.AskAsync(second, Steps.Get("nested")), "the value");
    }

    [Theory, EachServer]
    public async Task A_value_nested_five_hundred_deep_arrives(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        var deep = new string('[', 500) + new string(']', 500);
        using var document = JsonDocument.Parse(deep, new JsonDocumentOptions { MaxDepth = 600 });
        await browser.RunAsync(first, Steps.Set("deep", document.RootElement));

        await browser.RunAsync(second, Steps.Set("other", 1));

        Check.Json(deep, await browser.AskAsync(first, Steps.Get("deep")), "the value");
    }

    [Theory, EachServer]
    public async Task Dates_are_the_same_instant(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        long[] instants = [0, 1, 1_767_225_600_000, 1_767_225_600_120, 253_402_300_799_999, -62_135_596_800_000, 951_826_554_321];
        await browser.RunAsync(first, [.. instants.Select((instant, index) => Steps.SetDate($"d{index}", instant))]);

        foreach (var site in new[] { second, first })
        {
            var answer = await browser.RunAsync(site, [.. instants.Select((_, index) => Steps.GetDate($"d{index}"))]);
            for (var index = 0; index < instants.Length; index++)
                Check.Equal(instants[index], answer[index].GetInt64(), $"instant {index} on {site.Runtime}");
        }
    }

    [Theory, EachServer]
    public async Task Dates_are_written_alike(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.SetDate("here", 1_767_225_600_120));
        await browser.RunAsync(second, Steps.SetDate("there", 1_767_225_600_120));

        var answer = await browser.RunAsync(second, Steps.Get("here"), Steps.Get("there"));
        Check.Equal("2026-01-01T00:00:00.120Z", answer[0].GetString(), "the text of one side");
        Check.Equal("2026-01-01T00:00:00.120Z", answer[1].GetString(), "the text of the other");
    }

    [Theory, EachServer]
    public async Task Buffers_keep_their_bytes(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        byte[] bytes = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        await browser.RunAsync(first, Steps.SetBuffer("bytes", bytes), Steps.SetBuffer("none", []));

        var answer = await browser.RunAsync(second, Steps.GetBuffer("bytes"), Steps.GetBuffer("none"));
        Check.Equal(Convert.ToBase64String(bytes), answer[0].GetString(), "the bytes");
        Check.Equal("", answer[1].GetString(), "no bytes");
    }

    [Theory, EachServer]
    public async Task Numbers_at_the_edge_are_the_same_double(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        string[] numbers =
        [
            "0", "-1", "0.1", "0.30000000000000004", "9007199254740991", "-9007199254740991", "123456789012345680000", "1e+21", "1e-7", "5e-324",
            "1.7976931348623157e+308", "-2.2250738585072014e-308", "4294967296", "2147483648", "0.000001", "1.5",
        ];
        await browser.RunAsync(first, [.. numbers.Select((number, index) => Steps.SetNumber($"n{index}", number))]);
        await browser.RunAsync(second, Steps.Set("other", 1));

        foreach (var site in new[] { second, first })
        {
            var answer = await browser.RunAsync(site, [.. numbers.Select((_, index) => Steps.GetNumber($"n{index}"))]);
            for (var index = 0; index < numbers.Length; index++)
                Check.Equal(numbers[index], answer[index].GetString(), $"number {index} on {site.Runtime}");
        }
    }

    [Theory, EachServer]
    public async Task Minus_zero_is_zero_on_the_other_side(string server, Runtime begins)
    {
        var (_, first, second) = await OpenBothAsync(server, begins);
        var browser = new Browser();
        await browser.RunAsync(first, Steps.SetNumber("zero", "-0"));

        Check.Equal("0", (await browser.AskAsync(second, Steps.GetNumber("zero"))).GetString(), "minus zero");
    }

    [Theory, EachServer]
    public async Task A_big_integer_as_text_keeps_every_digit(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        const string big = "170141183460469231731687303715884105727";
        var (first, second) = await stage.OpenBothAsync();
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("big", big));
        await browser.RunAsync(second, Steps.Set("other", 1));

        Check.Equal(big, (await browser.AskAsync(first, Steps.GetText("big"))).GetString(), "the big integer");
    }

    [Theory, EachServer]
    public async Task A_long_of_dotnet_keeps_its_digits_while_Node_only_reads(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        const string tooBigForADouble = "9007199254740993";
        await stage.OpenBothAsync();
        var (node, dotNet) = (await stage.OpenAsync(Runtime.Node), await stage.OpenAsync(Runtime.DotNet));
        var browser = new Browser();
        await browser.RunAsync(await stage.OpenAsync(stage.First), Steps.Set("a", 1));
        await browser.RunAsync(dotNet, Steps.Set("long", JsonSerializer.Deserialize<JsonElement>(tooBigForADouble)));

        Check.Equal("9007199254740992", (await browser.AskAsync(node, Steps.GetNumber("long"))).GetString(), "what Node reads, which has doubles alone");
        Check.Equal(tooBigForADouble, (await browser.AskAsync(dotNet, Steps.Get("long"))).GetRawText(), "what .NET still reads");
    }

    [Theory, EachServer]
    public async Task What_JSON_cannot_say_is_null(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        await stage.OpenBothAsync();
        var (node, dotNet) = (await stage.OpenAsync(Runtime.Node), await stage.OpenAsync(Runtime.DotNet));
        var browser = new Browser();
        await browser.RunAsync(await stage.OpenAsync(stage.First), Steps.Set("a", 1));
        await browser.RunAsync(node, Steps.SetNumber("nan", "NaN"), Steps.SetNumber("infinity", "Infinity"));

        var answer = await browser.RunAsync(dotNet, Steps.Get("nan"), Steps.Get("infinity"), Steps.Set("b", 1));
        Check.Json("null", answer[0], "NaN");
        Check.Json("null", answer[1], "Infinity");
    }

    [Theory, EachServer]
    public async Task What_the_frameworks_own_session_stores_is_text_number_and_Buffer_for_Node(string server, Runtime begins)
    {
        var (stage, first, _) = await OpenBothAsync(server, begins);
        var (node, dotNet) = (await stage.OpenAsync(Runtime.Node), await stage.OpenAsync(Runtime.DotNet));
        var browser = new Browser();
        await browser.RunAsync(first, Steps.Set("a", 1));
        await browser.RunAsync(dotNet, Steps.FrameworkSet("text", "Zoë"), Steps.FrameworkSet("number", -42), Steps.FrameworkSet("bytes", new byte[] { 0xFF, 0, 1 }));

        var answer = await browser.RunAsync(node, Steps.Get("text"), Steps.Get("number"), Steps.GetBuffer("bytes"), Steps.Set("fromNode", "Ada"), Steps.Set("count", 7));
        Check.Json("\"Zoë\"", answer[0], "the text");
        Check.Json("-42", answer[1], "the number");
        Check.Equal("/wAB", answer[2].GetString(), "the bytes");

        answer = await browser.RunAsync(dotNet, Steps.FrameworkGet("fromNode"), Steps.FrameworkGet("count"), Steps.FrameworkGet("bytes"));
        Check.Equal("Ada", answer[0][0].GetString(), "the text of Node");
        Check.Equal(7, answer[1][1].GetInt32(), "the number of Node");
        Check.Equal("/wAB", answer[2][2].GetString(), "the bytes after a write of Node");
    }
}
