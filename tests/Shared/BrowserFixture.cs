using Microsoft.Playwright;
using SessionStores.Tests;

[assembly: AssemblyFixture(typeof(BrowserFixture))]

namespace SessionStores.Tests;

/// <summary>A headless Chromium of the system, shared by the tests.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (FindChromium() is not { } path)
            return;

        Assertions.SetDefaultExpectTimeout(30_000);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = path, Args = Arguments });
    }

    /// <summary>A window of a person with no cookies.</summary>
    public async Task<IPage> NewPageAsync() => await (await NewContextAsync()).NewPageAsync();

    /// <summary>A person with no cookies, who opens windows.</summary>
    public async Task<IBrowserContext> NewContextAsync(bool isJavaScriptOff = false, string? userAgent = null)
    {
        Assert.SkipWhen(_browser is null, $"no Chromium on the PATH (looked for {string.Join(", ", Names)})");
        return await _browser.NewContextAsync(new BrowserNewContextOptions { JavaScriptEnabled = !isJavaScriptOff, UserAgent = userAgent });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();

        _playwright?.Dispose();
    }

    private static string? FindChromium() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => Names.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);
}
