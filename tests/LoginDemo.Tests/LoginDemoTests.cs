using Microsoft.Playwright;
using SessionStores.Backends;

namespace SessionStores.LoginDemo.Tests;

/// <summary>The demo, used by a person with a browser, on every store whose server can run.</summary>
public sealed class LoginDemoTests(BrowserFixture browser)
{
    public static TheoryData<string> Stores => ["memory", "redis", "postgres", "mongo"];

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_person_logs_in_and_out_and_the_session_holds(string store)
    {
        await using var server = await ServerOf.StartAsync(store);
        await using var demo = await RunningDemo.StartAsync(store, server.ConnectionString);
        var page = await browser.NewPageAsync();

        await page.GotoAsync(demo.Address + "/admin");
        Assert.Equal("Please log in first", await page.Locator("h1").TextContentAsync());

        await page.GotoAsync(demo.Address);
        await page.FillAsync("#email", "o'hara@example.com");
        await page.FillAsync("#pass", "open sesame");
        await page.ClickAsync("button");
        await page.WaitForURLAsync("**/admin");
        Assert.Equal("Hello o'hara@example.com", await page.Locator("h1").TextContentAsync());

        await page.ReloadAsync();
        Assert.Equal("Hello o'hara@example.com", await page.Locator("h1").TextContentAsync());

        var cookie = Assert.Single(await page.Context.CookiesAsync());
        Assert.True(cookie.HttpOnly);
        await page.ClickAsync("nav a[href='/session']");
        var session = await page.Locator("table").InnerTextAsync();
        Assert.Contains("o'hara@example.com", session, StringComparison.Ordinal);
        Assert.Contains(store, session, StringComparison.Ordinal);
        Assert.DoesNotContain(Uri.UnescapeDataString(cookie.Value)[2..34], await page.ContentAsync(), StringComparison.Ordinal);

        await page.GotoAsync(demo.Address + "/admin");
        await LogOutAsync(page);
        Assert.Empty(await page.Context.CookiesAsync());

        await page.Context.AddCookiesAsync([new Cookie { Name = cookie.Name, Value = cookie.Value, Url = demo.Address }]);
        await page.GotoAsync(demo.Address + "/admin");
        Assert.Equal("Please log in first", await page.Locator("h1").TextContentAsync());
        await page.CloseAsync();
    }

    [Fact]
    public async Task A_log_in_changes_the_id()
    {
        await using var demo = await RunningDemo.StartAsync("memory", null);
        var page = await browser.NewPageAsync();

        await LogInAsync(page, demo.Address, "first@example.com");
        var before = Assert.Single(await page.Context.CookiesAsync()).Value;
        var answer = await page.EvaluateAsync<string>(
            "async () => (await fetch('/login', { method: 'POST', body: new URLSearchParams({ email: 'second@example.com', pass: 'x' }) })).text()");
        var after = Assert.Single(await page.Context.CookiesAsync()).Value;

        Assert.Equal("done", answer);
        Assert.NotEqual(before, after);
        await page.CloseAsync();
    }

    [Fact]
    public async Task Without_JavaScript_a_log_in_ends_on_the_page_and_Back_after_log_out_shows_nothing_of_it()
    {
        await using var demo = await RunningDemo.StartAsync("memory", null);
        await using var context = await browser.NewContextAsync(isJavaScriptOff: true);
        var page = await context.NewPageAsync();

        await LogInAsync(page, demo.Address, "plain@example.com");
        Assert.Equal("Hello plain@example.com", await page.Locator("h1").TextContentAsync());
        await LogOutAsync(page);
        await page.GoBackAsync();

        Assert.DoesNotContain("plain@example.com", await page.ContentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_in_without_an_address_is_refused_with_a_sentence()
    {
        await using var demo = await RunningDemo.StartAsync("memory", null);
        var page = await browser.NewPageAsync();

        await page.GotoAsync(demo.Address);
        var answer = await page.EvaluateAsync<string>(
            "async () => { const r = await fetch('/login', { method: 'POST', body: new URLSearchParams({ email: '<b>', pass: '' }) }); return r.status + ' ' + await r.text(); }");

        Assert.Equal("400 Enter an e-mail address and a password.", answer);
        Assert.Empty(await page.Context.CookiesAsync());
        await page.CloseAsync();
    }

    [Theory]
    [InlineData("--store must be one of memory, redis, mongo, postgres, but is 'disk'.", "--store", "disk")]
    [InlineData("--store redis needs --connection.", "--store", "redis")]
    [InlineData("--port must be 0 to 65535, but is '99999'.", "--port", "99999")]
    [InlineData("'--colour' is not an option.", "--colour", "blue")]
    [InlineData("--port needs a value.", "--port")]
    public async Task Wrong_arguments_are_named(string problem, params string[] arguments)
    {
        var (code, error) = await RunningDemo.RefuseAsync(arguments);

        Assert.Equal(2, code);
        Assert.StartsWith(problem, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_link_of_the_tutorial_asks_before_it_logs_out()
    {
        await using var demo = await RunningDemo.StartAsync("memory", null);
        var page = await browser.NewPageAsync();
        await LogInAsync(page, demo.Address, "ada@example.com");

        await page.GotoAsync(demo.Address + "/logout");
        Assert.Equal("Log out?", await page.Locator("h1").TextContentAsync());
        await page.GotoAsync(demo.Address + "/admin");
        Assert.Equal("Hello ada@example.com", await page.Locator("h1").TextContentAsync());

        await LogOutAsync(page);
        await page.GotoAsync(demo.Address + "/logout");
        await page.WaitForSelectorAsync("#login");
        await page.CloseAsync();
    }

    [Fact]
    public async Task Without_JavaScript_a_wrong_log_in_ends_on_the_form_with_a_sentence()
    {
        await using var demo = await RunningDemo.StartAsync("memory", null);
        await using var context = await browser.NewContextAsync(isJavaScriptOff: true);
        var page = await context.NewPageAsync();

        await page.GotoAsync(demo.Address);
        await page.FillAsync("#email", $"{new string('a', 250)}");
        await page.EvaluateAsync("() => document.getElementById('login').noValidate = true");
        await page.FillAsync("#pass", "x");
        await page.ClickAsync("button");

        await page.Locator("#message", new PageLocatorOptions { HasText = "Enter an e-mail address and a password." }).WaitForAsync();
        Assert.NotNull(await page.QuerySelectorAsync("#login"));
    }

    [Fact]
    public async Task A_log_out_that_cannot_reach_its_store_says_that_it_failed()
    {
        await using var server = await ServerOf.StartAsync("redis");
        Assert.SkipUnless(server.Backend.CanControl, "the server cannot be stopped");
        await using var demo = await RunningDemo.StartAsync("redis", server.ConnectionString);
        var page = await browser.NewPageAsync();
        await LogInAsync(page, demo.Address, "ada@example.com");
        await page.GotoAsync(demo.Address + "/logout");
        await server.Backend.KillAsync();

        var answer = await page.RunAndWaitForResponseAsync(
            () => page.ClickAsync("button"), response => response.Request.Method == "POST", new PageRunAndWaitForResponseOptions { Timeout = 60_000 });

        Assert.Equal(503, answer.Status);
        await page.Locator("[role=alert]", new PageLocatorOptions { HasText = "The log-out failed" }).WaitForAsync();
        await page.CloseAsync();
    }

    private static async Task LogOutAsync(IPage page)
    {
        await page.ClickAsync("a[href='/logout']");
        await page.WaitForURLAsync("**/logout");
        await page.ClickAsync("main button");
        await page.WaitForSelectorAsync("#login");
    }

    private static async Task LogInAsync(IPage page, string address, string email)
    {
        await page.GotoAsync(address);
        await page.FillAsync("#email", email);
        await page.FillAsync("#pass", "x");
        await page.ClickAsync("button");
        await page.WaitForURLAsync("**/admin");
    }
}
