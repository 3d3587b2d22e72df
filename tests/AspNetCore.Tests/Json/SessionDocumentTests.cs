using System.Text;

namespace SessionStores.AspNetCore.Tests;

public sealed class SessionDocumentTests
{
    [Fact]
    public void Members_are_slices_in_the_order_of_the_payload()
    {
        var document = Parse("{\"cookie\":{\"path\":\"/\"},\"views\":1,\"user\":{\"cookie\":\"nested kept\"},\"list\":[1, 2]}");

        Assert.Equal(["cookie", "views", "user", "list"], Names(document));
        Assert.Equal("{\"cookie\":\"nested kept\"}", Value(document, "user"));
        Assert.Equal("[1, 2]", Value(document, "list"));
        Assert.False(document.TryGet("nested", out _));
    }

    [Fact]
    public void A_value_keeps_its_bytes_whatever_they_are()
    {
        foreach (var value in new[] { "1e+21", "-0", "1.50", "\"\\u00e9\\/\"", "\"\\ud800\"", "{ \"a\" : [ ] }", "null", "true" })
            Assert.Equal(value, Value(Parse($$"""{ "m" : {{value}} , "n":0}"""), "m"));
    }

    [Fact]
    public void Of_two_members_with_one_name_the_last_counts()
    {
        var document = Parse("""{"a":1,"b":2,"a":3}""");

        Assert.Equal("3", Value(document, "a"));
        Assert.Equal(3, document.Count);
    }

    [Fact]
    public void Names_are_compared_without_their_escapes()
    {
        var document = Parse("""{"a\"b":1,"\u006b\u00e9y":2,"ключ":3,"\\":4}""");

        Assert.Equal(["a\"b", "kéy", "ключ", "\\"], Names(document));
        Assert.Equal("1", Value(document, "a\"b"));
        Assert.Equal("2", Value(document, "kéy"));
        Assert.Equal("3", Value(document, "ключ"));
        Assert.Equal("\"\\u006b\\u00e9y\"", Encoding.UTF8.GetString(document.Members[1].QuotedName));
        Assert.False(document.TryGet("k", out _));
        Assert.False(document.TryGet("клю", out _));
    }

    [Fact]
    public void A_name_that_is_no_UTF16_passes_through_raw()
    {
        var document = Parse("""{"\ud800":1,"a":2}""");

        Assert.Equal("\"\\ud800\"", Encoding.UTF8.GetString(document.Members[0].QuotedName));
        Assert.Equal("2", Value(document, "a"));
    }

    [Theory]
    [InlineData(999, true)]
    [InlineData(1000, false)]
    [InlineData(5000, false)]
    public void What_is_nested_too_deep_to_be_saved_is_refused(int depth, bool isRead)
    {
        var deep = new string('[', depth) + new string(']', depth);

        Assert.Equal(isRead, SessionDocument.TryParse(Encoding.UTF8.GetBytes($"{{\"deep\":{deep}}}"), out _));
    }

    [Theory]
    [InlineData("{\"__subject\":1}")]
    [InlineData("{\"a\":1,\"__subject\":\"x\"}")]
    [InlineData("{\"\\u005f_subject\":1}")]
    [InlineData("{\"__subj\\u0065ct\":1}")]
    public void A_member_that_only_a_store_may_write_is_refused_whatever_its_escapes(string payload) =>
        Assert.False(SessionDocument.TryParse(Encoding.UTF8.GetBytes(payload), out _));

    [Fact]
    public void Bytes_that_are_no_UTF8_are_refused()
    {
        Assert.False(SessionDocument.TryParse((byte[])[.. "{\"a\":\""u8, 0xC3, .. "\"}"u8], out _));
        Assert.False(SessionDocument.TryParse((byte[])[.. "{\""u8, 0xED, 0xA0, 0x80, .. "\":1}"u8], out _));
    }

    [Fact]
    public void A_name_with_half_of_a_surrogate_pair_is_found_by_that_name_and_is_no_other()
    {
        var document = Parse("""{"\ud800x\n":1,"\\ud800x\n":2,"\ud83d\ude00":3}""");

        Assert.Equal("1", Value(document, "\ud800x\n"));
        Assert.Equal("2", Value(document, "\\ud800x\n"));
        Assert.Equal("3", Value(document, "😀"));
        Assert.Equal(["\ud800x\n", "\\ud800x\n", "😀"], Names(document));
        Assert.False(Parse("""{"\ufffd":1}""").TryGet("\ud800", out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("1")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{")]
    [InlineData("{\"a\":}")]
    [InlineData("{\"a\":1}x")]
    [InlineData("{\"a\":1}{}")]
    [InlineData("{'a':1}")]
    [InlineData("<html>")]
    public void Anything_but_one_object_is_refused(string payload) =>
        Assert.False(SessionDocument.TryParse(Encoding.UTF8.GetBytes(payload), out _));

    [Fact]
    public void The_empty_object_has_no_members()
    {
        Assert.Equal(0, Parse(" {} ").Count);
        Assert.Equal(0, SessionDocument.Empty.Count);
        Assert.Equal("{}", Encoding.UTF8.GetString(SessionDocument.Empty.Payload.Span));
    }

    private static SessionDocument Parse(string payload)
    {
        Assert.True(SessionDocument.TryParse(Encoding.UTF8.GetBytes(payload), out var document));
        return document;
    }

    private static List<string> Names(SessionDocument document)
    {
        var names = new List<string>();
        foreach (var member in document.Members)
            names.Add(member.GetName());

        return names;
    }

    private static string Value(SessionDocument document, string name)
    {
        Assert.True(document.TryGet(name, out var value));
        return Encoding.UTF8.GetString(value.Span);
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(5_000)]
    public void A_member_is_found_however_many_there_are_and_the_last_of_a_name_counts(int count)
    {
        var members = Enumerable.Range(0, count - 1).Select(i => $"\"m{i}\":{i}").Append("\"m0\":\"last\"");
        var payload = System.Text.Encoding.UTF8.GetBytes($"{{{string.Join(',', members)}}}");

        Assert.True(SessionDocument.TryParse(payload, out var document));

        Assert.Equal(count, document.Count);
        Assert.True(document.TryGet("m0", out var last));
        Assert.Equal("\"last\"", System.Text.Encoding.UTF8.GetString(last.Span));
        Assert.True(document.TryGet($"m{count - 2}", out var value));
        Assert.Equal($"{count - 2}", System.Text.Encoding.UTF8.GetString(value.Span));
        Assert.False(document.TryGet("absent", out _));
    }
}
