using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using SessionStores.AspNetCore;
using SessionStores.AspNetCore.Tests;

namespace SessionStores.AspNetCore.IntegrationTests.Bridge;

/// <summary>What becomes of the byte arrays of <c>HttpContext.Session</c> in the stored record, and back.</summary>
public sealed class ValueTests
{
    [Fact]
    public async Task Every_class_of_four_bytes_comes_back_byte_for_byte()
    {
        byte[] kinds = [0x00, 0x0a, 0x1f, 0x20, 0x22, 0x41, 0x5c, 0x7f, 0x80, 0x9f, 0xc3, 0xe2, 0xf0, 0xff];
        var values = new Dictionary<string, byte[]>();
        foreach (var a in kinds)
        {
            foreach (var b in kinds)
            {
                foreach (var c in kinds)
                {
                    foreach (var d in kinds)
                        values.Add($"{a:x2}{b:x2}{c:x2}{d:x2}", [a, b, c, d]);
                }
            }
        }

        Assert.Equal(38_416, values.Count);
        await RoundTripAsync(values);
    }

    [Fact]
    public async Task Text_and_bytes_of_any_length_come_back_byte_for_byte()
    {
        var random = new Random(20260101);
        var values = new Dictionary<string, byte[]>
        {
            ["empty"] = [],
            ["zero"] = [0],
            ["text"] = "O'Hara \"quoted\" \\ / \u2028 \t\r\n \0 ünï 😀 <script>&"u8.ToArray(),
            ["looks like a number"] = "12"u8.ToArray(),
            ["looks like a buffer"] = """{"type":"Buffer","data":[1,2]}"""u8.ToArray(),
            ["looks like null"] = "null"u8.ToArray(),
            ["cut off character"] = "é"u8[..1].ToArray(),
            ["every byte"] = [.. Enumerable.Range(0, 256).Select(value => (byte)value)],
        };
        for (var i = 0; i < 500; i++)
        {
            var bytes = new byte[random.Next(0, 40)];
            random.NextBytes(bytes);
            values.Add($"random {i}", bytes);
            values.Add($"text {i}", Encoding.UTF8.GetBytes(new string([.. Enumerable.Range(0, random.Next(0, 12)).Select(_ => (char)random.Next(0, 0xd800))])));
        }

        await RoundTripAsync(values);
    }

    [Fact]
    public async Task Text_numbers_and_bytes_are_what_a_Node_peer_expects()
    {
        await using var site = await Site.StartAsync(app => app.MapGet("/", (HttpContext context) =>
        {
            context.Session.SetString("text", "O'Hara ☺");
            context.Session.SetString("abcd", "abcd");
            context.Session.SetString("empty", "");
            context.Session.SetInt32("zero", 0);
            context.Session.SetInt32("seven", 7);
            context.Session.SetInt32("negative", -5);
            context.Session.SetInt32("big", int.MaxValue);
            context.Session.SetInt32("small", int.MinValue);
            context.Session.Set("bytes", [0, 255, 1, 2, 3]);
        }));
        using var browser = site.NewBrowser();

        await browser.GetAsync("/");

        using var record = JsonDocument.Parse((await site.RecordOf(browser))!.Payload);
        Assert.Equal("\"O'Hara ☺\"", Raw("text"));
        Assert.Equal("\"abcd\"", Raw("abcd"));
        Assert.Equal("\"\"", Raw("empty"));
        Assert.Equal("0", Raw("zero"));
        Assert.Equal("7", Raw("seven"));
        Assert.Equal("-5", Raw("negative"));
        Assert.Equal("2147483647", Raw("big"));
        Assert.Equal("-2147483648", Raw("small"));
        Assert.Equal("""{"type":"Buffer","data":[0,255,1,2,3]}""", Raw("bytes"));

        string Raw(string name) => record.RootElement.GetProperty(name).GetRawText();
    }

    [Fact]
    public async Task An_int_of_four_printable_bytes_is_read_as_the_same_int()
    {
        const int Printable = 0x41424344;
        await using var site = await Site.StartAsync(app =>
        {
            app.MapGet("/write", (HttpContext context) => context.Session.SetInt32("n", Printable));
            app.MapGet("/read", (HttpContext context) => context.Session.GetInt32("n"));
        });
        using var browser = site.NewBrowser();

        await browser.GetAsync("/write");

        Assert.Equal("1094861636", (await browser.GetAsync("/read")).Body);
        Assert.Contains("\"n\":\"ABCD\"", Encoding.UTF8.GetString((await site.RecordOf(browser))!.Payload.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_our_own_API_and_a_Node_peer_wrote_is_readable()
    {
        await using var site = await Site.StartAsync(app =>
        {
            app.MapGet("/write", (HttpSession session) => session.Set("own", "from us"));
            app.MapGet("/read", (HttpContext context) =>
            {
                var session = context.Session;
                Assert.Equal("from us", session.GetString("own"));
                Assert.Equal("O'Hara", session.GetString("text"));
                Assert.Equal(42, session.GetInt32("number"));
                Assert.Equal(-1, session.GetInt32("negative"));
                Assert.Equal("1.5", session.GetString("fraction"));
                Assert.Equal("4294967296", session.GetString("large"));
                Assert.Equal("true", session.GetString("flag"));
                Assert.Equal("""{"a": [1]}""", session.GetString("object"));
                Assert.Equal("[1, 2]", session.GetString("array"));
                Assert.Equal("{}", session.GetString("empty"));
                Assert.Equal("""{"\ud800type":1}""", session.GetString("odd"));
                Assert.Equal("""{"type":"\ud800Buffer"}""", session.GetString("odder"));
                Assert.Equal([1, 2, 250], session.Get("buffer"));
                Assert.Equal("""{"type":"Buffer","data":[1,256]}""", session.GetString("noBuffer"));
                Assert.Equal("\"\\ud800\"", session.GetString("half"));
                Assert.Null(session.GetString("nothing"));
                Assert.Equal("dollar", session.GetString("$dollar"));
                Assert.Contains("$dollar", session.Keys);
                return "read";
            });
        });
        using var browser = site.NewBrowser();
        await browser.GetAsync("/write");
        var record = (await site.RecordOf(browser))!;
        var payload = Encoding.UTF8.GetString(record.Payload.Span)[..^1] +
            ""","text":"O'Hara","number":42,"negative":-1,"fraction":1.5,"large":4294967296,"flag":true,"object":{"a": [1]},"array":[1, 2],"empty":{},"odd":{"\ud800type":1},"odder":{"type":"\ud800Buffer"},"buffer":{"type":"Buffer","data":[1,2,250]},"noBuffer":{"type":"Buffer","data":[1,256]},"half":"\ud800","nothing":null,"$dollar":"dollar"}""";
        await site.Store.Inner.SetAsync(record.Id, new SessionContent(Encoding.UTF8.GetBytes(payload), record.ExpiresAt));

        Assert.Equal("read", (await browser.GetAsync("/read")).Body);

        Assert.Equal(payload, Encoding.UTF8.GetString((await site.RecordOf(browser))!.Payload.Span));
    }

    [Fact]
    public async Task Any_key_can_be_used_whatever_the_record_reserves()
    {
        string[] keys = ["id", "$id", "$$id", "cookie", "$cookie", "__proto__", "__absolute", "__subject", "save", "$", "$x", "", "a b", "ü", "Id"];
        await using var site = await Site.StartAsync(app =>
        {
            app.MapGet("/write", (HttpContext context) =>
            {
                foreach (var key in keys)
                    context.Session.SetString(key, "value of " + key);
            });
            app.MapGet("/read", (HttpContext context) =>
            {
                Assert.Equal(keys.Order(StringComparer.Ordinal), context.Session.Keys.Order(StringComparer.Ordinal));
                Assert.All(keys, key => Assert.Equal("value of " + key, context.Session.GetString(key)));
                return "read";
            });
        });
        using var browser = site.NewBrowser();

        await browser.GetAsync("/write");

        Assert.Equal("read", (await browser.GetAsync("/read")).Body);
    }

    [Fact]
    public async Task A_key_or_text_with_half_of_a_surrogate_pair_is_treated_as_in_the_framework()
    {
        await using var site = await Site.StartAsync(app =>
        {
            app.MapGet("/write", (HttpContext context) => context.Session.SetString("a\ud800", "b\udc00"));
            app.MapGet("/read", (HttpContext context) =>
            {
                Assert.Equal(["a\ufffd"], context.Session.Keys);
                Assert.Equal("b\ufffd", context.Session.GetString("a\ufffd"));
                Assert.Equal("b\ufffd", context.Session.GetString("a\ud800"));
                context.Session.Remove("a\udfff");
                return context.Session.Keys.Count();
            });
        });
        using var browser = site.NewBrowser();

        Assert.Equal(200, (await browser.GetAsync("/write")).Status);
        Assert.Equal("0", (await browser.GetAsync("/read")).Body);
    }

    private static async Task RoundTripAsync(Dictionary<string, byte[]> values)
    {
        var parts = values.Chunk(300).ToList();
        await using var site = await Site.StartAsync(app =>
        {
            app.MapGet("/write/{part}", (HttpContext context, int part) =>
            {
                foreach (var (key, value) in parts[part])
                    context.Session.Set(key, value);
            });
            app.MapGet("/read", (HttpContext context) =>
            {
                var read = 0;
                foreach (var key in context.Session.Keys)
                {
                    Assert.Equal(values[key], context.Session.Get(key));
                    read++;
                }

                return read;
            });
        });

        for (var part = 0; part < parts.Count; part++)
        {
            using var browser = site.NewBrowser();
            Assert.Equal(200, (await browser.GetAsync($"/write/{part}")).Status);
            Assert.Equal($"{parts[part].Length}", (await browser.GetAsync("/read")).Body);
        }
    }
}
