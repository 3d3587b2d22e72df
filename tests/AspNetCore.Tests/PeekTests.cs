using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore.Tests;

/// <summary>Requests that look at a session without using it.</summary>
public sealed class PeekTests
{
    private static readonly TimeSpan Idle = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Polling_keeps_no_session_alive_and_says_how_long_it_lives(bool hasExpressDefaults)
    {
        await using var site = await StartAsync(options =>
        {
            if (hasExpressDefaults)
                options.UseExpressDefaults();

            options.Rolling = true;
        });
        using var browser = site.NewBrowser();
        await browser.GetAsync("/set");

        for (var minutes = 59; minutes > 0; minutes--)
        {
            site.Clock.Advance(TimeSpan.FromMinutes(1));
            site.Store.Forget();
            var answer = await browser.GetAsync("/peek");

            Assert.Equal($"1 {minutes}", answer.Body);
            Assert.Empty(answer.SetCookies);
            Assert.Equal(["get"], site.Store.Calls);
        }

        site.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("none", (await browser.GetAsync("/peek")).Body);
    }

    [Fact]
    public async Task A_request_that_only_reads_counts_as_use()
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();
        await browser.GetAsync("/set");
        site.Clock.Advance(TimeSpan.FromMinutes(40));

        Assert.Equal("1 60", (await browser.GetAsync("/look")).Body);
        Assert.Equal("1 60", (await browser.GetAsync("/peek")).Body);
    }

    [Theory]
    [InlineData("set")]
    [InlineData("touch")]
    [InlineData("save")]
    [InlineData("destroy")]
    [InlineData("regenerate")]
    [InlineData("unset")]
    public async Task What_changes_or_extends_the_session_is_refused(string change)
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();
        await browser.GetAsync("/set");

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => browser.GetAsync($"/peek-and/{change}"));

        Assert.Equal("The session is read only on this endpoint (SessionMode.Peek). Use SessionMode.ReadWrite to change it.", failure.Message);
        Assert.Equal("1 60", (await browser.GetAsync("/peek")).Body);
    }

    [Fact]
    public async Task A_limit_that_the_record_does_not_have_yet_is_said_and_not_saved()
    {
        await using var site = await StartAsync(options => options.AbsoluteTimeout = TimeSpan.FromMinutes(30));
        using var browser = site.NewBrowser();
        await browser.GetAsync("/set");
        var record = (await site.RecordOf(browser))!;
        var unlimited = new SessionContent("""{"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"},"n":1}"""u8.ToArray(), Idle);
        await site.Store.Inner.SetAsync(record.Id, unlimited);
        site.Store.Forget();

        Assert.Equal("1 30", (await browser.GetAsync("/peek")).Body);

        Assert.Equal(["get"], site.Store.Calls);
        Assert.Equal("1 30", (await browser.GetAsync("/look")).Body);
        Assert.Contains("replace", site.Store.Calls);
    }

    [Fact]
    public async Task A_session_that_does_not_exist_is_not_created()
    {
        await using var site = await StartAsync(options => options.SaveUninitialized = true);
        using var browser = site.NewBrowser();

        var answer = await browser.GetAsync("/peek");

        Assert.Equal("none", answer.Body);
        Assert.Empty(answer.SetCookies);
        Assert.Empty(site.Store.Calls);
    }

    private static Task<Site> StartAsync(Action<SessionStoresOptions>? configure = null) => Site.StartAsync(
        app =>
        {
            app.MapGet("/set", (HttpSession session) => session.Set("n", 1));
            app.MapGet("/look", Show).WithSession(SessionMode.ReadOnly);
            app.MapGet("/peek", Show).WithSession(SessionMode.Peek);
            app.MapGet("/peek-and/{change}", (HttpContext context, HttpSession session, string change) => Change(context, session, change)).WithSession(SessionMode.Peek);
        },
        options =>
        {
            options.IdleTimeout = Idle;
            configure?.Invoke(options);
        });

    private static string Show(HttpSession? session) => session is { IsNew: false, Remaining: { } left }
        ? string.Create(CultureInfo.InvariantCulture, $"{session.Get<int>("n")} {left.TotalMinutes}")
        : "none";

    private static Task Change(HttpContext context, HttpSession session, string change)
    {
        switch (change)
        {
            case "set":
                session.Set("n", 2);
                break;
            case "touch":
                session.Touch();
                break;
            case "unset":
                context.UnsetSession();
                break;
            case "save":
                return session.SaveAsync();
            case "destroy":
                return session.DestroyAsync();
            default:
                return session.RegenerateAsync();
        }

        return Task.CompletedTask;
    }
}
