using System.Net;
using System.Net.Http.Json;
using Microsoft.Playwright;

namespace SessionStores.Samples.Tests;

public sealed class SpaTests(BrowserFixture browser)
{
    [Fact]
    public async Task A_person_uses_the_page_and_the_cart_survives_the_log_in_only()
    {
        await using var sample = await RunningSample.StartAsync("Spa");
        var page = await browser.NewPageAsync();

        await page.GotoAsync(sample.Address.ToString());
        await Assertions.Expect(page.Locator("#user")).ToHaveTextAsync("You are not logged in.");
        await SendAsync(page, "add", "tea");
        await Assertions.Expect(page.Locator("#cart li")).ToHaveTextAsync(["tea"]);
        var before = Assert.Single(await page.Context.CookiesAsync());

        await SendAsync(page, "login", "Mia");
        await Assertions.Expect(page.Locator("#user")).ToHaveTextAsync("Hello Mia");
        await Assertions.Expect(page.Locator("#cart li")).ToHaveTextAsync(["tea"]);
        var cookies = await page.Context.CookiesAsync();
        Assert.Equal(2, cookies.Count);
        Assert.All(cookies, cookie => Assert.True(cookie is { HttpOnly: true, SameSite: SameSiteAttribute.Strict }));
        Assert.DoesNotContain(cookies, cookie => cookie.Value == before.Value);

        await page.ClickAsync("#logout");
        await Assertions.Expect(page.Locator("#user")).ToHaveTextAsync("You are not logged in.");
        await Assertions.Expect(page.Locator("#cart li")).ToHaveCountAsync(0);
        await page.CloseAsync();
    }

    [Fact]
    public async Task A_visitor_gets_401_from_an_endpoint_and_no_redirect()
    {
        await using var sample = await RunningSample.StartAsync("Spa");
        using var visitor = sample.NewBrowser();

        using var response = await visitor.GetAsync(new Uri("api/me", UriKind.Relative));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.False(response.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task A_change_without_the_header_is_refused_and_changes_nothing()
    {
        await using var sample = await RunningSample.StartAsync("Spa");
        using var person = sample.NewBrowser();

        using var refused = await person.PostAsJsonAsync("api/login", new { name = "Mia" });
        person.DefaultRequestHeaders.Add("X-Requested-With", "fetch");
        using var accepted = await person.PostAsJsonAsync("api/login", new { name = "Mia" });
        person.DefaultRequestHeaders.Remove("X-Requested-With");
        using var logout = await person.PostAsync(new Uri("api/logout", UriKind.Relative), null);

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.False(refused.Headers.Contains("Set-Cookie"));
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, logout.StatusCode);
        Assert.Equal("""{"name":"Mia"}""", await person.GetStringAsync(new Uri("api/me", UriKind.Relative)));
    }

    private static async Task SendAsync(IPage page, string form, string name)
    {
        await page.FillAsync($"#{form} input", name);
        await page.ClickAsync($"#{form} button");
    }
}
