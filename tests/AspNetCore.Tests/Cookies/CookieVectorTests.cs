using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace SessionStores.AspNetCore.Tests.Cookies;

/// <summary>The bytes of express-session's cookies, computed with the npm modules it uses.</summary>
public sealed class CookieVectorTests
{
    private const string Id = "Ec7Fb2pB0yXyqvJ8eXy-_TzNq1m3kQh9";
    private const string Signed = "s:Ec7Fb2pB0yXyqvJ8eXy-_TzNq1m3kQh9.B31egYFqtQlRigBYuDin6U+JWDzBok2mCD8BV0bF8CE";
    private const string Value = "s%3AEc7Fb2pB0yXyqvJ8eXy-_TzNq1m3kQh9.B31egYFqtQlRigBYuDin6U%2BJWDzBok2mCD8BV0bF8CE";
    private static readonly SessionSecret Secret = "keyboard cat";
    private static readonly SessionSecret CountingSecret = new(Enumerable.Range(0, 32).Select(value => (byte)value).ToArray());

    public static TheoryData<string, SessionSecret, string, string> Vectors => new()
    {
        { "plain", Secret, Id, Value },
        { "unicode", "s3cr3t-ключ-🔑", "user/42 a+b=c!'()*~é", "s%3Auser%2F42%20a%2Bb%3Dc!'()*~%C3%A9.eOqQe2Nn8%2FkD3Ki2B0V%2F7PdWAQcHFq%2BnPZTRP%2B1MYEM" },
        { "bytes", CountingSecret, new string('A', 32), "s%3AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.R7D9fmGm2zdXG9iNwkPMDDhEBmH8GJuodVQGaVS32CE" },
        { "dots", Secret, "a.b.c", "s%3Aa.b.c.G8ReS2HiYVtvMBGFvZUGp5RaCauWFLUTjnnTm%2FEQ2aE" },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void An_id_is_signed_encoded_and_read_back(string name, SessionSecret secret, string id, string value)
    {
        Assert.NotEmpty(name);

        Assert.Equal(value, SetCookieHeader.EncodeComponent(CookieSignature.Sign(id, secret)));
        Assert.Equal(SessionLoadResult.Loaded, Read($"connect.sid={value}", out var read, secret));
        Assert.Equal(id, read);
    }

    [Fact]
    public void The_header_of_a_plain_session()
    {
        Assert.Equal(Signed, CookieSignature.Sign(Id, Secret));
        Assert.Equal($"connect.sid={Value}; Path=/; HttpOnly", Header(Id, Secret, Cookie(Plain), null));
    }

    [Fact]
    public void The_header_with_every_attribute()
    {
        var cookie = Cookie(new SessionCookieOptions
        {
            Domain = "example.com",
            Path = "/app",
            Secure = SessionCookieSecurity.Always,
            Partitioned = true,
            Priority = SessionCookiePriority.High,
            SameSite = SessionSameSite.None,
        });
        var expires = DateTimeOffset.Parse("2030-01-02T03:04:05.678Z", CultureInfo.InvariantCulture);

        Assert.Equal(
            $"connect.sid={Value}; Domain=example.com; Path=/app; Expires=Wed, 02 Jan 2030 03:04:05 GMT; HttpOnly; Secure; Partitioned; Priority=High; SameSite=None",
            Header(Id, Secret, cookie, expires));
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void The_framework_s_own_escapes_do_not_reach_the_header(string name, SessionSecret secret, string id, string value)
    {
        Assert.NotEmpty(name);

        Assert.Equal($"connect.sid={value}; Path=/; HttpOnly", Header(id, secret, Cookie(Plain), null));
    }

    [Fact]
    public void Random_bytes_become_base64url()
    {
        byte[] bytes = [0xfb, 0xff, 0x3e, .. new byte[20], 0xff];

        Assert.Equal("-_8-AAAAAAAAAAAAAAAAAAAAAAAAAAD_", SessionIds.Encode(bytes));
        Assert.Matches("^[A-Za-z0-9_-]{32}$", SessionIds.Generate());
        Assert.NotEqual(SessionIds.Generate(), SessionIds.Generate());
    }

    [Theory]
    [InlineData("encoded", $"connect.sid={Value}")]
    [InlineData("not encoded", $"connect.sid={Signed}")]
    [InlineData("lower-case escapes", "connect.sid=s%3aEc7Fb2pB0yXyqvJ8eXy-_TzNq1m3kQh9.B31egYFqtQlRigBYuDin6U%2bJWDzBok2mCD8BV0bF8CE")]
    [InlineData("quoted", $"connect.sid=\"{Value}\"")]
    [InlineData("among others", $"a=b; connect.sid={Value}; c=d")]
    [InlineData("without spaces", $"a=b;connect.sid={Value};c=d")]
    [InlineData("with spaces and tabs", $"a=b;\t connect.sid \t= \t{Value} \t;c=d")]
    [InlineData("after junk", $"junk; =x; ;; connect.sid={Value}")]
    [InlineData("a bad one first", $"connect.sid=junk; connect.sid={Value}")]
    [InlineData("an empty one first", $"connect.sid=; connect.sid={Value}")]
    [InlineData("a bad duplicate after it", $"connect.sid={Value}; connect.sid=junk")]
    public void Good_cookies_are_read(string shape, string header)
    {
        Assert.NotEmpty(shape);

        Assert.Equal(SessionLoadResult.Loaded, Read(header, out var id));
        Assert.Equal(Id, id);
    }

    public static TheoryData<string, string> BadCookies => new()
    {
        { "padding left on", $"connect.sid={Value}%3D" },
        { "padding left on, not encoded", $"connect.sid={Signed}=" },
        { "a percent at the end", $"connect.sid={Value}%" },
        { "half an escape at the end", $"connect.sid={Value}%4" },
        { "no digits in an escape", $"connect.sid={Value.Replace("%2B", "%zz", StringComparison.Ordinal)}" },
        { "escapes that are no UTF-8", $"connect.sid={Value.Replace("Ec7", "%ff7", StringComparison.Ordinal)}" },
        { "no s:", $"connect.sid={Value[4..]}" },
        { "s without colon", $"connect.sid=s{Value[4..]}" },
        { "a plus for the plus", $"connect.sid={Value.Replace("%2B", "%20", StringComparison.Ordinal)}" },
        { "seventeenth of its name", string.Concat(Enumerable.Repeat("connect.sid=junk; ", 16)) + $"connect.sid={Value}" },
        { "another signature", $"connect.sid={Value[..^1]}F" },
        { "another id", $"connect.sid={Value.Replace("Ec7", "Fc7", StringComparison.Ordinal)}" },
        { "no signature", $"connect.sid=s%3A{Id}." },
        { "no dot", $"connect.sid=s%3A{Id}" },
        { "no id", "connect.sid=s%3A.B31egYFqtQlRigBYuDin6U%2BJWDzBok2mCD8BV0bF8CE" },
        { "only a dot", "connect.sid=s:." },
        { "only s:", "connect.sid=s:" },
        { "empty", "connect.sid=" },
        { "quotes only", "connect.sid=\"\"" },
        { "one quote", "connect.sid=\"" },
        { "another name", $"connect.sID={Value}" },
        { "a longer name", $"xconnect.sid={Value}" },
        { "no equals sign", "connect.sid" },
        { "raw non-ASCII", $"connect.sid={Value}é" },
        { "control characters", "connect.sid=s:\u0001\u007f." },
        { "a megabyte", $"connect.sid=s%3A{new string('A', 1 << 20)}.B31egYFqtQlRigBYuDin6U%2BJWDzBok2mCD8BV0bF8CE" },
        { "a megabyte of escapes", "connect.sid=" + string.Concat(Enumerable.Repeat("%41", 350_000)) },
        { "a megabyte of semicolons", new string(';', 1 << 20) },
        { "nothing", "" },
    };

    [Theory]
    [MemberData(nameof(BadCookies))]
    public void Bad_cookies_are_no_session_and_no_exception(string shape, string header)
    {
        Assert.NotEmpty(shape);

        var result = Read(header, out var id);

        Assert.Null(id);
        Assert.True(result is SessionLoadResult.NoCookie or SessionLoadResult.BadSignature);
    }

    [Fact]
    public void A_signed_id_that_no_store_takes_is_no_session()
    {
        foreach (var id in new[] { new string('x', 257), "a\u0001b", "a\u0085b" })
        {
            var value = SetCookieHeader.EncodeComponent(CookieSignature.Sign(id, Secret));
            Assert.Equal(SessionLoadResult.BadSignature, Read($"connect.sid={value}", out _));
        }
    }

    [Fact]
    public void The_longest_id_that_a_store_takes_is_read_back()
    {
        var id = new string('\u0448', 256);
        var value = SetCookieHeader.EncodeComponent(CookieSignature.Sign(id, Secret));

        Assert.Equal(SessionLoadResult.Loaded, Read($"connect.sid={value}", out var read));
        Assert.Equal(id, read);
    }

    [Fact]
    public void The_cookie_may_stand_in_a_second_header()
    {
        Assert.Equal(SessionLoadResult.Loaded, Reader(Secret).Read(new StringValues(["a=b", $"connect.sid={Value}"]), out _));
        Assert.Equal(SessionLoadResult.NoCookie, Reader(Secret).Read(StringValues.Empty, out _));
    }

    [Fact]
    public void Every_secret_verifies_and_the_first_signs()
    {
        var signedByOld = SetCookieHeader.EncodeComponent(CookieSignature.Sign(Id, "old"));

        Assert.Equal(SessionLoadResult.Loaded, Read($"connect.sid={signedByOld}", out _, "new", "older", "old"));
        Assert.Equal(SessionLoadResult.BadSignature, Read($"connect.sid={signedByOld}", out _, "new", "older"));
    }

    [Fact]
    public void Random_junk_never_throws()
    {
        var random = new Random(20261120);
        const string Alphabet = "s:%3A.=;\" \tAz09+/-_é\u0001connect.sid";
        for (var round = 0; round < 20_000; round++)
        {
            var header = new string([.. Enumerable.Range(0, random.Next(60)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]);

            Read("connect.sid=" + header, out var id);

            Assert.Null(id);
        }
    }

    private static SessionLoadResult Read(string header, out string? id, params SessionSecret[] secrets) =>
        Reader(secrets.Length == 0 ? [Secret] : secrets).Read(header, out id);

    [Theory]
    [InlineData("/,")]
    [InlineData("/a,b=c")]
    [InlineData("/a b/\"c\"")]
    [InlineData("/path=/domain=x/secure")]
    public void Every_path_that_a_cookie_can_have_is_written(string path)
    {
        Assert.Equal($"connect.sid={Value}; Path={path}; HttpOnly; SameSite=Lax", Header(Id, Secret, Cookie(new SessionCookieOptions { Path = path, Secure = SessionCookieSecurity.Never }), null));
    }

    /// <summary>The cookie of express-session where nothing else is said.</summary>
    private static SessionCookieOptions Plain => new() { Secure = SessionCookieSecurity.Never, SameSite = SessionSameSite.Unset };

    private static string Header(string id, SessionSecret secret, SessionCookie cookie, DateTimeOffset? expires)
    {
        var response = new DefaultHttpContext().Response;
        SetCookieHeader.Append(response, "connect.sid", CookieSignature.Sign(id, secret), cookie, expires, isEssential: false);
        return Assert.Single(response.Headers.SetCookie)!;
    }

    private static CookieReader Reader(params SessionSecret[] secrets) => new("connect.sid", secrets);

    private static SessionCookie Cookie(SessionCookieOptions options) => SessionCookie.Create(options, isSecureRequest: true, TimeProvider.System);
}
