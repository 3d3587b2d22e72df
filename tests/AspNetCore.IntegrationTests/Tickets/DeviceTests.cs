using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using SessionStores.AspNetCore.Tests;

namespace SessionStores.AspNetCore.IntegrationTests.Tickets;

/// <summary>The session and the sign-in of one browser are one device: listed together, and ended together.</summary>
public sealed class DeviceTests
{
    public static TheoryData<string> Stores => ServerOf.Stores;

    [Theory]
    [InlineData("/subject-and-in/alice", false)]
    [InlineData("/subject-and-in/alice", true)]
    [InlineData("/in-and-subject/alice", false)]
    [InlineData("/in-and-subject/alice", true)]
    [InlineData("/subject/alice /in/alice", false)]
    [InlineData("/in/alice /subject/alice", false)]
    [InlineData("/in/alice /subject/alice", true)]
    [InlineData("/subject/alice /in-unseen/alice /set", false)]
    [InlineData("/in/alice /subject/alice /in/alice", false)]
    [InlineData("/subject-and-in/alice /in-unseen/alice", false)]
    [InlineData("/subject-and-in/alice /subject/alice", false)]
    [InlineData("/subject-and-in/alice /rotate", false)]
    [InlineData("/subject-and-in/bob /subject-and-in/alice", false)]
    public async Task Whichever_record_is_ended_by_its_handle_the_browser_is_logged_out(string paths, bool isAuthenticationFirst)
    {
        foreach (var endsTicket in new[] { false, true })
        {
            await using var site = await StartAsync(isAuthenticationFirst);
            using var here = await VisitAsync(site, paths);
            using var there = await VisitAsync(site, paths);
            var listed = await ListAsync(site);
            Assert.Equal([2, 2], listed.GroupBy(record => record.Device).Select(device => device.Count()));
            Assert.All(listed.GroupBy(record => record.Device), device => Assert.Single(device, record => record.IsTicket));

            var handle = listed.First(record => record.IsTicket == endsTicket).Handle;
            Assert.False(await site.Sessions.DestroyByHandleAsync("bob", handle));
            Assert.True(await site.Sessions.DestroyByHandleAsync("alice", handle));
            Assert.False(await site.Sessions.DestroyByHandleAsync("alice", handle));

            string[] users = [await here.GetAsync("/users"), await there.GetAsync("/users")];
            Assert.Equal(["alice alice", "anonymous -"], users.Order());
        }
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task On_every_store_a_device_ends_with_its_session_and_its_sign_in(string provider)
    {
        await using var site = await TicketSite.StartAsync(provider);
        var user = $"user-{Guid.NewGuid()}";
        using var here = site.NewBrowser();
        using var there = site.NewBrowser();
        foreach (var browser in new[] { here, there })
        {
            await browser.GetAsync($"/set/a?subject={user}");
            await browser.GetAsync($"/in/{user}");
        }

        var listed = (await site.Sessions.PageBySubjectAsync(user)).Sessions;
        Assert.Equal(4, listed.Count);
        Assert.True(await site.Sessions.DestroyByHandleAsync(user, listed[0].Handle));

        string[] left = [await here.GetAsync("/keys") + await here.GetAsync("/who"), await there.GetAsync("/keys") + await there.GetAsync("/who")];
        Assert.Equal(["anonymous", $"a{user}"], left.Order(StringComparer.Ordinal));
        Assert.Equal(2, await site.Sessions.CountBySubjectAsync(user));
    }

    [Fact]
    public async Task Everywhere_else_keeps_the_whole_device_whose_handle_is_given()
    {
        await using var site = await StartAsync();
        using var here = await VisitAsync(site, "/subject-and-in/alice");
        using var there = await VisitAsync(site, "/subject-and-in/alice");
        var kept = (await ListAsync(site))[0];

        Assert.Equal(2, await site.Sessions.DestroyBySubjectAsync("alice", exceptHandles: [kept.Handle]));

        Assert.Equal([kept.Device, kept.Device], (await ListAsync(site)).Select(record => record.Device));
    }

    [Fact]
    public async Task A_device_is_that_of_one_user_and_of_one_browser()
    {
        await using var site = await StartAsync();
        using var here = await VisitAsync(site, "/subject-and-in/alice /subject/bob");
        using var there = await VisitAsync(site, "/subject-and-in/bob");
        using var visitor = await VisitAsync(site, "/set /in/alice");

        var alice = await ListAsync(site);
        var bob = await ListAsync(site, "bob");

        Assert.Equal((2, 3), (alice.Count, bob.Count));
        Assert.All(alice, record => Assert.True(record.IsTicket));
        Assert.Equal(4, alice.Concat(bob).DistinctBy(record => record.Device).Count());
        Assert.True(await site.Sessions.DestroyByHandleAsync("bob", bob.Single(record => bob.Count(other => other.Device == record.Device) == 1).Handle));
        Assert.Equal("alice -", await here.GetAsync("/users"));
        Assert.Equal("bob bob", await there.GetAsync("/users"));
        Assert.Equal("alice -", await visitor.GetAsync("/users"));
    }

    [Fact]
    public async Task A_sign_out_leaves_the_session_and_the_next_sign_in_belongs_to_it_again()
    {
        await using var site = await StartAsync();
        using var browser = await VisitAsync(site, "/subject-and-in/alice /out");
        var device = Assert.Single(await ListAsync(site)).Device;

        await browser.GetAsync("/in/alice");

        Assert.Equal([device, device], (await ListAsync(site)).Select(record => record.Device));
    }

    [Fact]
    public async Task A_session_takes_the_device_of_its_browser_with_the_next_change_and_not_before()
    {
        await using var site = await StartAsync();
        using var browser = await VisitAsync(site, "/subject/alice /in-unseen/alice");
        site.Store.Forget();

        await browser.GetAsync("/users");
        Assert.All(site.Store.Calls, call => Assert.Equal("get", call));
        Assert.Equal(2, (await ListAsync(site)).DistinctBy(record => record.Device).Count());

        await browser.GetAsync("/set");
        Assert.Single((await ListAsync(site)).DistinctBy(record => record.Device));
    }

    private static async Task<IReadOnlyList<SessionInfo>> ListAsync(Site site, string user = "alice") => (await site.Sessions.PageBySubjectAsync(user)).Sessions;

    private static async Task<SignedIn> VisitAsync(Site site, string paths)
    {
        var browser = new SignedIn(site.NewBrowser());
        foreach (var path in paths.Split(' '))
            await browser.GetAsync(path);

        return browser;
    }

    private static async Task<Site> StartAsync(bool isAuthenticationFirst = false)
    {
        var site = await Site.StartAsync(app => Map(app, isAuthenticationFirst), null, kestrel: false, services => TicketSite.AddSignIns(services));
        site.Store.ForwardsCapabilities = true;
        return site;
    }

    private static void Map(WebApplication app, bool isAuthenticationFirst)
    {
        // Minimal APIs add authentication before everything else if the application does not.
        if (isAuthenticationFirst)
            app.UseAuthentication();

        TicketSite.Map(app);
        app.MapGet("/users", (HttpContext context, HttpSession session) => $"{context.User.Identity?.Name ?? "anonymous"} {session.Subject ?? "-"}");
        app.MapGet("/set", (HttpSession session) => session.Update<int>("a", value => value + 1));
        app.MapGet("/rotate", (HttpSession session) => session.RegenerateAsync(keepData: true));
        app.MapGet("/subject/{user}", (HttpSession session, string user) => LogInAsync(session, user));
        app.MapGet("/in-unseen/{user}", (HttpContext context, string user) => context.SignInAsync(TicketSite.Principal(user))).WithSession(SessionMode.None);
        app.MapGet("/subject-and-in/{user}", async (HttpContext context, HttpSession session, string user) =>
        {
            await LogInAsync(session, user);
            await context.SignInAsync(TicketSite.Principal(user));
        });
        app.MapGet("/in-and-subject/{user}", async (HttpContext context, HttpSession session, string user) =>
        {
            await context.SignInAsync(TicketSite.Principal(user));
            await LogInAsync(session, user);
        });
    }

    private static async Task LogInAsync(HttpSession session, string user)
    {
        await session.RegenerateAsync();
        session.Subject = user;
    }
}
