using Microsoft.Playwright;

namespace SessionStores.Samples.Tests;

public sealed class BlazorTests(BrowserFixture browser)
{
    [Fact]
    public async Task Page_and_circuit_share_a_session_until_log_out()
    {
        await using var sample = await RunningSample.StartAsync("Blazor");
        var person = await browser.NewContextAsync();
        var first = await person.NewPageAsync();
        await first.GotoAsync(sample.Address.ToString());
        await first.FillAsync("input[name=Name]", "Mia");
        await first.ClickAsync("form button");
        await Assertions.Expect(first.Locator("h1")).ToHaveTextAsync("Hello Mia");
        await ClickAsync(first, 1);

        // A second window begins with the session as it is now.
        var second = await person.NewPageAsync();
        await second.GotoAsync(sample.Address.ToString());
        await Assertions.Expect(second.Locator("#clicks")).ToHaveTextAsync("Clicked 1 times.");
        await ClickAsync(second, 2);
        await ClickAsync(first, 3);
        var cookie = Assert.Single(await person.CookiesAsync(), cookie => cookie.Name == "connect.sid");
        var id = Uri.UnescapeDataString(cookie.Value)[2..34];
        Assert.DoesNotContain(id, await first.ContentAsync(), StringComparison.Ordinal);

        // A log-out in one window ends the circuit of the other one, in which nothing is done.
        await second.ClickAsync("#logout");
        await Assertions.Expect(second.Locator("h1")).ToHaveTextAsync("Please log in");
        await Assertions.Expect(first.Locator("h1")).ToHaveTextAsync("Please log in");
        Assert.DoesNotContain(await person.CookiesAsync(), cookie => cookie.Name == "connect.sid");
        await person.CloseAsync();
    }

    /// <summary>The button is disabled until the circuit is open; Playwright waits for that.</summary>
    private static async Task ClickAsync(IPage page, int expected)
    {
        await page.ClickAsync("#click");
        await Assertions.Expect(page.Locator("#clicks")).ToHaveTextAsync($"Clicked {expected} times.");
    }
}
