using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SessionStores.AspNetCore.IntegrationTests.Bridge;

/// <summary>The numbers of the README: one application that uses only <c>HttpContext.Session</c>, on ASP.NET Core's session and on this one.</summary>
public sealed class ParallelRequestsTests
{
    private const int Requests = 20;

    [Theory]
    [InlineData("ASP.NET Core", 1)]
    [InlineData("SessionStores", Requests)]
    public async Task Of_20_parallel_requests_that_each_set_a_key_this_many_are_kept(string sessions, int kept)
    {
        var loaded = 0;
        var allHaveLoaded = new TaskCompletionSource();
        await using var app = await StartAsync(sessions, app =>
            app.MapGet("/set/{key}", async (HttpContext context, string key) =>
            {
                await context.Session.LoadAsync();
                if (Interlocked.Increment(ref loaded) == Requests)
                    allHaveLoaded.SetResult();

                await allHaveLoaded.Task.WaitAsync(TimeSpan.FromMinutes(1));
                context.Session.SetInt32(key, 1);
                await context.Session.CommitAsync();
            }));
        using var browser = BrowserOf(app);
        await browser.GetStringAsync("/log-in");

        await Task.WhenAll(Enumerable.Range(0, Requests).Select(number => browser.GetStringAsync($"/set/key{number}")));

        var keys = (await browser.GetStringAsync("/keys")).Split(' ');
        Assert.Equal(kept, keys.Count(key => key.StartsWith("key", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("ASP.NET Core", "user")]
    [InlineData("SessionStores", "cart")]
    public async Task A_slow_request_that_writes_while_the_user_logs_out_leaves_this(string sessions, string left)
    {
        var hasLoaded = new TaskCompletionSource();
        var isLoggedOut = new TaskCompletionSource();
        await using var app = await StartAsync(sessions, app =>
            app.MapGet("/slow", async (HttpContext context) =>
            {
                await context.Session.LoadAsync();
                hasLoaded.SetResult();
                await isLoggedOut.Task;
                context.Session.SetInt32("cart", 1);
                await context.Session.CommitAsync();
            }));
        using var browser = BrowserOf(app);
        await browser.GetStringAsync("/log-in");

        var slow = browser.GetStringAsync("/slow");
        await hasLoaded.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await browser.GetStringAsync("/log-out");
        isLoggedOut.SetResult();
        await slow;

        // With ASP.NET Core's session the user is logged in again.
        var keys = (await browser.GetStringAsync("/keys")).Split(' ');
        Assert.Equal(left == "user" ? ["cart", "user"] : ["cart"], keys);
    }

    private static async Task<WebApplication> StartAsync(string sessions, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        if (sessions == "SessionStores")
            builder.Services.AddSessionStores(options =>
            {
                options.Secrets.Add("N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ");
                options.Cookie.Secure = SessionCookieSecurity.Auto;
            });
        else
            builder.Services.AddDistributedMemoryCache().AddSession();

        var app = builder.Build();
        if (sessions == "SessionStores")
            app.UseSessionStores();
        else
            app.UseSession();

        app.MapGet("/log-in", async (HttpContext context) =>
        {
            context.Session.SetString("user", "alice");
            await context.Session.CommitAsync();
        });
        app.MapGet("/log-out", async (HttpContext context) =>
        {
            context.Session.Clear();
            await context.Session.CommitAsync();
        });
        app.MapGet("/keys", (HttpContext context) => string.Join(' ', context.Session.Keys.Order(StringComparer.Ordinal)));
        map(app);
        await app.StartAsync();
        return app;
    }

    private static HttpClient BrowserOf(WebApplication app) => new() { BaseAddress = new Uri(app.Urls.First()) };
}
