using System.Buffers;
using System.Text;
using SessionStores.Conformance;

namespace SessionStores.AspNetCore.Tests.Cookies;

/// <summary>Stored cookies that are recognized because one like them was read before: the same as if they had been read member by member.</summary>
public sealed class CookieShapeTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
    private readonly FakeClock _clock = new(Now);

    [Fact]
    public void A_recognized_cookie_has_its_own_instant()
    {
        Parse("""{"originalMaxAge":61001,"expires":"2031-01-01T00:00:00.000Z","httpOnly":true,"path":"/"}""");
        var second = Parse("""{"originalMaxAge":61001,"expires":"2032-02-03T04:05:06.789Z","httpOnly":true,"path":"/"}""");

        Assert.Equal(new DateTimeOffset(2032, 2, 3, 4, 5, 6, 789, TimeSpan.Zero), second.Expires);
        Assert.Equal(61001, second.OriginalMaxAge!.Value.TotalMilliseconds);
    }

    [Fact]
    public void A_cookie_that_only_looks_alike_from_both_ends_is_read_anew()
    {
        Parse("""{"originalMaxAge":61002,"expires":"2031-01-01T00:00:00.000Z","path":"/"}""");
        var other = Parse("""{"originalMaxAge":61002,"expires":"","domain":"a.example.e","path":"/"}""");

        Assert.Equal("a.example.e", other.Domain);
        Assert.Null(other.Expires);
    }

    [Fact]
    public void A_cookie_without_an_instant_is_no_other_than_the_same_bytes()
    {
        Parse("""{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/","sameSite":"lax"}""");
        var other = Parse("""{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/","sameSite":"Lax"}""");

        Assert.Equal(SessionSameSite.Lax, other.SameSite);
        Assert.Equal("""{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/","sameSite":"Lax"}""", Json(other, """{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/","sameSite":"Lax"}"""));
    }

    [Fact]
    public void Of_two_instants_the_last_counts()
    {
        const string both = """{"originalMaxAge":61003,"expires":"2031-01-01T00:00:00.000Z","expires":"2032-01-01T00:00:00.000Z"}""";
        const string none = """{"originalMaxAge":61003,"expires":"2031-01-01T00:00:00.000Z","expires":null}""";

        for (var time = 0; time < 2; time++)
        {
            Assert.Equal(2032, Parse(both).Expires!.Value.Year);
            Assert.Null(Parse(none).Expires);
        }
    }

    [Fact]
    public void An_instant_of_another_spelling_is_kept()
    {
        const string json = """{"originalMaxAge":61004,"expires":"2031-01-01T00:00:00Z","path":"/"}""";

        for (var time = 0; time < 2; time++)
            Assert.Equal(new DateTimeOffset(2031, 1, 1, 0, 0, 0, TimeSpan.Zero), Parse(json).Expires);
    }

    [Theory]
    [InlineData("""{"originalMaxAge":61005,"expires":"2031-01-01T00:00:00.000Z","httpOnly":true,"path":"/"}""")]
    [InlineData("""{"originalMaxAge":61006,"priority":"high","expires":"2031-01-01T00:00:00.000Z","secure":true,"httpOnly":true,"domain":"a.example","path":"/","sameSite":"none"}""")]
    [InlineData("""{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"}""")]
    [InlineData("""{"originalMaxAge":null,"expires":false,"path":"/"}""")]
    [InlineData("""{"originalMaxAge":null,"expires":"2031-01-01T00:00:00.000Z","path":"/"}""")]
    [InlineData("""{"path":"/","originalMaxAge":61007,"expires":"2031-01-01T00:00:00.000Z"}""")]
    [InlineData("""{"originalMaxAge":61008,"expires":"2031-01-01T00:00:00.000Z","httpOnly":true,"path":"/","unknown":{"a":[1]}}""")]
    [InlineData("""{"originalMaxAge":61009,"maxAge":5,"expires":"2031-01-01T00:00:00.000Z","path":"/"}""")]
    [InlineData("""{ "originalMaxAge": 61010, "expires": "2031-01-01T00:00:00.000Z", "path": "/" }""")]
    [InlineData("""{"originalMaxAge":61011,"expires":null,"path":"/"}""")]
    [InlineData("""{"originalMaxAge":61012.5,"expires":"2031-01-01T00:00:00.000Z","path":"/","partitioned":false}""")]
    [InlineData("{}")]
    public void A_recognized_cookie_is_written_as_one_that_was_put_together(string json)
    {
        for (var time = 0; time < 2; time++)
        {
            var cookie = Parse(json);
            cookie.Touch(Now, null);
            var members = new ArrayBufferWriter<byte>();
            cookie.WriteMembersTo(members, Encoding.UTF8.GetBytes(json));

            Assert.Equal(Encoding.UTF8.GetString(members.WrittenSpan), Json(cookie, json));
        }
    }

    [Fact]
    public void What_was_assigned_to_a_recognized_cookie_is_written()
    {
        const string json = """{"originalMaxAge":61013,"expires":"2031-01-01T00:00:00.000Z","httpOnly":true,"path":"/"}""";
        Parse(json);
        var cookie = Parse(json);
        cookie.Path = "/app";

        Assert.Contains("\"path\":\"/app\"", Json(cookie, json), StringComparison.Ordinal);
        Assert.Equal("/", Parse(json).Path);
    }

    [Fact]
    public void More_shapes_than_are_remembered_are_read_right_also_by_many_threads_at_once() =>
        Parallel.For(0, 5000, turn =>
        {
            var idle = 70_000 + (turn % 50);
            var cookie = Parse($$"""{"originalMaxAge":{{idle}},"expires":"2031-01-01T00:00:{{turn % 60:00}}.000Z","path":"/{{idle}}"}""");

            Assert.Equal(idle, cookie.OriginalMaxAge!.Value.TotalMilliseconds);
            Assert.Equal(turn % 60, cookie.Expires!.Value.Second);
            Assert.Equal($"/{idle}", cookie.Path);
        });

    private SessionCookie Parse(string json)
    {
        Assert.True(SessionCookie.TryParse(Encoding.UTF8.GetBytes(json), _clock, out var cookie));
        return cookie;
    }

    private static string Json(SessionCookie cookie, string stored)
    {
        var output = new ArrayBufferWriter<byte>();
        cookie.WriteTo(output, Encoding.UTF8.GetBytes(stored));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
