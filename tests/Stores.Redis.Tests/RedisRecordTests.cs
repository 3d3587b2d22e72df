using System.Text;
using System.Text.Json;

namespace SessionStores.Redis.Tests;

/// <summary>The subject inside the bytes of a record.</summary>
public sealed class RedisRecordTests
{
    [Theory]
    [InlineData("""{"a":1}""", "ann", """{"a":1,"__subject":"ann"}""")]
    [InlineData("{}", "ann", """{"__subject":"ann"}""")]
    [InlineData(" { \n} \t", "ann", " { \n\"__subject\":\"ann\"} \t")]
    [InlineData("""{"a":{}} """, "ann", """{"a":{},"__subject":"ann"} """)]
    [InlineData("""{"a":"}"}""", "Zoë \"q\" \\ 😀/<b>", """{"a":"}","__subject":"Zoë \"q\" \\ 😀/<b>"}""")]
    [InlineData("""{"a":{"__subject":"x"},"b":"\"__subject\":\"y\"}"}""", "ann", """{"a":{"__subject":"x"},"b":"\"__subject\":\"y\"}","__subject":"ann"}""")]
    [InlineData("""{"a":{"__subject":"x"}}""", null, """{"a":{"__subject":"x"}}""")]
    public void A_subject_is_spliced_in_and_cut_out_again(string payload, string? subject, string stored)
    {
        var joined = RedisRecord.Join(Encoding.UTF8.GetBytes(payload), subject);
        var split = RedisRecord.Split(joined, out var found);

        Assert.Equal(stored, Encoding.UTF8.GetString(joined));
        Assert.Equal(payload, Encoding.UTF8.GetString(split.Span));
        Assert.Equal(subject, found);
    }

    [Theory]
    [InlineData("""{"__subject":"ann","a":1}""", """{"a":1}""", "ann")]
    [InlineData("""{"a":1,"__subject":"ann","b":2}""", """{"a":1,"b":2}""", "ann")]
    [InlineData("""{ "a" : [1,2] , "__subject" : "ann" , "b" : 2 }""", """{ "a" : [1,2]  , "b" : 2 }""", "ann")]
    [InlineData("""{ "__subject" : "a\u006en" }""", """{  }""", "ann")]
    [InlineData("""{"__subject":"ann","a":{"__subject":"x"},"__subject":"bob"}""", """{"a":{"__subject":"x"}}""", "bob")]
    [InlineData("""{"a":1,"__subject":{"b":[]}}""", """{"a":1}""", null)]
    [InlineData("""{"__subject":"ann","__subject":"bob"}""", "{}", "bob")]
    [InlineData("""{"__subject":"ann","__subject":"bob","a":1}""", """{"a":1}""", "bob")]
    [InlineData("""{"a":1,"__subject":"ann","__subject":"bob","b":2,"__subject":"cid"}""", """{"a":1,"b":2}""", "cid")]
    [InlineData("""{"a":1,"\u005f_subject":"ann"}""", """{"a":1}""", "ann")]
    [InlineData("""{"\ud800abcdefgh":1,"__subject":"ann"}""", """{"\ud800abcdefgh":1}""", "ann")]
    [InlineData("""{"a":"\ud800","__subject":"\ud800"}""", """{"a":"\ud800"}""", null)]
    [InlineData("""{"a":1,"__subject":""}""", """{"a":1}""", null)]
    [InlineData("""{"a":1,"__subject":"a\nb"}""", """{"a":1}""", null)]
    public void A_subject_that_a_peer_moved_is_cut_out_where_it_is(string stored, string payload, string? subject)
    {
        var bytes = Encoding.UTF8.GetBytes(stored);

        var split = RedisRecord.Split(bytes, out var found);

        Assert.Equal(payload, Encoding.UTF8.GetString(split.Span));
        Assert.Equal(subject, found);
        Assert.Equal(stored, Encoding.UTF8.GetString(bytes));
    }

    [Fact]
    public void Any_number_of_duplicates_is_removed_in_one_pass()
    {
        var stored = "{\"a\":1" + string.Concat(Enumerable.Range(0, 8000).Select(i => $",\"__subject\":\"{i}\"")) + "}";

        var split = RedisRecord.Split(Encoding.UTF8.GetBytes(stored), out var found);

        Assert.Equal("""{"a":1}""", Encoding.UTF8.GetString(split.Span));
        Assert.Equal("7999", found);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("null")]
    [InlineData("[{}]")]
    [InlineData("{\"a\":")]
    [InlineData("""{"a":1}}""")]
    [InlineData("""{"__subject":"ann",}""")]
    [InlineData("""{"__subject":"ann"}}""")]
    [InlineData("""{"a":"\u0041","b"}""")]
    public void What_is_not_JSON_is_not_split(string stored) =>
        Assert.ThrowsAny<JsonException>(() => RedisRecord.Split(Encoding.UTF8.GetBytes(stored), out _));

    [Fact]
    public void What_could_not_be_saved_again_is_not_read()
    {
        byte[] invalid = [.. "{\"a\":\""u8, 0xFF, .. "\"}"u8];
        Assert.ThrowsAny<JsonException>(() => RedisRecord.Split(invalid, out _));
        Assert.ThrowsAny<JsonException>(() => RedisRecord.Split(Encoding.UTF8.GetBytes("{\"a\":" + new string('[', 1000) + new string(']', 1000) + "}"), out _));
        RedisRecord.Split(Encoding.UTF8.GetBytes("{\"a\":" + new string('[', 999) + new string(']', 999) + "}"), out _);
    }

    [Theory]
    [InlineData("""{"a":1}""", null, """{"b":2}""", true)]
    [InlineData("""{"a":1}""", null, """{"b":2,"__subject":"ann"}""", false)]
    [InlineData("""{"a":1}""", "ann", """{"b":2,"__subject":"ann"}""", true)]
    [InlineData("{}", "ann", """{"b":2,"__subject":"ann"}""", true)]
    [InlineData("""{"a":1}""", "ann", """{"__subject":"ann"}""", true)]
    [InlineData("""{"a":1}""", "ann", """{"b":2}""", false)]
    [InlineData("""{"a":1}""", "ann", """{"b":2,"__subject":"bob"}""", false)]
    [InlineData("""{"a":1}""", "ann", """{"b":2,"__subject":"joann"}""", false)]
    [InlineData("""{"a":1}""", "ann", """{"__subject":"ann","b":2}""", false)]
    [InlineData("""{"a":1}""", "ann", """{"b":{"__subject":"ann"}}""", false)]
    [InlineData("""{"a":1}""", "ann", """{"b":"\"__subject\":\"ann"}""", false)]
    [InlineData("""{"a":1}""", "a\"n", """{"b":2,"__subject":"a\"n"}""", true)]
    [InlineData("""{"a":1}""", "\"__subject\":\"ann", """{"b":2,"__subject":"ann"}""", false)]
    public void A_change_keeps_the_subject_where_the_stored_member_stays_as_it_is(string payload, string? subject, string previous, bool expected) =>
        Assert.Equal(expected, RedisRecord.KeepsSubject(RedisRecord.Join(Encoding.UTF8.GetBytes(payload), subject), subject, Encoding.UTF8.GetBytes(previous)));
}
