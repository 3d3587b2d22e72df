namespace SessionStores.LoginDemo.Tests;

/// <summary>Takes the pictures of docs/images again: <c>dotnet run --project tests/LoginDemo.Tests -- --explicit only</c>.</summary>
public sealed class Pictures(BrowserFixture browser)
{
    private static readonly string[] Devices =
    [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
    ];

    [Theory(Explicit = true)]
    [InlineData(1280, 720)]
    [InlineData(390, 844)]
    public async Task Takes_the_pictures_of_the_documents(int width, int height)
    {
        await using var demo = await RunningDemo.StartAsync("memory", null);
        foreach (var device in Devices)
        {
            await using var context = await browser.NewContextAsync(userAgent: device);
            var page = await context.NewPageAsync();
            await page.SetViewportSizeAsync(width, height);
            await page.GotoAsync(demo.Address);
            await page.ScreenshotAsync(new() { Path = Repository.PathOf($"docs/images/demo-login-{width}.png") });
            await page.FillAsync("#email", "ada@example.com");
            await page.FillAsync("#pass", "x");
            await page.ClickAsync("main button");
            await page.WaitForURLAsync("**/admin");
            await page.GotoAsync(demo.Address + "/devices");
            await page.ScreenshotAsync(new() { Path = Repository.PathOf($"docs/images/demo-devices-{width}.png") });
        }
    }
}
