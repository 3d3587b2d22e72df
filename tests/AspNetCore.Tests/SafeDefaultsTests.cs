using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SessionStores.Memory;

namespace SessionStores.AspNetCore.Tests;

/// <summary>The cookie of an application that says nothing about it.</summary>
public sealed class SafeDefaultsTests : IDisposable
{
    private const string Development = "Development";
    private const string Secure = "; Path=/; HttpOnly; Secure; SameSite=Lax";
    private const string Insecure = "; Path=/; HttpOnly; SameSite=Lax";
    private readonly LogLines _log = new();
    private readonly MemoryStore _store = new();

    [Theory]
    [InlineData("Production", "https://shop.example")]
    [InlineData("Production", "https://localhost")]
    [InlineData(Development, "https://localhost")]
    public async Task A_cookie_is_Secure_and_Lax(string environment, string address)
    {
        await using var app = await StartAsync(environment);
        using var browser = Browse(app, address);

        Assert.EndsWith(Secure, (await browser.GetAsync("/count")).SetCookie, StringComparison.Ordinal);
        Assert.Equal("2", (await browser.GetAsync("/count")).Body);
        Assert.EndsWith(Secure, (await browser.GetAsync("/regenerate")).SetCookie, StringComparison.Ordinal);
        Assert.DoesNotContain(_log.Lines, line => line.Name is "InsecureRequest" or "InsecureInLocalDevelopment");
    }

    [Theory]
    [InlineData("Production", "http://shop.example")]
    [InlineData("Production", "http://localhost:5000")]
    [InlineData("Staging", "http://127.0.0.1")]
    [InlineData(Development, "http://shop.example")]
    [InlineData(Development, "http://192.168.1.5:5000")]
    [InlineData(Development, "http://localhost.example")]
    [InlineData(Development, "http://notlocalhost")]
    public async Task Plain_HTTP_gets_no_session_and_the_log_says_how_to_mend_it(string environment, string address)
    {
        await using var app = await StartAsync(environment);
        using var browser = Browse(app, address);

        var answer = await browser.GetAsync("/count");

        Assert.Equal((200, "1"), (answer.Status, answer.Body));
        Assert.Empty(answer.SetCookies);
        Assert.Equal(0, await _store.LengthAsync());
        var line = Assert.Single(_log.Lines, line => line.Name == "InsecureRequest");
        Assert.Equal(LogLevel.Warning, line.Level);
        Assert.EndsWith(
            "Use HTTPS. Behind a proxy that ends TLS, tell the application (forwarded headers, or SessionStoresOptions.Proxy). For a site on plain HTTP, set SessionStoresOptions.Cookie.Secure to Auto.",
            line.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost")]
    [InlineData("http://LOCALHOST:5000")]
    [InlineData("http://shop.localhost:5000")]
    [InlineData("http://127.0.0.1:5000")]
    [InlineData("http://127.1.2.3")]
    [InlineData("http://[::1]:5000")]
    public async Task In_Development_plain_HTTP_to_this_machine_works_and_is_logged_once(string address)
    {
        await using var app = await StartAsync(Development);
        for (var visitor = 0; visitor < 2; visitor++)
        {
            using var browser = Browse(app, address);

            Assert.EndsWith(Insecure, (await browser.GetAsync("/count")).SetCookie, StringComparison.Ordinal);
            Assert.Equal("2", (await browser.GetAsync("/count")).Body);
            Assert.EndsWith(Insecure, (await browser.GetAsync("/regenerate")).SetCookie, StringComparison.Ordinal);
            Assert.Equal("3", (await browser.GetAsync("/count")).Body);
        }

        Assert.Equal(LogLevel.Information, Assert.Single(_log.Lines, line => line.Name == "InsecureInLocalDevelopment").Level);
        Assert.DoesNotContain(_log.Lines, line => line.Name == "InsecureRequest");
    }

    [Fact]
    public async Task A_session_of_local_development_is_Secure_over_HTTPS_whatever_its_record_says()
    {
        await using var app = await StartAsync(Development);
        using var http = Browse(app, "http://localhost");
        using var https = Browse(app, "https://localhost");
        await http.GetAsync("/count");
        https.Cookie = http.Cookie;

        Assert.EndsWith(Secure, (await https.GetAsync("/regenerate")).SetCookie, StringComparison.Ordinal);
        Assert.Equal("2", (await https.GetAsync("/count")).Body);
    }

    public static TheoryData<string, Action<SessionCookieOptions>> Strict => new()
    {
        { "Always", cookie => cookie.Secure = SessionCookieSecurity.Always },
        { "None", cookie => cookie.SameSite = SessionSameSite.None },
        { "partitioned", cookie => cookie.Partitioned = true },
    };

    [Theory]
    [MemberData(nameof(Strict))]
    public async Task A_cookie_that_is_nothing_without_Secure_is_no_exception_in_Development(string kind, Action<SessionCookieOptions> configure)
    {
        Assert.NotEmpty(kind);
        await using var app = await StartAsync(Development, options => configure(options.Cookie));
        using var browser = Browse(app, "http://localhost");

        Assert.Empty((await browser.GetAsync("/count")).SetCookies);
        Assert.Single(_log.Lines, line => line.Name == "InsecureRequest");
    }

    [Theory]
    [InlineData("Production", "https://localhost", Secure)]
    [InlineData("Production", "http://localhost", null)]
    [InlineData(Development, "http://localhost", Insecure)]
    public async Task A_cookie_chosen_by_the_request_has_the_same_defaults(string environment, string address, string? attributes)
    {
        await using var app = await StartAsync(environment, options => options.CookieFor = _ => new SessionCookieOptions());
        using var browser = Browse(app, address);

        var cookie = (await browser.GetAsync("/count")).SetCookie;

        Assert.Equal(attributes, cookie?[cookie.IndexOf(';', StringComparison.Ordinal)..]);
    }

    [Theory]
    [InlineData(SessionCookieSecurity.Auto, "http://shop.example", Insecure)]
    [InlineData(SessionCookieSecurity.Auto, "https://shop.example", Secure)]
    [InlineData(SessionCookieSecurity.Never, "https://shop.example", Insecure)]
    public async Task A_site_on_plain_HTTP_says_so(SessionCookieSecurity security, string address, string attributes)
    {
        await using var app = await StartAsync("Production", options => options.Cookie.Secure = security);
        using var browser = Browse(app, address);

        Assert.EndsWith(attributes, (await browser.GetAsync("/count")).SetCookie, StringComparison.Ordinal);
        Assert.Equal("2", (await browser.GetAsync("/count")).Body);
    }

    [Fact]
    public async Task The_defaults_of_express_session_work_over_plain_HTTP()
    {
        await using var app = await StartAsync("Production", options => options.UseExpressDefaults());
        using var browser = Browse(app, "http://shop.example");

        Assert.EndsWith("; Path=/; HttpOnly", (await browser.GetAsync("/count")).SetCookie, StringComparison.Ordinal);
        Assert.Equal("2", (await browser.GetAsync("/count")).Body);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Behind_a_proxy_that_ends_TLS_the_cookie_is_Secure(bool hasForwardedHeaders)
    {
        await using var app = await StartAsync("Production", options => options.Proxy = hasForwardedHeaders ? null : true, hasForwardedHeaders);
        using var browser = Browse(app, "http://shop.example");

        Assert.EndsWith(Secure, (await browser.GetAsync("/count", ("X-Forwarded-Proto", "https"))).SetCookie, StringComparison.Ordinal);
        Assert.Equal("2", (await browser.GetAsync("/count", ("X-Forwarded-Proto", "https"))).Body);
    }

    public void Dispose()
    {
        _log.Dispose();
        _store.Dispose();
    }

    private static Browser Browse(WebApplication app, string address) => new(app.GetTestServer().CreateHandler(), new Uri(address));

    private async Task<WebApplication> StartAsync(string environment, Action<SessionStoresOptions>? configure = null, bool hasForwardedHeaders = false)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Logging.ClearProviders().AddProvider(_log);
        builder.WebHost.UseTestServer();
        builder.Services.Configure<ForwardedHeadersOptions>(options => options.ForwardedHeaders = ForwardedHeaders.XForwardedProto);
        builder.Services.AddSessionStores(options =>
        {
            options.Secrets.Add("N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ");
            configure?.Invoke(options);
        }).UseStore(_ => _store);
        var app = builder.Build();
        if (hasForwardedHeaders)
            app.UseForwardedHeaders();

        app.UseSessionStores();
        app.MapGet("/count", (HttpSession session) =>
        {
            session.Update<int>("count", count => count + 1);
            return session.Get<int>("count");
        });
        app.MapGet("/regenerate", (HttpSession session) => session.RegenerateAsync(keepData: true));
        await app.StartAsync();
        return app;
    }
}
