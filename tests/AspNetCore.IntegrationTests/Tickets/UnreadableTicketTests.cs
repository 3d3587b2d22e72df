using Microsoft.Extensions.DependencyInjection;
using SessionStores.AspNetCore.Tests;
using StackExchange.Redis;

namespace SessionStores.AspNetCore.IntegrationTests.Tickets;

/// <summary>A browser whose stored sign-in cannot be read is not signed in, and can sign in and out.</summary>
public sealed class UnreadableTicketTests
{
    [Theory]
    [InlineData("[1]", false)]
    [InlineData("""{"cookie":{"originalMaxAge":null},"tic""", false)]
    [InlineData("\u0001", false)]
    [InlineData("a list", true)]
    public async Task A_record_that_Redis_cannot_return_signs_no_one_in_until_the_next_sign_in_ends_it(string value, bool isList)
    {
        await using var site = await TicketSite.StartAsync("Redis");
        await using var redis = await ConnectionMultiplexer.ConnectAsync(site.ConnectionString!);
        using var browser = site.NewBrowser();
        await browser.GetAsync("/in/alice");
        var key = await DamageAsync(redis, value, isList);

        Assert.Equal("anonymous", await browser.GetAsync("/who"));
        await browser.GetAsync("/set/cart");
        Assert.Equal("cart", await browser.GetAsync("/keys"));
        Assert.Equal("0", await browser.GetAsync("/elsewhere-unseen/anonymous"));
        Assert.True(await redis.GetDatabase().KeyExistsAsync(key));

        await browser.GetAsync("/in/bob");

        Assert.Equal("bob", await browser.GetAsync("/who"));
        Assert.False(await redis.GetDatabase().KeyExistsAsync(key));
    }

    [Theory]
    [InlineData("[1]", false)]
    [InlineData("a list", true)]
    public async Task A_sign_out_ends_a_record_that_Redis_cannot_return(string value, bool isList)
    {
        await using var site = await TicketSite.StartAsync("Redis");
        await using var redis = await ConnectionMultiplexer.ConnectAsync(site.ConnectionString!);
        using var browser = site.NewBrowser();
        await browser.GetAsync("/in/alice");
        var key = await DamageAsync(redis, value, isList);

        await browser.GetAsync("/out");

        Assert.Null(browser.Cookie);
        Assert.False(await redis.GetDatabase().KeyExistsAsync(key));
    }

    [Fact]
    public async Task What_no_request_can_read_is_reported_once_and_ended_by_a_sign_in()
    {
        await using var site = await StartAsync();
        using var browser = new SignedIn(site.NewBrowser());
        await browser.GetAsync("/in/alice");
        site.Store.Before = Fail("get", SessionStoreFault.Unreadable);

        Assert.Equal("anonymous", await browser.GetAsync("/who"));
        Assert.Equal("anonymous", await browser.GetAsync("/who"));
        await browser.GetAsync("/in/bob");

        site.Store.Before = null;
        Assert.Equal("bob", await browser.GetAsync("/who"));
        Assert.Equal(0, await site.Sessions.DestroyBySubjectAsync("alice"));
        Assert.Single(site.Log.Lines, line => line.Name == "TicketRecordUnreadable");
    }

    [Fact]
    public async Task A_record_that_becomes_unreadable_before_its_renewal_is_not_renewed()
    {
        await using var site = await StartAsync();
        using var browser = new SignedIn(site.NewBrowser());
        await browser.GetAsync("/in/alice");
        site.Clock.Advance(TicketSite.Lifetime * 0.6);
        var reads = 0;
        site.Store.Before = call => call == "get" && ++reads == 2 ? Fail("get", SessionStoreFault.Unreadable)(call) : Task.CompletedTask;

        Assert.Equal("alice", await browser.GetAsync("/who"));

        Assert.Equal(2, reads);
        Assert.DoesNotContain("replace", site.Store.Calls);
        Assert.True(site.Log.Has("TicketRecordUnreadable"));
    }

    [Theory]
    [InlineData(SessionStoreFault.Unavailable)]
    [InlineData(SessionStoreFault.Refused)]
    [InlineData(SessionStoreFault.Failed)]
    public async Task Any_other_fault_of_the_store_fails_the_request_and_ends_no_sign_in(SessionStoreFault fault)
    {
        await using var site = await StartAsync(kestrel: true);
        using var browser = site.NewBrowser();
        using var signedIn = new SignedIn(browser);
        await signedIn.GetAsync("/in/alice");
        browser.Cookie = signedIn.Cookie;
        site.Store.Before = Fail("get", fault);

        Assert.Equal(500, (await browser.GetAsync("/who")).Status);
        Assert.Equal(500, (await browser.GetAsync("/in/bob")).Status);
        Assert.Equal(500, (await browser.GetAsync("/out")).Status);

        site.Store.Before = null;
        Assert.Equal("alice", await signedIn.GetAsync("/who"));
    }

    private static Func<string, Task> Fail(string operation, SessionStoreFault fault) => call => call == operation
        ? Task.FromException(new SessionStoreException("TestStore", operation, fault, "Fails as the test says."))
        : Task.CompletedTask;

    /// <summary>Replaces the only sign-in.</summary>
    private static async Task<RedisKey> DamageAsync(ConnectionMultiplexer redis, string value, bool isList)
    {
        var key = Assert.Single(redis.GetServers()[0].Keys(pattern: "sess:ticket-*").ToArray());
        var database = redis.GetDatabase();
        await database.KeyDeleteAsync(key);
        if (isList)
            await database.ListRightPushAsync(key, value);
        else
            await database.StringSetAsync(key, value);

        return key;
    }

    private static Task<Site> StartAsync(bool kestrel = false) => Site.StartAsync(TicketSite.Map, null, kestrel, services =>
    {
        TicketSite.AddSignIns(services);
        services.WrapStore(recording => new SubjectStore(recording));
    });
}
