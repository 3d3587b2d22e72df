namespace SessionStores.AspNetCore.IntegrationTests.Tickets;

/// <summary>A browser can send several sign-in cookies of one name, for other paths and domains. The cookie handler reads the last one.</summary>
public sealed class SeveralTicketsTests
{
    [Theory]
    [InlineData("/in/alice", true)]
    [InlineData("/in/alice", false)]
    [InlineData("/out", true)]
    [InlineData("/out", false)]
    [InlineData("/switch/alice", false)]
    public async Task A_sign_in_and_a_sign_out_end_every_ticket_that_the_request_brought(string path, bool plantedFirst)
    {
        await using var site = await TicketSite.StartAsync("Memory");
        using var planter = site.NewBrowser();
        using var victim = site.NewBrowser();
        await planter.GetAsync("/in/mallory");
        await victim.GetAsync("/in/alice");
        using var old = site.NewBrowser();
        old.Cookie = victim.Cookie;
        victim.Cookie = plantedFirst ? $"{planter.Cookie}; {victim.Cookie}" : $"{victim.Cookie}; {planter.Cookie}";

        await victim.GetAsync(path);

        Assert.Equal("anonymous", await planter.GetAsync("/who"));
        Assert.Equal("anonymous", await old.GetAsync("/who"));
        Assert.Equal(path == "/out" ? "anonymous" : "alice", await victim.GetAsync("/who"));
    }

    [Theory]
    [InlineData("/in/alice")]
    [InlineData("/out")]
    public async Task A_ticket_before_a_cookie_that_is_no_longer_valid_is_ended_too(string path)
    {
        await using var site = await TicketSite.StartAsync("Memory");
        using var planter = site.NewBrowser();
        using var victim = site.NewBrowser();
        await planter.GetAsync("/in/mallory");
        await victim.GetAsync("/in/alice");
        var ended = victim.Cookie;
        await victim.GetAsync("/out");
        victim.Cookie = $"{planter.Cookie}; {ended}; .AspNetCore.Cookies=unreadable";

        await victim.GetAsync(path);

        Assert.Equal("anonymous", await planter.GetAsync("/who"));
    }

    [Fact]
    public async Task Tickets_under_the_name_of_another_scheme_are_left()
    {
        await using var site = await TicketSite.StartAsync("Memory");
        using var browser = site.NewBrowser();
        await browser.GetAsync("/admin-in/root");
        await browser.GetAsync("/in/alice");

        await browser.GetAsync("/out");

        Assert.Equal("root", await browser.GetAsync("/admin-who"));
    }

    [Fact]
    public async Task No_more_than_four_tickets_of_a_request_are_ended()
    {
        await using var site = await TicketSite.StartAsync("Memory");
        using var browser = site.NewBrowser();
        var cookies = new List<string>();
        for (var count = 0; count < 6; count++)
        {
            browser.Cookie = null;
            await browser.GetAsync("/in/alice");
            cookies.Add(browser.Cookie!);
        }

        browser.Cookie = string.Join("; ", cookies);
        await browser.GetAsync("/out");

        Assert.Equal(2, await site.Sessions.DestroyBySubjectAsync("alice"));
    }
}
