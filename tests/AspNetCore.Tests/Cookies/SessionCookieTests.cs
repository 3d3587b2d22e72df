using System.Buffers;
using System.Runtime.ExceptionServices;
using System.Text;
using Microsoft.AspNetCore.Http;
using SessionStores.Conformance;

namespace SessionStores.AspNetCore.Tests.Cookies;

/// <summary>The cookie of one session and its place in the stored record.</summary>
public sealed class SessionCookieTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly FakeClock _clock = new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, 678, TimeSpan.Zero));
    private byte[] _stored = [];

    [Fact]
    public void A_default_cookie_lasts_as_long_as_the_browser()
    {
        var cookie = Create(new SessionCookieOptions());

        Assert.Null(cookie.Expires);
        Assert.Null(cookie.MaxAge);
        Assert.Null(cookie.OriginalMaxAge);
        Assert.True(cookie.HttpOnly);
        Assert.Equal("/", cookie.Path);
        Assert.False(cookie.Partitioned);
        Assert.False(cookie.IsChanged);
        Assert.Equal("""{"originalMaxAge":null,"expires":null,"secure":true,"httpOnly":true,"path":"/","sameSite":"lax"}""", Json(cookie));
    }

    [Fact]
    public void Every_member_is_written_in_the_order_of_express_session()
    {
        var cookie = Create(new SessionCookieOptions
        {
            MaxAge = Hour,
            Partitioned = true,
            Priority = SessionCookiePriority.High,
            Secure = SessionCookieSecurity.Always,
            HttpOnly = false,
            Domain = "example.com",
            Path = "/app",
            SameSite = SessionSameSite.Lax,
        });

        Assert.Equal(
            """{"originalMaxAge":3600000,"partitioned":true,"priority":"high","expires":"2030-01-02T04:04:05.678Z","secure":true,"httpOnly":false,"domain":"example.com","path":"/app","sameSite":"lax"}""",
            Json(cookie));
    }

    [Fact]
    public void MaxAge_counts_down_and_Expires_stands()
    {
        var cookie = Create(new SessionCookieOptions { MaxAge = Hour });

        Assert.Equal(Hour, cookie.MaxAge);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.FromMinutes(59), cookie.MaxAge);
        Assert.Equal(Hour, cookie.OriginalMaxAge);
        cookie.Touch(_clock.GetUtcNow(), null);
        Assert.Equal(Hour, cookie.MaxAge);
    }

    [Fact]
    public void An_instant_in_the_options_becomes_an_idle_time()
    {
        var cookie = Create(new SessionCookieOptions { Expires = _clock.GetUtcNow() + Hour });

        Assert.Equal(_clock.GetUtcNow() + Hour, cookie.Expires);
        Assert.Equal(Hour, cookie.OriginalMaxAge);
    }

    [Fact]
    public void Assigning_MaxAge_or_Expires_changes_the_idle_time()
    {
        var cookie = Create(new SessionCookieOptions());

        cookie.MaxAge = Hour;
        Assert.Equal(_clock.GetUtcNow() + Hour, cookie.Expires);
        Assert.True(cookie.IsChanged);

        cookie.Expires = _clock.GetUtcNow() + (2 * Hour);
        Assert.Equal(2 * Hour, cookie.OriginalMaxAge);

        cookie.MaxAge = null;
        Assert.Null(cookie.Expires);
        Assert.Null(cookie.OriginalMaxAge);
    }

    [Fact]
    public void Assigning_what_is_there_is_no_change()
    {
        var cookie = Create(new SessionCookieOptions { MaxAge = Hour, Domain = "example.com" });

        cookie.MaxAge = Hour;
        cookie.Path = "/";
        cookie.Domain = "example.com";
        cookie.HttpOnly = true;

        Assert.False(cookie.IsChanged);
    }

    [Fact]
    public void The_cookie_ends_with_the_absolute_limit()
    {
        var cookie = Create(new SessionCookieOptions { MaxAge = Hour });
        var limit = _clock.GetUtcNow() + TimeSpan.FromMinutes(5);

        cookie.Touch(_clock.GetUtcNow(), limit);

        Assert.Equal(limit, cookie.Expires);
        Assert.Equal(Hour, cookie.OriginalMaxAge);
    }

    [Theory]
    [InlineData("""{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"}""")]
    [InlineData("""{"originalMaxAge":false,"expires":false,"httpOnly":true,"path":"/"}""")]
    [InlineData("""{"originalMaxAge":null,"expires":null,"secure":false,"httpOnly":true,"path":"/","sameSite":"lax"}""")]
    [InlineData("""{"originalMaxAge":null,"priority":"HIGH","expires":null,"secure":"auto","httpOnly":true,"domain":"example.com","path":"/x","sameSite":true}""")]
    [InlineData("""{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/","later":{"a":[1]}}""")]
    [InlineData("""{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/","a\"b\n":1,"c\",\"path":2,"\ud800":3}""")]
    [InlineData("""{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"\ud800","__subject":1,"unknown":2}""")]
    public void A_stored_cookie_is_written_back_as_it_was(string json) => Assert.Equal(json, Json(Parse(json)));

    [Fact]
    public void A_stored_idle_time_stays_and_the_instant_moves()
    {
        var cookie = Parse("""{"originalMaxAge":59989,"expires":"2020-01-01T00:00:00.000Z","httpOnly":true,"path":"/"}""");

        cookie.Touch(_clock.GetUtcNow(), null);

        Assert.Equal("""{"originalMaxAge":59989,"expires":"2030-01-02T03:05:05.667Z","httpOnly":true,"path":"/"}""", Json(cookie));
    }

    [Fact]
    public void What_is_missing_is_written_completely()
    {
        Assert.Equal("""{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"}""", Json(Parse("{}")));
    }

    [Fact]
    public void Only_what_was_assigned_is_written_anew()
    {
        var cookie = Parse("""{"originalMaxAge":60000,"priority":"HIGH","expires":null,"httpOnly":true,"path":"/","sameSite":"Lax"}""");

        cookie.SameSite = SessionSameSite.Strict;
        cookie.MaxAge = null;

        Assert.Equal("""{"originalMaxAge":null,"priority":"HIGH","expires":null,"httpOnly":true,"path":"/","sameSite":"strict"}""", Json(cookie));
    }

    [Fact]
    public void A_maxAge_member_is_not_written_back_because_express_session_would_obey_it()
    {
        Assert.DoesNotContain("maxAge\":5", Json(Parse("""{"maxAge":5,"path":"/"}""")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"originalMaxAge":"60000"}""")]
    [InlineData("""{"originalMaxAge":{}}""")]
    [InlineData("""{"expires":12}""")]
    [InlineData("""{"path":7}""")]
    [InlineData("""{"domain":[]}""")]
    [InlineData("""{"httpOnly":1}""")]
    [InlineData("""{"sameSite":3}""")]
    [InlineData("\"x\"")]
    [InlineData("null")]
    [InlineData("[]")]
    public void Wrong_types_cannot_be_read(string json) =>
        Assert.False(SessionCookie.TryParse(Encoding.UTF8.GetBytes(json), _clock, out _));

    [Theory]
    [InlineData("""{"sameSite":"Unspecified"}""")]
    [InlineData("""{"priority":"urgent"}""")]
    [InlineData("""{"expires":"soon"}""")]
    [InlineData("""{"sameSite":"auto"}""")]
    public void Unknown_words_are_left_out_of_the_header(string json)
    {
        var response = new DefaultHttpContext().Response;

        SetCookieHeader.Append(response, "n", "value", Parse(json), null, isEssential: false);

        Assert.Equal("n=value; Path=/; HttpOnly", response.Headers.SetCookie);
    }

    [Fact]
    public void What_would_break_the_header_is_refused()
    {
        var cookie = Create(new SessionCookieOptions());

        Assert.Throws<ArgumentException>(() => cookie.Path = "/;x");
        Assert.Throws<ArgumentException>(() => cookie.Path = "x");
        Assert.Throws<ArgumentException>(() => cookie.Path = "/a\nb");
        Assert.Throws<ArgumentException>(() => cookie.Domain = "a b");
        Assert.Throws<ArgumentException>(() => cookie.Domain = "");
        Assert.Throws<ArgumentException>(() => cookie.SameSite = SessionSameSite.Auto);
        Assert.False(Parse("""{"path":"/;x"}""").CanBeSent);
        Assert.False(Parse("""{"domain":"a;b"}""").CanBeSent);
    }

    [Fact]
    public void Changes_of_two_requests_to_different_attributes_both_stay()
    {
        var ours = Parse("""{"originalMaxAge":60000,"httpOnly":true,"path":"/","domain":"a.example"}""");
        var theirs = Parse("""{"originalMaxAge":90000,"httpOnly":true,"path":"/","domain":"a.example"}""");
        ours.Domain = "b.example";

        ours.Rebase(theirs);

        Assert.Equal("b.example", ours.Domain);
        Assert.Equal(TimeSpan.FromSeconds(90), ours.OriginalMaxAge);
        Assert.Contains("\"originalMaxAge\":90000", Json(ours), StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_cookie_is_written_without_an_exception_that_is_caught()
    {
        var cookie = Create(new SessionCookieOptions());
        var thread = Environment.CurrentManagedThreadId;
        var thrown = new List<Exception>();
        void Notice(object? sender, FirstChanceExceptionEventArgs first)
        {
            // Other tests run beside this one, on threads of their own.
            if (Environment.CurrentManagedThreadId == thread)
                thrown.Add(first.Exception);
        }

        AppDomain.CurrentDomain.FirstChanceException += Notice;
        try
        {
            Json(cookie);
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= Notice;
        }

        Assert.Empty(thrown);
    }

    private SessionCookie Create(SessionCookieOptions options) => SessionCookie.Create(options, isSecureRequest: true, _clock);

    private SessionCookie Parse(string json)
    {
        _stored = Encoding.UTF8.GetBytes(json);
        Assert.True(SessionCookie.TryParse(_stored, _clock, out var cookie));
        return cookie;
    }

    private string Json(SessionCookie cookie)
    {
        var output = new ArrayBufferWriter<byte>();
        cookie.WriteTo(output, _stored);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
