using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Controllers;
using Microsoft.Extensions.DependencyInjection;
using SessionStores.AspNetCore;
using SessionStores.AspNetCore.Tests;

namespace SessionStores.AspNetCore.IntegrationTests.Bridge;

/// <summary>TempData of real controllers, kept in the session or in a cookie.</summary>
public sealed class TempDataTests
{
    [Fact]
    public async Task TempData_in_the_session_survives_one_redirect_and_no_more()
    {
        await using var site = await StartAsync(inSession: true);
        using var browser = site.NewBrowser();

        var answer = await browser.GetAsync("/temp/write");
        Assert.Equal(302, answer.Status);
        Assert.NotNull(browser.SessionId);
        Assert.Equal("O'Hara 7 True", (await browser.GetAsync("/temp/read")).Body);
        Assert.Equal("nothing", (await browser.GetAsync("/temp/read")).Body);
    }

    [Fact]
    public async Task TempData_that_is_peeked_at_stays()
    {
        await using var site = await StartAsync(inSession: true);
        using var browser = site.NewBrowser();

        await browser.GetAsync("/temp/write");

        Assert.Equal("O'Hara", (await browser.GetAsync("/temp/peek")).Body);
        Assert.Equal("O'Hara", (await browser.GetAsync("/temp/peek")).Body);
        Assert.Equal("O'Hara 7 True", (await browser.GetAsync("/temp/read")).Body);
    }

    [Fact]
    public async Task A_visitor_whose_page_only_looks_for_TempData_gets_no_session()
    {
        await using var site = await StartAsync(inSession: true);
        using var browser = site.NewBrowser();

        Assert.Equal("nothing", (await browser.GetAsync("/temp/read")).Body);
        Assert.Equal("nothing", (await browser.GetAsync("/temp/read-only")).Body);

        Assert.Null(browser.Cookie);
        Assert.Empty(site.Store.Calls);
    }

    [Fact]
    public async Task TempData_is_saved_when_the_controller_writes_a_long_body_itself()
    {
        await using var site = await StartAsync(inSession: true, kestrel: true);
        using var browser = site.NewBrowser();

        Assert.Equal(200_000, (await browser.GetAsync("/temp/stream")).Body.Length);

        Assert.Equal("O'Hara 7 True", (await browser.GetAsync("/temp/read")).Body);
    }

    [Fact]
    public async Task TempData_in_a_cookie_works_beside_the_session()
    {
        await using var site = await StartAsync(inSession: false);
        using var browser = site.NewBrowser();

        var answer = await browser.GetAsync("/temp/write");

        Assert.Null(answer.SetCookie);
        Assert.Empty(site.Store.Calls);
        var cookie = Assert.Single(answer.SetCookies).Split(';')[0];
        Assert.Equal("O'Hara 7 True", (await browser.GetAsync("/temp/read", ("Cookie", cookie))).Body);
    }

    private static Task<Site> StartAsync(bool inSession, bool kestrel = false) => Site.StartAsync(
        app =>
        {
            app.UseSessionStores();
            app.MapControllers();
        },
        null,
        kestrel,
        services =>
        {
            var mvc = services.AddControllersWithViews().ConfigureApplicationPartManager(parts =>
            {
                parts.FeatureProviders.Clear();
                parts.FeatureProviders.Add(new OneController());
            });
            if (inSession)
                mvc.AddSessionStateTempDataProvider();
        });

    private sealed class OneController : Microsoft.AspNetCore.Mvc.ApplicationParts.IApplicationFeatureProvider<ControllerFeature>
    {
        public void PopulateFeature(IEnumerable<Microsoft.AspNetCore.Mvc.ApplicationParts.ApplicationPart> parts, ControllerFeature feature) =>
            feature.Controllers.Add(System.Reflection.IntrospectionExtensions.GetTypeInfo(typeof(TempController)));
    }
}

/// <summary>Uses TempData as applications do.</summary>
[Route("temp")]
public sealed class TempController : Controller
{
    [HttpGet("write")]
    public IActionResult Write()
    {
        Fill();
        return Redirect("/temp/read");
    }

    [HttpGet("stream")]
    public async Task Stream()
    {
        Fill();
        await Response.Body.WriteAsync(new byte[100_000]);
        await Response.Body.FlushAsync();
        await Response.Body.WriteAsync(new byte[100_000]);
    }

    [HttpGet("read")]
    public string Read() => TempData["name"] is string name ? $"{name} {TempData["count"]} {TempData["flag"]}" : "nothing";

    [HttpGet("read-only")]
    [SessionMode(SessionMode.ReadOnly)]
    public string ReadOnly() => Read();

    [HttpGet("peek")]
    public string Peek() => (string)TempData.Peek("name")!;

    private void Fill()
    {
        TempData["name"] = "O'Hara";
        TempData["count"] = 7;
        TempData["flag"] = true;
    }
}
