namespace SessionStores.AspNetCore.Tests.Options;

/// <summary>The prefix <c>__Host-</c> by one switch.</summary>
public sealed class HostPrefixTests
{
    [Fact]
    public void The_switch_sets_what_the_prefix_needs()
    {
        var options = new SessionStoresOptions { Secrets = { "N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ" }, Name = "sid" };
        options.Cookie.Domain = "example.com";
        options.Cookie.Path = "/app";

        options.UseHostPrefix();
        options.UseHostPrefix();

        Assert.Equal("__Host-sid", options.Name);
        Assert.True(options.Cookie is { Secure: SessionCookieSecurity.Always, Path: "/", Domain: null });
        Assert.Empty(options.Validate(DateTimeOffset.UtcNow));
    }
}
