using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SessionStores.AspNetCore.Tests;
using SessionStores.Memory;

namespace SessionStores.AspNetCore.IntegrationTests.Tickets;

/// <summary>Two nodes of one site, one of them with a clock that is ahead of the store's or behind it by more than a sign-in lives.</summary>
public sealed class TicketClockTests
{
    [Theory]
    [InlineData(80)]
    [InlineData(-80)]
    public async Task A_sign_in_lives_as_long_as_was_asked_on_every_node_whatever_its_clock(int minutesAhead)
    {
        using var store = new MemoryStore();
        var protection = new EphemeralDataProtectionProvider();
        await using var inTime = await StartAsync(store, protection, TimeSpan.Zero);
        await using var skewed = await StartAsync(store, protection, TimeSpan.FromMinutes(minutesAhead));
        foreach (var (first, second) in new[] { (inTime, skewed), (skewed, inTime) })
        {
            using var here = new SignedIn(new Browser(first.GetTestServer().CreateHandler(), new Uri("https://localhost")));
            using var there = new SignedIn(new Browser(second.GetTestServer().CreateHandler(), new Uri("https://localhost")));
            await here.GetAsync("/in/alice");
            there.Cookie = here.Cookie;

            Assert.Equal("alice", await there.GetAsync("/who"));
            Assert.Equal("alice", await here.GetAsync("/who"));
            var ticket = await store.ListBySubjectAsync("alice").SingleAsync();
            Assert.InRange(ticket.Remaining!.Value, TicketSite.Lifetime - TimeSpan.FromMinutes(5), TicketSite.Lifetime + TimeSpan.FromSeconds(1));
            Assert.Equal(1, await store.DestroyBySubjectAsync("alice"));
            Assert.Equal("anonymous", await there.GetAsync("/who"));
        }
    }

    private static async Task<WebApplication> StartAsync(MemoryStore store, IDataProtectionProvider protection, TimeSpan ahead)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        builder.Services.AddSingleton<TimeProvider>(new Ahead(ahead));
        builder.Services.AddSessionStores(options => options.Secrets.Add("N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ")).UseStore(_ => store);
        TicketSite.AddSignIns(builder.Services);
        builder.Services.AddSingleton(protection);
        var app = builder.Build();
        TicketSite.Map(app);
        await app.StartAsync();
        return app;
    }

    private sealed class Ahead(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
