using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace SessionStores.Dashboard.Tests;

/// <summary>The dashboard in a real browser.</summary>
public sealed class DashboardTests(BrowserFixture browser)
{
    public static TheoryData<string> Stores => ServerOf.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Without_JavaScript_an_operator_finds_pages_through_and_ends_the_sessions_of_a_user(string store)
    {
        await using var server = await ServerOf.StartAsync(store);
        await using var site = await OperatorSite.StartAsync(options => options.PageSize = 2, store, server.ConnectionString);
        await site.CreateAsync("ann", "ann-1", "ann-2", "ann-3");
        await site.CreateAsync("bob", "bob-1");
        await using var context = await browser.NewContextAsync(isJavaScriptOff: true);
        var page = await site.OpenAsync(context, "/sessions?count");
        await Assertions.Expect(page.GetByText("4 sessions are live.")).ToBeVisibleAsync();

        await page.GetByLabel("User id").FillAsync("ann");
        await page.GetByRole(AriaRole.Button, new() { Name = "Find sessions" }).ClickAsync();
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(2);
        await page.GetByRole(AriaRole.Link, new() { Name = "Next page" }).ClickAsync();
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);

        await page.Locator("tbody a").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "card" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("4711")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "End this session" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("The session was ended.");
        await Assertions.Expect(page.GetByText("2 sessions are live.")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "End the session" }).First.ClickAsync();
        await Assertions.Expect(page.GetByText("1 session is live.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "End all sessions of this user…" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "End all sessions" }).ClickAsync();
        await Assertions.Expect(page.GetByText("This user has no sessions.")).ToBeVisibleAsync();

        Assert.NotNull(await site.Store.GetAsync("bob-1"));
        foreach (var id in new[] { "ann-1", "ann-2", "ann-3" })
            Assert.Null(await site.Store.GetAsync(id));
    }

    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    public async Task No_page_has_a_fault_of_accessibility_or_is_wider_than_the_screen(int width, ColorScheme colors)
    {
        await using var site = await OperatorSite.StartAsync(options => (options.PageSize, options.ValuesPolicy) = (2, "values"));
        await site.CreateAsync("ann", "ann-1", "ann-2", "ann-3");
        await using var context = await browser.NewContextAsync();
        var page = await site.OpenAsync(context, "/sessions", "auditor");
        await page.SetViewportSizeAsync(width, 844);
        await page.EmulateMediaAsync(new() { ColorScheme = colors });
        var messages = new List<string>();
        page.Console += (_, message) => messages.Add(message.Text);
        await page.GotoAsync($"{site.Address}/sessions/subject?subject=ann");
        var session = await page.Locator("tbody a").First.GetAttributeAsync("href");

        foreach (var path in new[] { "/sessions?count", "/sessions/subject?subject=ann&done=ended", "/sessions/subject?subject=unknown", session!, "/sessions/end-all?subject=ann", "/sessions/session?subject=ann&handle=none" })
        {
            await page.GotoAsync(site.Address + path);
            var faults = (await page.RunAxe()).Violations.Select(violation => $"{path}: {violation.Id} {string.Join(' ', violation.Nodes.Select(node => node.Html))}");

            Assert.Empty(faults);
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"), $"{path} is wider than {width}.");
            Assert.Equal(1, await page.Locator("main h1").CountAsync());
        }

        Assert.DoesNotContain(messages, message => message.Contains("Content Security Policy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_keyboard_is_enough_to_find_and_end_a_session()
    {
        await using var site = await OperatorSite.StartAsync();
        await site.CreateAsync("ann", "ann-1");
        await using var context = await browser.NewContextAsync(isJavaScriptOff: true);
        var page = await site.OpenAsync(context, "/sessions");

        Assert.Equal("Skip to the content", await TabAsync(page));
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("main")).ToBeFocusedAsync();
        Assert.Equal("User id", await TabAsync(page));
        await page.Keyboard.TypeAsync("ann");
        await Assertions.Expect(page.GetByLabel("User id")).ToHaveValueAsync("ann");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sessions of ann" })).ToBeVisibleAsync();
        for (var stop = 0; stop < 10 && !(await TabAsync(page)).StartsWith("End the session", StringComparison.Ordinal); stop++)
            Assert.NotEqual("none", await page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle"));

        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("The session was ended.");
        Assert.Null(await site.Store.GetAsync("ann-1"));
    }

    private static async Task<string> TabAsync(IPage page)
    {
        await page.Keyboard.PressAsync("Tab");
        return (await page.EvaluateAsync<string>("(e => e.labels?.[0]?.textContent ?? e.ariaLabel ?? e.textContent)(document.activeElement)")).Trim();
    }
}
