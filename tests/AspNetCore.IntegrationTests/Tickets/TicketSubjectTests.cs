using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionStores.AspNetCore.Tests;

namespace SessionStores.AspNetCore.IntegrationTests.Tickets;

/// <summary>Who owns a sign-in, so that "log out everywhere" finds it.</summary>
public sealed class TicketSubjectTests
{
    private static readonly string Long = "https://idp.example.com/" + new string('x', 400);

    public static TheoryData<string[], string> Owners => new()
    {
        { [ClaimTypes.NameIdentifier, "alice"], "alice" },
        { ["sub", "alice"], "alice" },
        { ["sub", "other", ClaimTypes.NameIdentifier, "alice"], "alice" },
        { ["sub", Long], Long },
        { ["sub", "line\nbreak"], "line\nbreak" },
        { ["sub", "lone\ud800surrogate"], "lone\ud800surrogate" },
    };

    [Theory]
    [MemberData(nameof(Owners))]
    public async Task A_sign_in_is_ended_by_its_owner_whatever_claim_and_length_the_owner_has(string[] claims, string owner)
    {
        await using var site = await StartAsync();
        await Tickets(site).StoreAsync(TicketOf(claims));

        Assert.Equal(0, await site.Sessions.DestroyBySubjectAsync(owner + "2"));
        Assert.Equal(1, await site.Sessions.DestroyBySubjectAsync(owner));
        Assert.False(site.Log.Has("TicketWithoutSubject"));
    }

    [Fact]
    public async Task A_session_is_found_by_an_owner_that_is_too_long_for_a_subject()
    {
        await using var site = await StartAsync();
        using var browser = site.NewBrowser();
        await browser.GetAsync("/own");

        var listed = 0;
        await foreach (var session in site.Sessions.ListBySubjectAsync(Long))
        {
            Assert.Equal(browser.SessionId, session.Id);
            listed++;
        }

        Assert.Equal(1, listed);
        Assert.Equal(1, await site.Sessions.DestroyBySubjectAsync(Long));
    }

    [Fact]
    public async Task Sign_ins_without_an_owner_are_kept_and_logged_once()
    {
        await using var site = await StartAsync();
        var first = await Tickets(site).StoreAsync(TicketOf("role", "guest"));
        await Tickets(site).StoreAsync(TicketOf("role", "guest"));

        Assert.NotNull(await Tickets(site).RetrieveAsync(first));
        Assert.Single(site.Log.Lines, line => line.Name == "TicketWithoutSubject");
    }

    private static ITicketStore Tickets(Site site) =>
        site.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get("Cookies").SessionStore!;

    private static AuthenticationTicket TicketOf(params string[] claims) =>
        new(new ClaimsPrincipal(new ClaimsIdentity(claims.Chunk(2).Select(claim => new Claim(claim[0], claim[1])), "test")), "Cookies");

    private static Task<Site> StartAsync() => Site.StartAsync(
        app => app.MapGet("/own", (HttpSession session) => session.Subject = Long),
        null,
        services =>
        {
            TicketSite.AddSignIns(services);
            services.WrapStore(recording => new SubjectStore(recording));
        });
}
