using SessionStores.AspNetCore.Tests;

namespace SessionStores.AspNetCore.IntegrationTests.Tickets;

/// <summary>A sign-in with the real cookie handler gets a new key and ends the ticket that the browser brought, on every store.</summary>
public sealed class SignInTests
{
    public static TheoryData<string> Stores => ServerOf.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Whoever_planted_a_sign_in_cookie_is_nobody_after_the_victim_signs_in(string provider)
    {
        await using var site = await TicketSite.StartAsync(provider);
        using var planter = site.NewBrowser();
        using var victim = site.NewBrowser();
        await planter.GetAsync("/in/mallory");
        victim.Cookie = planter.Cookie;

        await victim.GetAsync("/in/alice");

        Assert.Equal("alice", await victim.GetAsync("/who"));
        Assert.Equal("anonymous", await planter.GetAsync("/who"));
        Assert.Equal(0, await site.Sessions.DestroyBySubjectAsync("mallory"));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Signing_out_and_in_in_one_request_signs_the_second_user_in(string provider)
    {
        await using var site = await TicketSite.StartAsync(provider);
        using var browser = site.NewBrowser();
        await browser.GetAsync("/in/alice");

        await browser.GetAsync("/switch/bob");

        Assert.Equal("bob", await browser.GetAsync("/who"));
        Assert.Equal(0, await site.Sessions.DestroyBySubjectAsync("alice"));
        Assert.Equal(1, await site.Sessions.DestroyBySubjectAsync("bob"));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Ending_every_sign_in_of_a_user_and_signing_in_in_one_request_signs_the_user_in(string provider)
    {
        await using var site = await TicketSite.StartAsync(provider);
        using var browser = site.NewBrowser();
        using var phone = site.NewBrowser();
        await browser.GetAsync("/in/alice");
        await phone.GetAsync("/in/alice");

        await browser.GetAsync("/end-and-in/alice");

        Assert.Equal("alice", await browser.GetAsync("/who"));
        Assert.Equal("anonymous", await phone.GetAsync("/who"));
    }

    [Theory]
    [InlineData("/in/alice")]
    [InlineData("/refresh")]
    [InlineData("/twice/alice/alice")]
    public async Task The_same_user_again_gets_a_new_key_and_the_old_cookie_is_nobody(string path)
    {
        await using var site = await TicketSite.StartAsync("Memory");
        using var browser = site.NewBrowser();
        using var copy = site.NewBrowser();
        await browser.GetAsync("/in/alice");
        copy.Cookie = browser.Cookie;

        await browser.GetAsync(path);

        Assert.Equal("alice", await browser.GetAsync("/who"));
        Assert.Equal("anonymous", await copy.GetAsync("/who"));
        Assert.Equal(1, await site.Sessions.DestroyBySubjectAsync("alice"));
    }

    [Fact]
    public async Task A_sign_in_of_another_user_while_the_response_starts_gets_a_new_key_too()
    {
        await using var site = await TicketSite.StartAsync("Memory");
        using var planter = site.NewBrowser();
        using var victim = site.NewBrowser();
        await planter.GetAsync("/in/mallory");
        victim.Cookie = planter.Cookie;

        await victim.GetAsync("/who?late=alice");

        Assert.Equal("alice", await victim.GetAsync("/who"));
        Assert.Equal("anonymous", await planter.GetAsync("/who"));
    }

    [Fact]
    public async Task Of_two_sign_ins_in_one_request_the_second_remains()
    {
        await using var site = await TicketSite.StartAsync("Memory");
        using var browser = site.NewBrowser();

        await browser.GetAsync("/twice/alice/bob");
        Assert.Equal("bob", await browser.GetAsync("/who"));
        await browser.GetAsync("/twice/carol/dave");

        Assert.Equal("dave", await browser.GetAsync("/who"));
        Assert.Equal(0, await site.Sessions.DestroyBySubjectAsync("alice") + await site.Sessions.DestroyBySubjectAsync("bob") + await site.Sessions.DestroyBySubjectAsync("carol"));
        Assert.Equal(1, await site.Sessions.DestroyBySubjectAsync("dave"));
    }

    [Fact]
    public async Task Signing_in_and_out_in_one_request_leaves_no_sign_in()
    {
        await using var site = await TicketSite.StartAsync("Memory");
        using var browser = site.NewBrowser();
        await browser.GetAsync("/in/alice");

        await browser.GetAsync("/in-and-out/bob");

        Assert.Equal("anonymous", await browser.GetAsync("/who"));
        Assert.Equal(0, await site.Sessions.DestroyBySubjectAsync("alice") + await site.Sessions.DestroyBySubjectAsync("bob"));
    }

    [Fact]
    public async Task Sign_ins_of_two_schemes_do_not_end_each_other()
    {
        await using var site = await TicketSite.StartAsync("Memory");
        using var browser = site.NewBrowser();
        await browser.GetAsync("/in/alice");
        await browser.GetAsync("/admin-in/root");

        await browser.GetAsync("/in/bob");

        Assert.Equal("bob", await browser.GetAsync("/who"));
        Assert.Equal("root", await browser.GetAsync("/admin-who"));
    }

    [Theory]
    [InlineData("/elsewhere/alice")]
    [InlineData("/elsewhere-unseen/alice")]
    [InlineData("/regenerate-elsewhere/alice")]
    public async Task Log_out_everywhere_else_keeps_every_record_of_this_browser(string path)
    {
        await using var site = await TicketSite.StartAsync("Memory");
        using var laptop = site.NewBrowser();
        using var phone = site.NewBrowser();
        foreach (var browser in new[] { laptop, phone })
        {
            await browser.GetAsync("/in/alice");
            await browser.GetAsync("/admin-in/alice");
            await browser.GetAsync("/set/cart?subject=alice");
        }

        Assert.Equal("3", await laptop.GetAsync(path));

        Assert.Equal("alice", await laptop.GetAsync("/who"));
        Assert.Equal("alice", await laptop.GetAsync("/admin-who"));
        Assert.Equal("cart", await laptop.GetAsync("/keys"));
        Assert.Equal("anonymous", await phone.GetAsync("/who"));
        Assert.Equal("anonymous", await phone.GetAsync("/admin-who"));
        Assert.Equal("", await phone.GetAsync("/keys"));
    }

    [Theory]
    [InlineData("/elsewhere/alice")]
    [InlineData("/elsewhere-unseen/alice")]
    public async Task Log_out_everywhere_else_keeps_the_session_behind_a_stale_cookie_of_the_same_name(string path)
    {
        await using var site = await TicketSite.StartAsync("Memory");
        using var browser = site.NewBrowser();
        await browser.GetAsync("/set/stale");
        var stale = browser["connect.sid"]!;
        await browser.GetAsync("/destroy");
        await browser.GetAsync("/set/cart?subject=alice");
        browser["connect.sid"] = $"{stale}; {browser["connect.sid"]}";

        Assert.Equal("0", await browser.GetAsync(path));

        Assert.Equal("cart", await browser.GetAsync("/keys"));
    }

    [Fact]
    public async Task Log_out_everywhere_else_by_a_visitor_ends_everything_of_the_user()
    {
        await using var site = await TicketSite.StartAsync("Memory");
        using var visitor = site.NewBrowser();
        using var phone = site.NewBrowser();
        await phone.GetAsync("/in/alice");

        Assert.Equal("1", await visitor.GetAsync("/elsewhere/alice"));

        Assert.Equal("anonymous", await phone.GetAsync("/who"));
    }
}
