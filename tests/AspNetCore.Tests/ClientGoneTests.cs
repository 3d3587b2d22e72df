using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace SessionStores.AspNetCore.Tests;

/// <summary>A client that leaves ends the handler in one of several ways; what was changed until then is stored in each.</summary>
public sealed class ClientGoneTests
{
    public static TheoryData<string, Func<CancellationToken, Task>> Ends => new()
    {
        { "returns", _ => Task.CompletedTask },
        { "observes the token", token => Task.Delay(Timeout.Infinite, token) },
        { "throws for it", token => throw new OperationCanceledException(token) },
        { "loses its connection", _ => throw new IOException("The connection was reset.") },
        { "catches it", async token => await Task.Delay(Timeout.Infinite, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing) },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task What_was_changed_before_the_client_left_is_stored(string end, Func<CancellationToken, Task> finish)
    {
        Assert.NotEmpty(end);
        await using var site = await StartAsync(finish);
        using var browser = site.NewBrowser();
        await browser.GetAsync("/begin");

        await EndAsync(browser, "/stream");

        Assert.Equal("2", (await browser.GetAsync("/read")).Body);
    }

    [Fact]
    public async Task A_failure_while_the_client_is_there_stores_nothing()
    {
        await using var site = await StartAsync(_ => throw new OperationCanceledException("Something else was cancelled."));
        using var browser = site.NewBrowser();
        await browser.GetAsync("/begin");

        await Assert.ThrowsAsync<OperationCanceledException>(() => browser.GetAsync("/fail"));

        Assert.Equal("1", (await browser.GetAsync("/read")).Body);
    }

    private static async Task EndAsync(Browser browser, string path)
    {
        try
        {
            await browser.GetAsync(path);
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException or HttpRequestException)
        {
            // The test server hands the exception of the handler to its client.
        }
    }

    private static Task<Site> StartAsync(Func<CancellationToken, Task> finish) => Site.StartAsync(app =>
    {
        app.MapGet("/begin", (HttpSession session) => session.Set("n", 1));
        app.MapGet("/read", (HttpSession session) => session.Get<int>("n"));
        app.MapGet("/stream", async (HttpContext context, HttpSession session) =>
        {
            await context.Response.Body.FlushAsync();
            session.Set("n", 2);
            context.RequestAborted = new CancellationToken(canceled: true);
            await finish(context.RequestAborted);
        });
        app.MapGet("/fail", async (HttpSession session) =>
        {
            session.Set("n", 2);
            await finish(CancellationToken.None);
        });
    });
}
