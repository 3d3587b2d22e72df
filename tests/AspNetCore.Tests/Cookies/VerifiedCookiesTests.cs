namespace SessionStores.AspNetCore.Tests.Cookies;

/// <summary>Cookies whose signature was verified once.</summary>
public sealed class VerifiedCookiesTests
{
    private const string Secret = "keyboard cat";
    private readonly CookieReader _reader = new("connect.sid", [Secret]);

    [Fact]
    public void A_cookie_is_read_the_same_each_time()
    {
        for (var time = 0; time < 3; time++)
        {
            Assert.Equal(SessionLoadResult.Loaded, _reader.Read(Header("an id"), out var id));
            Assert.Equal("an id", id);
        }
    }

    [Fact]
    public void A_cookie_that_differs_from_a_verified_one_in_any_character_is_refused()
    {
        var header = Header("id");
        Assert.Equal(SessionLoadResult.Loaded, _reader.Read(header, out _));
        for (var at = "connect.sid=".Length; at < header.Length; at++)
        {
            var other = header.ToCharArray();
            other[at] = other[at] == 'A' ? 'B' : 'A';

            Assert.Equal(SessionLoadResult.BadSignature, _reader.Read(new string(other), out var id));
            Assert.Null(id);
        }
    }

    [Fact]
    public void A_refused_cookie_stays_refused()
    {
        var forged = Header("id")[..^1];

        Assert.Equal(SessionLoadResult.BadSignature, _reader.Read(forged, out _));
        Assert.Equal(SessionLoadResult.BadSignature, _reader.Read(forged, out _));
    }

    [Fact]
    public void What_one_set_of_secrets_verified_counts_for_no_other()
    {
        var header = Header("id");

        Assert.Equal(SessionLoadResult.Loaded, _reader.Read(header, out _));
        Assert.Equal(SessionLoadResult.BadSignature, new CookieReader("connect.sid", ["another secret"]).Read(header, out _));
    }

    [Fact]
    public void Far_more_cookies_than_are_remembered_are_read_right_also_by_many_threads_at_once()
    {
        var headers = Enumerable.Range(0, 20_000).Select(number => Header($"id {number}")).ToArray();

        Parallel.For(0, 3 * headers.Length, turn =>
        {
            var number = turn % headers.Length;
            Assert.Equal(SessionLoadResult.Loaded, _reader.Read(headers[number], out var id));
            Assert.Equal($"id {number}", id);
        });
    }

    [Fact]
    public void Cookies_that_were_verified_are_found_again_while_there_is_room()
    {
        var cookies = new VerifiedCookies();
        for (var number = 0; number < 1000; number++)
            cookies.Add(Value(number), $"id {number}");

        var found = Enumerable.Range(0, 1000).Count(number => cookies.Find(Value(number)) == $"id {number}");

        // Of 1,000 values in 1,024 sets of eight hardly any set gets a ninth.
        Assert.True(found >= 950, $"{found} of 1,000 were found.");
    }

    [Fact]
    public void A_very_long_cookie_is_not_remembered()
    {
        var cookies = new VerifiedCookies();
        var value = new string('a', 513);
        cookies.Add(value, "id");

        Assert.Null(cookies.Find(value));
        Assert.Equal(SessionLoadResult.Loaded, _reader.Read(Header(new string('ä', 200)), out var id));
        Assert.Equal(200, id!.Length);
    }

    private static string Value(int number) => $"s%3AZt3mF0yV9rQ1bW7cK5xN8aL2.{number:x8}signature";

    private static string Header(string id) => "connect.sid=" + SetCookieHeader.EncodeComponent(CookieSignature.Sign(id, Secret));
}
