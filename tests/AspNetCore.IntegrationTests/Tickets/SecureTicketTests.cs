using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SessionStores.AspNetCore.Tests;

namespace SessionStores.AspNetCore.IntegrationTests.Tickets;

/// <summary>The sign-in cookie has Secure where the session cookie has it.</summary>
public sealed class SecureTicketTests : IDisposable
{
    private readonly LogLines _log = new();

    [Theory]
    [InlineData("Production", SessionCookieSecurity.ExceptLocalDevelopment, "https://shop.example", true)]
    [InlineData("Production", SessionCookieSecurity.ExceptLocalDevelopment, "http://shop.example", true)]
    [InlineData("Development", SessionCookieSecurity.ExceptLocalDevelopment, "http://shop.example", true)]
    [InlineData("Development", SessionCookieSecurity.ExceptLocalDevelopment, "http://localhost", false)]
    [InlineData("Development", SessionCookieSecurity.Always, "http://localhost", true)]
    [InlineData("Production", SessionCookieSecurity.Auto, "http://shop.example", false)]
    [InlineData("Production", SessionCookieSecurity.Auto, "https://shop.example", true)]
    [InlineData("Production", SessionCookieSecurity.Never, "http://shop.example", false)]
    [InlineData("Production", SessionCookieSecurity.Never, "https://shop.example", true)]
    public async Task The_sign_in_cookie_is_Secure_where_the_session_cookie_is_or_the_request(
        string environment, SessionCookieSecurity sessions, string address, bool isSecure)
    {
        await using var app = await StartAsync(environment, options => options.Cookie.Secure = sessions);

        Assert.Equal(isSecure, await SignInAsync(app, address));

        var isLost = isSecure && address.StartsWith("http:", StringComparison.Ordinal);
        Assert.Equal(isLost ? 1 : 0, _log.Lines.Count(line => line.Name == "InsecureSignIn" && line.Level == LogLevel.Warning));
    }

    [Fact]
    public async Task Behind_a_proxy_that_is_trusted_the_sign_in_cookie_is_Secure()
    {
        await using var app = await StartAsync("Production", options => (options.Cookie.Secure, options.Proxy) = (SessionCookieSecurity.Auto, true));

        Assert.True(await SignInAsync(app, "http://shop.example", ("X-Forwarded-Proto", "https")));
        Assert.DoesNotContain(_log.Lines, line => line.Name == "InsecureSignIn");
    }

    [Theory]
    [InlineData(CookieSecurePolicy.None, "https://shop.example", false)]
    [InlineData(CookieSecurePolicy.Always, "http://localhost", true)]
    public async Task Another_policy_of_the_scheme_is_the_choice_of_the_application(CookieSecurePolicy policy, string address, bool isSecure)
    {
        await using var app = await StartAsync("Development", _ => { }, policy);

        Assert.Equal(isSecure, await SignInAsync(app, address));
    }

    public void Dispose() => _log.Dispose();

    private static async Task<bool> SignInAsync(WebApplication app, string address, params (string Name, string Value)[] headers)
    {
        using var browser = new Browser(app.GetTestServer().CreateHandler(), new Uri(address));
        var answer = await browser.GetAsync("/in/alice", headers);
        return Assert.Single(answer.SetCookies).Contains("; secure", StringComparison.Ordinal);
    }

    private async Task<WebApplication> StartAsync(string environment, Action<SessionStoresOptions> configure, CookieSecurePolicy? policy = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Logging.ClearProviders().AddProvider(_log);
        builder.WebHost.UseTestServer();
        builder.Services.AddSessionStores(options =>
        {
            options.Secrets.Add("N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ");
            configure(options);
        });
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddAuthentication("Cookies").AddCookie("Cookies", options => options.Cookie.SecurePolicy = policy ?? options.Cookie.SecurePolicy).AddSessionTickets("Cookies");
        var app = builder.Build();
        app.UseSessionStores();
        app.UseAuthentication();
        app.MapGet("/in/{user}", (HttpContext context, string user) => context.SignInAsync(TicketSite.Principal(user)));
        await app.StartAsync();
        return app;
    }
}
