using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore.Tests;

/// <summary>The main job: a user logs in, comes back, logs out.</summary>
public sealed class LogInTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_visitor_logs_in_is_known_and_logs_out(bool kestrel)
    {
        await using var site = await Site.StartAsync(Map, kestrel: kestrel);
        using var browser = site.NewBrowser();

        var stranger = await browser.GetAsync("/admin");
        Assert.Equal("log in first", stranger.Body);
        Assert.Null(stranger.SetCookie);
        Assert.Empty(site.Store.Calls);

        var logIn = await browser.GetAsync("/login");
        Assert.Equal("done", logIn.Body);
        Assert.Matches("^connect\\.sid=s%3A[A-Za-z0-9_-]{32}\\.[A-Za-z0-9%]{43,70}; Path=/; HttpOnly$", logIn.SetCookie);
        Assert.Equal(["create"], site.Store.Calls);

        var known = await browser.GetAsync("/admin");
        Assert.Equal("hello a@b.c", known.Body);
        Assert.Null(known.SetCookie);

        var id = browser.SessionId!;
        var logOut = await browser.GetAsync("/logout");
        Assert.Equal(302, logOut.Status);
        Assert.Equal("connect.sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly", logOut.SetCookie);
        Assert.Null(await site.Store.Inner.GetAsync(id));
        Assert.Equal("log in first", (await browser.GetAsync("/admin")).Body);
    }

    [Theory]
    [InlineData("/login-without-new-id", 1)]
    [InlineData("/login", 0)]
    [InlineData("/login-and-then-new-id", 0)]
    public async Task A_log_in_that_keeps_an_id_which_was_known_before_is_warned_of(string path, int warnings)
    {
        await using var site = await Site.StartAsync(Map);
        using var browser = site.NewBrowser();

        await browser.GetAsync("/login-without-new-id");
        Assert.False(site.Log.Has("SignInWithoutNewId"));

        using var visitor = site.NewBrowser();
        await visitor.GetAsync("/basket");
        await visitor.GetAsync(path);
        await visitor.GetAsync("/basket");

        Assert.Equal(warnings, site.Log.Lines.Count(line => line.Name == "SignInWithoutNewId"));
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/basket", (HttpSession session) => session.Set("basket", session.Get<int>("basket") + 1));
        app.MapGet("/login-without-new-id", (HttpSession session) => session.Subject = "a@b.c");
        app.MapGet("/login-and-then-new-id", async (HttpSession session) =>
        {
            session.Subject = "a@b.c";
            await session.RegenerateAsync(keepData: true);
        });
        app.MapGet("/login", async (HttpSession session) =>
        {
            await session.RegenerateAsync();
            session.Set("email", "a@b.c");
            session.Subject = "a@b.c";
            return "done";
        });
        app.MapGet("/admin", (HttpSession session) => session.Get<string>("email") is { } email ? $"hello {email}" : "log in first");
        app.MapGet("/logout", async (HttpSession session) =>
        {
            await session.DestroyAsync();
            return Results.Redirect("/");
        });
    }
}
