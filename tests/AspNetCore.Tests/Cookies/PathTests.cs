namespace SessionStores.AspNetCore.Tests.Cookies;

public sealed class PathTests
{
    [Theory]
    [InlineData("/", "/", true)]
    [InlineData("/anything", "/", true)]
    [InlineData("/foo/bar", "/foo/bar", true)]
    [InlineData("/foo/bar/baz", "/foo/bar", true)]
    [InlineData("/foo/barbaz", "/foo/bar", false)]
    [InlineData("/foo/barbaz", "/foo/bar/", false)]
    [InlineData("/foo/bar/baz", "/foo/bar/", true)]
    [InlineData("/foo/bar", "/foo/bar/", false)]
    [InlineData("/foo", "/foo/bar", false)]
    [InlineData("/Foo/bar", "/foo", false)]
    [InlineData("/%66oo", "/foo", false)]
    public void A_path_matches_whole_segments(string request, string cookie, bool matches) =>
        Assert.Equal(matches, CookieRules.PathMatches(request, cookie));

    [Theory]
    [InlineData("example.com", true)]
    [InlineData(".example.com", true)]
    [InlineData("localhost", true)]
    [InlineData("a-b.example", true)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("a..b", false)]
    [InlineData("-a.example", false)]
    [InlineData("a.example-", false)]
    [InlineData("a b", false)]
    [InlineData("exämple.com", false)]
    [InlineData("a;b", false)]
    public void A_domain_is_a_host_name(string domain, bool isDomain) => Assert.Equal(isDomain, CookieRules.IsDomain(domain));
}
