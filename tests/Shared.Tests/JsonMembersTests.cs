using System.Text;
using System.Text.Json;

namespace SessionStores.Shared.Tests;

public sealed class JsonMembersTests
{
    [Theory]
    [InlineData("""{}""", "")]
    [InlineData("""{"a":1,"b":{"c":[2]},"d":null}""", """a=1 b={"c":[2]} d=null""")]
    [InlineData(""" { "a" : "x" , "a" : 2 } """, """a="x" a=2""")]
    [InlineData("""{"\u0061":1,"\ud83d\ude00":2}""", "a=1 😀=2")]
    [InlineData("""{"":0}""", "=0")]
    public void The_members_are_those_of_the_top_level_in_their_order(string json, string expected) => Assert.Equal(expected, Read(json));

    [Fact]
    public void A_name_that_is_half_a_surrogate_pair_keeps_its_escapes() =>
        Assert.Equal("""\ud800=1 b=2""", Read("""{"\ud800":1,"b":2}"""));

    [Fact]
    public void A_value_that_was_neither_skipped_nor_read_is_skipped()
    {
        var members = new JsonMembers("""{"a":{"b":1},"c":2}"""u8);

        Assert.True(members.MoveNext());
        Assert.True(members.MoveNext());
        Assert.True(members.NameEquals("c"u8));
        Assert.False(members.MoveNext());
    }

    [Fact]
    public void A_value_can_be_read_on_the_way()
    {
        var members = new JsonMembers("""{"a":41,"b":42}"""u8);

        Assert.True(members.MoveNext());
        Assert.Equal(41, members.Value.GetInt32());
        Assert.True(members.MoveNext());
        Assert.Equal(42, members.Value.GetInt32());
        Assert.False(members.MoveNext());
    }

    [Theory]
    [InlineData("""{"a":1}""", true)]
    [InlineData(" {} \r\n", true)]
    [InlineData("", false)]
    [InlineData("[]", false)]
    [InlineData("1", false)]
    [InlineData("{", false)]
    [InlineData("""{"a":1""", false)]
    [InlineData("""{"a":1,}""", false)]
    [InlineData("""{"a":1}x""", false)]
    [InlineData("""{"a":1}{}""", false)]
    [InlineData("""{"a":[1}""", false)]
    public void Only_one_whole_object_is_an_object(string json, bool expected) => Assert.Equal(expected, JsonMembers.IsObject(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Nesting_has_no_limit()
    {
        var deep = $$"""{"a":{{new string('[', 100_000)}}{{new string(']', 100_000)}}}""";

        Assert.True(JsonMembers.IsObject(Encoding.UTF8.GetBytes(deep)));
    }

    [Fact]
    public void A_text_that_is_not_an_object_is_refused_at_once() =>
        Assert.Throws<JsonException>(() => new JsonMembers("[]"u8).MoveNext());

    private static string Read(string json)
    {
        var utf8 = Encoding.UTF8.GetBytes(json);
        var found = new List<string>();
        var members = new JsonMembers(utf8);
        while (members.MoveNext())
        {
            var name = Encoding.UTF8.GetString(members.Name);
            var start = members.ValueStart;
            members.Skip();
            found.Add($"{name}={Encoding.UTF8.GetString(utf8[start..members.Position])}");
        }

        return string.Join(' ', found);
    }
}
