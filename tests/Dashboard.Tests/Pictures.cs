using System.Globalization;
using System.Text;

namespace SessionStores.Dashboard.Tests;

/// <summary>Takes the pictures of docs/images again: <c>dotnet run --project tests/Dashboard.Tests -- --explicit only</c>.</summary>
public sealed class Pictures(BrowserFixture browser)
{
    private static readonly string[] Devices = ["Firefox on Windows", "Safari on iPhone", "Chrome on Android"];

    [Theory(Explicit = true)]
    [InlineData(1280, 720)]
    [InlineData(390, 844)]
    public async Task Takes_the_pictures_of_the_documents(int width, int height)
    {
        const string user = "ada@example.com";
        await using var site = await OperatorSite.StartAsync(options => options.ValuesPolicy = "values");
        for (var index = 0; index < Devices.Length; index++)
            await CreateAsync(site.Store, user, Devices[index], TimeSpan.FromHours((index * 7) + 1));

        await using var context = await browser.NewContextAsync();
        var page = await site.OpenAsync(context, "/sessions?count", "auditor");
        await page.SetViewportSizeAsync(width, height);
        foreach (var (name, path) in new[] { ("start", "/sessions?count"), ("user", $"/sessions/subject?subject={user}") })
        {
            await page.GotoAsync(site.Address + path);
            await page.ScreenshotAsync(new() { Path = Repository.PathOf($"docs/images/dashboard-{name}-{width}.png") });
        }

        await page.GotoAsync($"{site.Address}/sessions/subject?subject={user}");
        await page.Locator("tbody a").First.ClickAsync();
        await page.ScreenshotAsync(new() { Path = Repository.PathOf($"docs/images/dashboard-session-{width}.png") });
    }

    private static async Task CreateAsync(ISessionStore store, string user, string device, TimeSpan age)
    {
        var idle = TimeSpan.FromDays(1);
        var created = (DateTimeOffset.UtcNow - age).ToUnixTimeMilliseconds();
        var payload = string.Create(CultureInfo.InvariantCulture, $$"""{"cookie":{"originalMaxAge":{{idle.TotalMilliseconds}},"path":"/"},"basket":["tea","milk"],"language":"en","visits":12,"__created":{{created}},"__authenticated":{{created}},"__label":"{{device}}"}""");
        await store.CreateAsync(Path.GetRandomFileName() + device, new SessionContent(Encoding.UTF8.GetBytes(payload), idle - (age / 2), user));
    }
}
