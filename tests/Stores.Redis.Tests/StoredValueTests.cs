using System.Text;

namespace SessionStores.Redis.Tests;

/// <summary>The subject inside the bytes of a record.</summary>
public sealed class StoredValueTests
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
        var joined = StoredValue.Join(Encoding.UTF8.GetBytes(payload), subject);
        var split = StoredValue.Split(joined, out var found);

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
    public void A_subject_that_a_peer_moved_is_cut_out_where_it_is(string stored, string payload, string? subject)
    {
        var bytes = Encoding.UTF8.GetBytes(stored);

        var split = StoredValue.Split(bytes, out var found);

        Assert.Equal(payload, Encoding.UTF8.GetString(split.Span));
        Assert.Equal(subject, found);
        Assert.Equal(stored, Encoding.UTF8.GetString(bytes));
    }

    [Theory]
    [InlineData("{}", true)]
    [InlineData(" {\"a\":1}\n", true)]
    [InlineData("", false)]
    [InlineData("  ", false)]
    [InlineData("null", false)]
    [InlineData("[{}]", false)]
    [InlineData("{\"a\":", false)]
    public void Only_an_object_looks_like_one(string value, bool expected) =>
        Assert.Equal(expected, StoredValue.LooksLikeObject(Encoding.UTF8.GetBytes(value)));
}
