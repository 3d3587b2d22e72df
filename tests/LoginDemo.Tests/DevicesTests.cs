using Microsoft.Playwright;

namespace SessionStores.LoginDemo.Tests;

/// <summary>Three browsers of one user, and the page on which each is ended, without JavaScript, on every store whose server can run.</summary>
public sealed class DevicesTests(BrowserFixture browser)
{
    private const string User = "ada@example.com";

    public static TheoryData<string> Stores => ["memory", "redis", "postgres", "mongo"];

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Of_three_browsers_exactly_the_one_that_is_ended_by_its_handle_is_out(string store)
    {
        await using var server = await ServerOf.StartAsync(store);
        await using var demo = await RunningDemo.StartAsync(store, server.ConnectionString);
        await using var here = await LogInAsync(demo, "Here");
        await using var phone = await LogInAsync(demo, "Phone <b>");
        await using var laptop = await LogInAsync(demo, "Laptop");
        await using var other = await LogInAsync(demo, "Another user", "bob@example.com");

        await here.Page.GotoAsync(demo.Address + "/devices");
        Assert.Equal(3, await here.Page.Locator(".devices li").CountAsync());
        Assert.Equal("Here", await here.Page.Locator("li:has(.this) b").TextContentAsync());
        var content = await here.Page.ContentAsync();
        foreach (var each in new[] { here, phone, laptop })
            Assert.DoesNotContain(await each.IdAsync(), content, StringComparison.Ordinal);

        await here.Page.ClickAsync("li:has(b:text-is('Phone <b>')) button");
        await Assertions.Expect(here.Page.Locator(".devices li")).ToHaveCountAsync(2);

        Assert.Equal(["Here", "Laptop"], (await here.Page.Locator(".devices b").AllTextContentsAsync()).Order());
        Assert.Equal(("Please log in first", "Hello " + User, "Hello " + User, "Hello bob@example.com"), (
            await phone.HeadingAsync(demo), await laptop.HeadingAsync(demo), await here.HeadingAsync(demo), await other.HeadingAsync(demo)));
    }

    [Fact]
    public async Task Log_out_everywhere_else_leaves_this_browser_and_other_users()
    {
        await using var demo = await RunningDemo.StartAsync("memory", null);
        await using var here = await LogInAsync(demo, "Here");
        await using var phone = await LogInAsync(demo, "Phone");
        await using var laptop = await LogInAsync(demo, "Laptop");
        await using var other = await LogInAsync(demo, "Another user", "bob@example.com");

        await here.Page.GotoAsync(demo.Address + "/devices");
        await here.Page.ClickAsync("form[action='/devices/end-others'] button");
        await Assertions.Expect(here.Page.Locator(".devices li")).ToHaveCountAsync(1);

        Assert.Equal(["Here"], await here.Page.Locator(".devices b").AllTextContentsAsync());
        Assert.Equal(("Hello " + User, "Please log in first", "Please log in first", "Hello bob@example.com"), (
            await here.HeadingAsync(demo), await phone.HeadingAsync(demo), await laptop.HeadingAsync(demo), await other.HeadingAsync(demo)));
    }

    [Fact]
    public async Task A_user_cannot_end_the_session_of_another_by_its_handle()
    {
        await using var demo = await RunningDemo.StartAsync("memory", null);
        await using var ada = await LogInAsync(demo, "Ada's");
        await using var bob = await LogInAsync(demo, "Bob's", "bob@example.com");
        await ada.Page.GotoAsync(demo.Address + "/devices");
        var handle = await ada.Page.Locator(".devices li").GetAttributeAsync("id");

        await bob.Page.Context.APIRequest.PostAsync($"{demo.Address}/devices/{handle}/end");

        Assert.Equal("Hello " + User, await ada.HeadingAsync(demo));
    }

    private async Task<Device> LogInAsync(RunningDemo demo, string name, string user = User)
    {
        var device = new Device(await browser.NewContextAsync(isJavaScriptOff: true, userAgent: name));
        device.Page = await device.Context.NewPageAsync();
        await device.Page.GotoAsync(demo.Address);
        await device.Page.FillAsync("#email", user);
        await device.Page.FillAsync("#pass", "x");
        await device.Page.ClickAsync("main button");
        await device.Page.WaitForURLAsync("**/admin");
        return device;
    }

    private sealed class Device(IBrowserContext context) : IAsyncDisposable
    {
        public IBrowserContext Context { get; } = context;

        public IPage Page { get; set; } = null!;

        /// <summary>The secret in the cookie, which no page may show.</summary>
        public async Task<string> IdAsync() => Uri.UnescapeDataString(Assert.Single(await Context.CookiesAsync()).Value)[2..34];

        public async Task<string?> HeadingAsync(RunningDemo demo)
        {
            await Page.GotoAsync(demo.Address + "/admin");
            return await Page.Locator("h1").TextContentAsync();
        }

        public ValueTask DisposeAsync() => Context.DisposeAsync();
    }
}
