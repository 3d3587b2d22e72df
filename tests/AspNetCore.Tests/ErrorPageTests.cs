using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore.Tests;

/// <summary>Error pages that run after the endpoint, in the same request.</summary>
public sealed class ErrorPageTests
{
    public static TheoryData<string, int> Pages => new()
    {
        { "/throw/none", 500 }, { "/throw/read", 500 }, { "/throw/write", 500 },
        { "/missing/none", 404 }, { "/missing/read", 404 }, { "/missing/write", 404 },
    };

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task An_error_page_uses_the_session_by_its_own_mode(string path, int status)
    {
        await using var site = await StartAsync("/page");
        using var browser = site.NewBrowser();

        var first = await browser.GetAsync(path);
        var second = await browser.GetAsync(path);

        Assert.Equal((status, "page 1"), (first.Status, first.Body));
        Assert.NotNull(first.SetCookie);
        Assert.Equal((status, "page 2"), (second.Status, second.Body));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task What_an_error_page_changes_after_its_first_flush_is_stored(string path, int status)
    {
        await using var site = await StartAsync("/flush");
        using var browser = site.NewBrowser();
        await browser.GetAsync("/page");

        Assert.Equal(status, (await browser.GetAsync(path)).Status);

        Assert.Equal("flushed", (await browser.GetAsync("/flushed")).Body);
    }

    [Theory]
    [InlineData("/throw/read")]
    [InlineData("/missing/read")]
    public async Task A_page_inside_of_the_sessions_has_its_own_mode_too(string path)
    {
        await using var site = await StartAsync("/page", pagesInside: true);
        using var browser = site.NewBrowser();

        Assert.Equal("page 1", (await browser.GetAsync(path)).Body);
        Assert.Equal("page 2", (await browser.GetAsync(path)).Body);
    }

    [Theory]
    [InlineData("/without")]
    [InlineData("/reading")]
    public async Task A_page_that_does_not_write_keeps_what_the_endpoint_changed(string page)
    {
        await using var site = await StartAsync(page);
        using var browser = site.NewBrowser();
        await browser.GetAsync("/page");

        Assert.Equal(page == "/without" ? "no session" : "endpoint", (await browser.GetAsync("/change")).Body);

        Assert.Equal("endpoint", (await browser.GetAsync("/reading")).Body);
    }

    [Fact]
    public async Task A_page_after_a_failed_load_runs_without_a_session_and_without_a_second_call()
    {
        await using var site = await StartAsync("/without");
        using var browser = site.NewBrowser();
        await browser.GetAsync("/page");
        site.Store.Forget();
        site.Store.Before = _ => throw new SessionStoreException("RecordingStore", "Get", SessionStoreFault.Unavailable, "It is gone.");

        var answer = await browser.GetAsync("/change");

        Assert.Equal((500, "no session"), (answer.Status, answer.Body));
        Assert.Equal(["get"], site.Store.Calls);
    }

    private static Task<Site> StartAsync(string page, bool pagesInside = false) => Site.StartAsync(app =>
    {
        if (pagesInside)
            app.UseSessionStores();

        app.UseExceptionHandler(page);
        app.UseStatusCodePagesWithReExecute(page);
        if (!pagesInside)
            app.UseSessionStores();

        foreach (var (name, mode) in new[] { ("none", SessionMode.None), ("read", SessionMode.ReadOnly), ("write", SessionMode.ReadWrite) })
        {
            app.MapGet($"/throw/{name}", (HttpContext _) => throw new InvalidOperationException("failed")).WithSession(mode);
            app.MapGet($"/missing/{name}", () => Results.StatusCode(404)).WithSession(mode);
        }

        app.MapGet("/change", (HttpSession session) =>
        {
            session.Set("by", "endpoint");
            return Results.StatusCode(404);
        });
        app.MapGet("/page", (HttpSession session) =>
        {
            session.Update<int>("pages", pages => pages + 1);
            return $"page {session.Get<int>("pages")}";
        });
        app.MapGet("/flush", async (HttpContext context, HttpSession session) =>
        {
            await context.Response.WriteAsync("page");
            await context.Response.Body.FlushAsync();
            session.Set("late", "flushed");
        });
        app.MapGet("/flushed", (HttpSession session) => session.Get<string>("late"));
        app.MapGet("/reading", (HttpSession session) => session.Get<string>("by")).WithSession(SessionMode.ReadOnly);
        app.MapGet("/without", (HttpContext context) => context.GetHttpSession() is null ? "no session" : "a session").WithSession(SessionMode.None);
    }, null, kestrel: false, services: null);
}
