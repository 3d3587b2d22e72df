using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionStores.AspNetCore;
using SessionStores.AspNetCore.Tests;

namespace SessionStores.AspNetCore.IntegrationTests.Tickets;

/// <summary>Sign-ins of the real cookie handler, kept in a session store.</summary>
public sealed class TicketTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_sign_in_is_kept_in_the_store_and_the_browser_holds_a_key_alone()
    {
        await using var site = await StartAsync();
        using var browser = new SignedIn(site.NewBrowser());

        await browser.GetAsync("/in/alice");

        Assert.Equal("alice", await browser.GetAsync("/who"));
        var ticket = await TicketOfAsync(site, "alice");
        Assert.Equal("alice", ticket.Subject);
        Assert.Equal(site.Clock.GetUtcNow() + Lifetime, ticket.ExpiresAt);
        var payload = Encoding.UTF8.GetString(ticket.Payload.Span);
        Assert.DoesNotContain("alice", payload, StringComparison.Ordinal);
        Assert.DoesNotContain(ticket.Id, browser.Cookie!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signing_out_removes_the_ticket()
    {
        await using var site = await StartAsync();
        using var browser = new SignedIn(site.NewBrowser());
        await browser.GetAsync("/in/alice");
        var stolen = browser.Cookie;

        await browser.GetAsync("/out");

        Assert.Empty(await TicketsOfAsync(site, "alice"));
        browser.Cookie = stolen;
        Assert.Equal("anonymous", await browser.GetAsync("/who"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_renewal_extends_the_ticket_under_its_key(bool kestrel)
    {
        await using var site = await StartAsync(kestrel: kestrel);
        using var browser = new SignedIn(site.NewBrowser());
        await browser.GetAsync("/in/alice");
        var before = await TicketOfAsync(site, "alice");
        site.Clock.Advance(Lifetime * 0.6);

        Assert.Equal("alice", await browser.GetAsync("/who"));

        var after = await TicketOfAsync(site, "alice");
        Assert.Equal(before.Id, after.Id);
        Assert.Equal(site.Clock.GetUtcNow() + Lifetime, after.ExpiresAt);
        site.Clock.Advance(Lifetime * 0.9);
        Assert.Equal("alice", await browser.GetAsync("/who"));
    }

    [Fact]
    public async Task A_request_that_only_looks_renews_no_sign_in()
    {
        await using var site = await StartAsync();
        using var browser = new SignedIn(site.NewBrowser());
        await browser.GetAsync("/in/alice");
        var before = await TicketOfAsync(site, "alice");
        site.Clock.Advance(Lifetime * 0.6);

        Assert.Equal("alice", await browser.GetAsync("/peek"));

        Assert.Equal(before.ExpiresAt, (await TicketOfAsync(site, "alice")).ExpiresAt);
        site.Clock.Advance(Lifetime * 0.5);
        Assert.Equal("anonymous", await browser.GetAsync("/peek"));
    }

    [Fact]
    public async Task Log_out_everywhere_ends_sign_ins_and_sessions_and_the_next_sign_in_gets_a_new_key()
    {
        await using var site = await StartAsync();
        using var laptop = new SignedIn(site.NewBrowser());
        using var phone = new SignedIn(site.NewBrowser());
        using var other = new SignedIn(site.NewBrowser());
        await laptop.GetAsync("/in/alice");
        await phone.GetAsync("/in/alice");
        await other.GetAsync("/in/bob");
        var session = site.Sessions;
        await site.Store.Inner.CreateAsync("a-session", new SessionContent("""{"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"}}"""u8.ToArray(), SessionExpiry.Never, "alice"));
        var old = (await TicketsOfAsync(site, "alice")).Select(ticket => ticket.Id).ToHashSet();

        Assert.Equal(3, await session.DestroyBySubjectAsync("alice"));

        Assert.Equal("anonymous", await laptop.GetAsync("/who"));
        Assert.Equal("anonymous", await phone.GetAsync("/who"));
        Assert.Equal("bob", await other.GetAsync("/who"));

        // The laptop still sends its old cookie. The handler forgets its key, since nothing was there.
        await laptop.GetAsync("/in/alice");
        Assert.Equal("alice", await laptop.GetAsync("/who"));
        var fresh = Assert.Single(await TicketsOfAsync(site, "alice"));
        Assert.DoesNotContain(fresh.Id, old);
        Assert.Equal("anonymous", await phone.GetAsync("/who"));
    }

    [Fact]
    public async Task A_renewal_never_brings_back_a_sign_in_that_was_ended_meanwhile()
    {
        await using var site = await StartAsync();
        using var browser = new SignedIn(site.NewBrowser());
        await browser.GetAsync("/in/alice");
        site.Clock.Advance(Lifetime * 0.6);

        // The handler has read the ticket and found it due; before it writes the renewal, the user logs out everywhere.
        var ended = 0;
        site.Store.Before = async call =>
        {
            if (call == "replace" && Interlocked.Increment(ref ended) == 1)
                await site.Sessions.DestroyBySubjectAsync("alice");
        };
        Assert.Equal("alice", await browser.GetAsync("/who"));
        site.Store.Before = null;

        Assert.Equal(1, ended);
        Assert.Empty(await TicketsOfAsync(site, "alice"));
        Assert.Equal("anonymous", await browser.GetAsync("/who"));
        Assert.True(site.Log.Has("TicketGone"));
    }

    [Fact]
    public async Task Renewals_and_log_outs_in_any_order_never_leave_a_sign_in()
    {
        await using var site = await StartAsync();
        var tickets = Tickets(site);
        for (var round = 0; round < 200; round++)
        {
            var ticket = TicketFor("alice", site);
            var key = await tickets.StoreAsync(ticket);

            await Task.WhenAll(
                Task.Run(() => tickets.RenewAsync(key, ticket)),
                Task.Run(async () => await site.Sessions.DestroyBySubjectAsync("alice")),
                Task.Run(() => tickets.RenewAsync(key, ticket)));

            Assert.Null(await tickets.RetrieveAsync(key));
        }
    }

    [Fact]
    public async Task A_ticket_copied_to_another_key_does_not_open_and_stays()
    {
        await using var site = await StartAsync();
        var tickets = Tickets(site);
        var alice = await tickets.StoreAsync(TicketFor("alice", site));
        var mallory = await tickets.StoreAsync(TicketFor("mallory", site));
        var copied = (await site.Store.Inner.GetAsync(alice))!;

        await site.Store.Inner.SetAsync(mallory, new SessionContent(copied.Payload, copied.ExpiresAt, "mallory"));

        Assert.Null(await tickets.RetrieveAsync(mallory));
        Assert.Equal("alice", (await tickets.RetrieveAsync(alice))!.Principal.Identity!.Name);
        Assert.NotNull(await site.Store.Inner.GetAsync(mallory));
        Assert.True(site.Log.Has("TicketUnreadable"));
    }

    [Theory]
    [InlineData("""{"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"}}""")]
    [InlineData("""{"ticket":7}""")]
    [InlineData("""{"ticket":"no base64!"}""")]
    [InlineData("""{"ticket":"AAAA"}""")]
    public async Task A_record_that_is_no_ticket_signs_no_one_in_and_stays(string payload)
    {
        await using var site = await StartAsync();
        await site.Store.Inner.SetAsync("ticket-x", new SessionContent(Encoding.UTF8.GetBytes(payload), SessionExpiry.Never));

        Assert.Null(await Tickets(site).RetrieveAsync("ticket-x"));

        Assert.NotNull(await site.Store.Inner.GetAsync("ticket-x"));
    }

    [Fact]
    public async Task With_a_foreign_key_ring_nobody_is_signed_in_and_the_record_is_kept()
    {
        await using var here = await StartAsync();
        await using var there = await StartAsync();
        var key = await Tickets(here).StoreAsync(TicketFor("alice", here));
        var record = (await here.Store.Inner.GetAsync(key))!;
        await there.Store.Inner.SetAsync(key, new SessionContent(record.Payload, record.ExpiresAt, record.Subject));

        Assert.Null(await Tickets(there).RetrieveAsync(key));

        Assert.NotNull(await there.Store.Inner.GetAsync(key));
        Assert.NotNull(await Tickets(here).RetrieveAsync(key));
        Assert.Null(await Tickets(there).RetrieveAsync(key));
        Assert.Single(there.Log.Lines, line => line.Name == "TicketUnreadable");
        Assert.DoesNotContain(there.Log.Lines, line => line.Text.Contains(key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Somebody_without_an_id_gets_a_ticket_without_a_subject()
    {
        await using var site = await StartAsync();
        var tickets = Tickets(site);
        var nameless = new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity("test")), "Cookies");

        var key = await tickets.StoreAsync(nameless);

        var record = (await site.Store.Inner.GetAsync(key))!;
        Assert.Null(record.Subject);
        Assert.Equal(site.Clock.GetUtcNow() + TimeSpan.FromDays(14), record.ExpiresAt);
    }

    [Fact]
    public async Task Tickets_can_live_in_a_named_set_of_their_own()
    {
        await using var site = await StartAsync(services =>
            services.AddSessionStores("sign-ins", options =>
            {
                options.Secrets.Add("Zt5Wb8Kc2Mv7Xn4Qd1Rj6Fp9Gs3Hy0LuA");
                options.Name = "sign-ins.sid";
            }), options => options.SessionsName = "sign-ins");
        var key = await Tickets(site).StoreAsync(TicketFor("alice", site));

        Assert.Null(await site.Store.Inner.GetAsync(key));
        Assert.NotNull(await site.Services.GetRequiredKeyedService<ISessionStore>("sign-ins").GetAsync(key));
        Assert.Equal(1, await site.Services.GetRequiredKeyedService<SessionAccess>("sign-ins").DestroyBySubjectAsync("alice"));
    }

    private static ITicketStore Tickets(Site site) =>
        site.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get("Cookies").SessionStore!;

    private static AuthenticationTicket TicketFor(string user, Site site) => new(
        new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, user), new Claim(ClaimTypes.NameIdentifier, user)], "test")),
        new AuthenticationProperties { ExpiresUtc = site.Clock.GetUtcNow() + Lifetime },
        "Cookies");

    private static async Task<List<SessionRecord>> TicketsOfAsync(Site site, string user)
    {
        var found = new List<SessionRecord>();
        await foreach (var record in ((ISessionSubjects)site.Store.Inner).ListBySubjectAsync(user))
            found.Add(record);

        return found;
    }

    private static async Task<SessionRecord> TicketOfAsync(Site site, string user) => Assert.Single(await TicketsOfAsync(site, user));

    private static Task<Site> StartAsync(Action<IServiceCollection>? more = null, Action<SessionTicketOptions>? configure = null, bool kestrel = false) => Site.StartAsync(
        app =>
        {
            app.UseSessionStores();
            app.UseAuthentication();
            app.MapGet("/in/{user}", (HttpContext context, string user) => context.SignInAsync(
                new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, user), new Claim(ClaimTypes.NameIdentifier, user)], "test"))));
            app.MapGet("/out", (HttpContext context) => context.SignOutAsync());
            app.MapGet("/who", (HttpContext context) => context.User.Identity?.Name ?? "anonymous");
            app.MapGet("/peek", (HttpContext context) => context.User.Identity?.Name ?? "anonymous").WithSession(SessionMode.Peek);
        },
        null,
        kestrel,
        services =>
        {
            services.AddDataProtection().UseEphemeralDataProtectionProvider();
            services.AddAuthentication("Cookies").AddCookie("Cookies", options => options.ExpireTimeSpan = Lifetime).AddSessionTickets("Cookies", configure);
            services.WrapStore(recording => new SubjectStore(recording));
            more?.Invoke(services);
        });
}
