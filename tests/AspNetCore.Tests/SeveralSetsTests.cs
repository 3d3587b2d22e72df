using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace SessionStores.AspNetCore.Tests;

/// <summary>Several sets of sessions in one application, and the framework's own session beside them.</summary>
public sealed class SeveralSetsTests
{
    [Theory]
    [InlineData("connect.sid", "admin.sid", "/default", "/admin")]
    [InlineData("admin.sid", "connect.sid", "/admin", "/default")]
    [InlineData("admin.sid", "other.sid", "/admin", "/other")]
    public async Task The_cookie_of_one_set_is_not_valid_in_another_one_with_the_same_secret_and_store(string from, string to, string path, string otherPath)
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();
        var cookie = Assert.Single((await browser.GetAsync(path)).SetCookies).Split(';')[0];
        Assert.StartsWith(from + "=", cookie, StringComparison.Ordinal);

        browser.Cookie = cookie;
        Assert.Equal("Loaded", (await browser.GetAsync(path)).Body);
        browser.Cookie = to + cookie[from.Length..];
        Assert.Equal("BadSignature", (await browser.GetAsync(otherPath)).Body);
    }

    [Fact]
    public async Task A_named_set_that_shares_with_Express_is_signed_as_Express_signs_and_a_common_secret_is_said_at_start()
    {
        await using var site = await StartAsync(admin: options => options.ShareWithExpress = true);
        await using var apart = await StartAsync(admin: options =>
        {
            options.ShareWithExpress = true;
            options.Secrets.Clear();
            options.Secrets.Add("secret of the Express application");
        });
        using var browser = site.NewBrowser();
        await site.Store.Inner.SetAsync("of-express", new SessionContent("""{"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"}}"""u8.ToArray(), TimeSpan.FromHours(1)));
        browser.Cookie = "admin.sid=" + SetCookieHeader.EncodeComponent(CookieSignature.Sign("of-express", Site.Secret));

        Assert.Equal("Loaded", (await browser.GetAsync("/admin")).Body);
        Assert.True(site.Log.Has("SharedSecret"));
        Assert.False(apart.Log.Has("SharedSecret"));
    }

    [Theory]
    [InlineData("/", null, "/", null, false)]
    [InlineData("/", null, "/admin", null, false)]
    [InlineData("/admin", null, "/", null, false)]
    [InlineData("/shop", null, "/admin", null, true)]
    [InlineData("/admin", null, "/administration", null, true)]
    [InlineData("/", "example.com", "/", "www.example.com", false)]
    [InlineData("/", "example.com", "/", null, false)]
    [InlineData("/", "a.example.com", "/", "b.example.com", true)]
    [InlineData("/", "example.com", "/", "badexample.com", true)]
    public async Task Two_sets_must_not_use_one_cookie(string path, string? domain, string adminPath, string? adminDomain, bool isAllowed)
    {
        var start = () => StartAsync(
            options => (options.Cookie.Path, options.Cookie.Domain) = (path, domain),
            options => (options.Name, options.Cookie.Path, options.Cookie.Domain) = ("connect.sid", adminPath, adminDomain));
        if (isAllowed)
        {
            await using var site = await start();
            return;
        }

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(start);
        Assert.Contains("'' and 'admin' both use the cookie 'connect.sid' at overlapping paths", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public async Task UseSession_beside_UseSessionStores_is_said_at_start(bool isFirst, bool serves)
    {
        await using var site = await Site.StartAsync(
            app =>
            {
                if (isFirst)
                    app.UseSession();

                app.UseSessionStores();
                if (!isFirst)
                    app.UseSession();
            },
            options => options.ServeHttpContextSession = serves,
            kestrel: false,
            services => services.AddDistributedMemoryCache().AddSession());

        Assert.Equal(serves ? 1 : 0, site.Log.Lines.Count(line => line.Name == "TwoSessions"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task UseSession_with_options_of_its_own_is_said_at_the_first_request(bool isFirst)
    {
        await using var site = await Site.StartAsync(
            app =>
            {
                if (isFirst)
                    app.UseSession(new SessionOptions());

                app.UseSessionStores();
                if (!isFirst)
                    app.UseSession(new SessionOptions());

                app.MapGet("/", () => "");
            },
            null,
            kestrel: false,
            services => services.AddDistributedMemoryCache().AddSession());
        using var browser = site.NewBrowser();
        await browser.GetAsync("/");

        Assert.Equal(1, site.Log.Lines.Count(line => line.Name == "TwoSessions"));
    }

    [Fact]
    public async Task AddSession_without_UseSession_is_not_worth_a_word()
    {
        await using var site = await Site.StartAsync(
            app => app.UseSessionStores(), null, kestrel: false, services => services.AddDistributedMemoryCache().AddSession());

        Assert.False(site.Log.Has("TwoSessions"));
    }

    private static Task<Site> StartAsync(Action<SessionStoresOptions>? configure = null, Action<SessionStoresOptions>? admin = null) => Site.StartAsync(
        app =>
        {
            app.UseSessionStores();
            foreach (var name in new[] { "admin", "other" })
                app.UseSessionStores(name);

            foreach (var (path, name) in new[] { ("/default", ""), ("/admin", "admin"), ("/other", "other") })
            {
                app.MapGet(path, (HttpContext context) =>
                {
                    var result = context.GetSessionLoadResult(name);
                    context.GetHttpSession(name)!.Set("n", 1);
                    return result.ToString();
                });
            }
        },
        configure,
        kestrel: false,
        services =>
        {
            services.AddSessionStores("admin", options =>
            {
                options.AllowWeakSecrets = true;
                options.Secrets.Add(Site.Secret);
                options.Name = "admin.sid";
                options.UseExpressCookie();
                admin?.Invoke(options);
            }).UseStore(provider => provider.GetRequiredService<ISessionStore>());
            services.AddSessionStores("other", options =>
            {
                options.AllowWeakSecrets = true;
                options.Secrets.Add(Site.Secret);
                options.Name = "other.sid";
                options.UseExpressCookie();
            }).UseStore(provider => provider.GetRequiredService<ISessionStore>());
        });
}
