using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using SessionStores.AspNetCore.Tests;

namespace SessionStores.AspNetCore.IntegrationTests.Tickets;

/// <summary>What a user sees of the own sign-ins, beside the sessions.</summary>
public sealed class TicketDevicesTests
{
    public static TheoryData<string> Stores => ServerOf.Stores;

    [Fact]
    public async Task A_sign_in_is_listed_with_its_label_and_keeps_its_instants_when_it_is_renewed()
    {
        await using var site = await StartAsync();
        var start = site.Clock.GetUtcNow();
        using var browser = new SignedIn(site.NewBrowser());
        await browser.GetAsync("/in/alice", ("User-Agent", "Phone"));
        var first = await OneAsync(site);
        Assert.Equal((start, start, start, start + TicketSite.Lifetime), (first.CreatedAt, first.AuthenticatedAt, first.LastSeenAt, first.ExpiresAt));
        Assert.Equal(("Phone", true, false), (first.Label, first.IsTicket, first.IsCurrent));

        // The handler renews a sign-in of which less than half is left.
        site.Clock.Advance(TimeSpan.FromMinutes(40));
        Assert.Equal("alice", await browser.GetAsync("/who", ("User-Agent", "Another one")));

        var renewed = await OneAsync(site);
        var now = start.AddMinutes(40);
        Assert.Equal((start, start, now, now + TicketSite.Lifetime), (renewed.CreatedAt, renewed.AuthenticatedAt, renewed.LastSeenAt, renewed.ExpiresAt));
        Assert.Equal(("Phone", first.Handle), (renewed.Label, renewed.Handle));
    }

    [Fact]
    public async Task A_new_sign_in_of_the_same_browser_is_a_new_one_in_the_list()
    {
        await using var site = await StartAsync();
        using var browser = new SignedIn(site.NewBrowser());
        await browser.GetAsync("/in/alice", ("User-Agent", "Phone"));
        var first = await OneAsync(site);
        site.Clock.Advance(TimeSpan.FromMinutes(1));

        await browser.GetAsync("/in/alice", ("User-Agent", "Phone, updated"));

        var second = await OneAsync(site);
        Assert.NotEqual(first.Handle, second.Handle);
        Assert.Equal((site.Clock.GetUtcNow(), "Phone, updated"), (second.CreatedAt, second.Label));
    }

    [Fact]
    public async Task A_sign_in_is_ended_by_its_handle_and_the_list_marks_those_of_this_browser()
    {
        await using var site = await StartAsync();
        using var phone = new SignedIn(site.NewBrowser());
        using var laptop = new SignedIn(site.NewBrowser());
        await phone.GetAsync("/in/alice", ("User-Agent", "Phone"));
        await laptop.GetAsync("/in/alice", ("User-Agent", "Laptop"));

        Assert.Equal("Laptop", await laptop.GetAsync("/here/alice"));
        var handle = (await site.Sessions.PageBySubjectAsync("alice")).Sessions.Single(session => session.Label == "Phone").Handle;
        Assert.True(await site.Sessions.DestroyByHandleAsync("alice", handle));

        Assert.Equal("anonymous", await phone.GetAsync("/who"));
        Assert.Equal("alice", await laptop.GetAsync("/who"));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task On_every_store_exactly_the_session_whose_handle_is_given_ends(string provider)
    {
        await using var site = await TicketSite.StartAsync(provider);
        var user = $"user-{Guid.NewGuid()}";
        var browsers = new[] { site.NewBrowser(), site.NewBrowser(), site.NewBrowser() };
        foreach (var browser in browsers)
            await browser.GetAsync($"/set/a?subject={user}");

        var first = await site.Sessions.PageBySubjectAsync(user, 2);
        var second = await site.Sessions.PageBySubjectAsync(user, 2, first.Continuation);
        SessionInfo[] listed = [.. first.Sessions, .. second.Sessions];
        Assert.Equal(3, listed.DistinctBy(session => session.Handle).Count());
        Assert.Null(second.Continuation);
        Assert.All(listed, session => Assert.True(session is { CreatedAt: not null, AuthenticatedAt: not null, LastSeenAt: not null, IsTicket: false }));

        Assert.True(await site.Sessions.DestroyByHandleAsync(user, listed[1].Handle));

        var keys = await Task.WhenAll(browsers.Select(browser => browser.GetAsync("/keys")));
        Assert.Equal(["", "a", "a"], keys.Order(StringComparer.Ordinal));
        Assert.Equal(1, await site.Sessions.DestroyBySubjectAsync(user, exceptHandles: [listed[0].Handle]));
        Assert.Equal(1, await site.Sessions.CountBySubjectAsync(user));
        foreach (var browser in browsers)
            browser.Dispose();
    }

    private static async Task<SessionInfo> OneAsync(Site site) => Assert.Single((await site.Sessions.PageBySubjectAsync("alice")).Sessions);

    private static async Task<Site> StartAsync()
    {
        var site = await Site.StartAsync(
            app =>
            {
                TicketSite.Map(app);
                app.MapGet("/here/{user}", async (HttpContext context, SessionAccess sessions, string user) => string.Join(
                    ' ', (await sessions.PageBySubjectAsync(user, currentIds: await context.GetSessionIdsAsync())).Sessions.Where(session => session.IsCurrent).Select(session => session.Label)));
            },
            null,
            kestrel: false,
            services => TicketSite.AddSignIns(services, options => options.Label = context => context.Request.Headers.UserAgent));
        site.Store.ForwardsCapabilities = true;
        return site;
    }
}
