using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using SessionStores.AspNetCore.Tests;

namespace SessionStores.AspNetCore.IntegrationTests.Tickets;

/// <summary>Endpoints for which an older log-in is not enough.</summary>
public sealed class RecentSignInTests
{
    private static readonly TimeSpan Recent = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task An_older_sign_in_is_not_enough_until_the_user_is_authenticated_again()
    {
        await using var site = await Site.StartAsync(Map);
        using var browser = site.NewBrowser();
        Assert.Equal(401, (await browser.GetAsync("/password")).Status);

        await browser.GetAsync("/login");
        Assert.Equal("changed", (await browser.GetAsync("/password")).Body);
        site.Clock.Advance(Recent);
        Assert.Equal("changed", (await browser.GetAsync("/password")).Body);
        site.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal((401, ""), await AnswerAsync(browser, "/password"));
        Assert.Equal("open", (await browser.GetAsync("/open")).Body);

        await browser.GetAsync("/again");
        Assert.Equal("changed", (await browser.GetAsync("/password")).Body);
        await browser.GetAsync("/logout");
        Assert.Equal(401, (await browser.GetAsync("/password")).Status);
    }

    [Fact]
    public async Task A_group_of_endpoints_asks_too()
    {
        await using var site = await Site.StartAsync(app =>
        {
            Map(app);
            app.MapGroup("/group").RequireRecentSignIn(Recent).MapGet("/one", () => "one");
        });
        using var browser = site.NewBrowser();

        Assert.Equal(401, (await browser.GetAsync("/group/one")).Status);
        await browser.GetAsync("/login");
        Assert.Equal("one", (await browser.GetAsync("/group/one")).Body);
    }

    [Fact]
    public async Task A_sign_in_counts_from_its_log_in_and_not_from_its_renewal()
    {
        await using var site = await Site.StartAsync(
            app =>
            {
                TicketSite.Map(app);
                app.MapGet("/password", () => "changed").RequireRecentSignIn(TimeSpan.FromMinutes(45));
            },
            null,
            kestrel: false,
            services => TicketSite.AddSignIns(services));
        using var browser = site.NewBrowser();
        var anonymous = await browser.GetAsync("/password");
        Assert.Equal(302, anonymous.Status);
        Assert.Equal("/Account/Login", anonymous.Headers.Location!.AbsolutePath);

        using var signedIn = new SignedIn(browser);
        await signedIn.GetAsync("/in/alice");
        Assert.Equal("changed", await signedIn.GetAsync("/password"));
        site.Clock.Advance(TimeSpan.FromMinutes(40));
        Assert.Equal("changed", await signedIn.GetAsync("/password")); // renews it
        site.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal("alice", await signedIn.GetAsync("/who"));
        Assert.Equal(302, (await browser.GetAsync("/password")).Status);
    }

    [Fact]
    public async Task Without_the_middleware_no_endpoint_runs()
    {
        await using var site = await Site.StartAsync(app => Map(app), null, kestrel: false, services: null);
        using var browser = site.NewBrowser();

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => browser.GetAsync("/password"));

        Assert.Contains("UseSessionStores", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_time_that_is_not_positive_is_refused()
    {
        var builder = WebApplication.CreateSlimBuilder();
        using var app = builder.Build();

        Assert.Throws<ArgumentOutOfRangeException>("maxAge", () => app.MapGet("/", () => "").RequireRecentSignIn(TimeSpan.Zero));
    }

    private static async Task<(int Status, string Body)> AnswerAsync(Browser browser, string path)
    {
        var answer = await browser.GetAsync(path);
        return (answer.Status, answer.Body);
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/login", async (HttpSession session) =>
        {
            await session.RegenerateAsync();
            session.Subject = "alice";
        });
        app.MapGet("/again", (HttpSession session) => session.MarkAuthenticated());
        app.MapGet("/logout", (HttpSession session) => session.DestroyAsync());
        app.MapGet("/open", (HttpSession _) => "open");
        app.MapGet("/password", () => "changed").RequireRecentSignIn(Recent);
    }
}
