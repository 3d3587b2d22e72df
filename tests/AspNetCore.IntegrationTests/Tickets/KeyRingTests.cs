using System.Buffers.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SessionStores.AspNetCore.Tests;
using SessionStores.Backends;
using SessionStores.Memory;

namespace SessionStores.AspNetCore.IntegrationTests.Tickets;

/// <summary>Sign-ins that are in their cookie, as cookie authentication has them, and nodes that have only the key ring in common.</summary>
public sealed class KeyRingTests
{
    public static TheoryData<string> Stores => ServerOf.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_sign_in_of_one_node_is_read_by_others_also_with_a_key_that_was_made_later(string provider)
    {
        await using var server = await ServerOf.StartAsync(provider);
        using var memory = new MemoryStore();
        ISessionStore Open() => provider == "Memory" ? new PassingStore(memory) : server.OpenStore(provider);
        await using var first = await StartAsync(Open);
        await using var second = await StartAsync(Open);
        using var early = NewBrowser(first);
        using var late = NewBrowser(first);

        await early.GetAsync("/in/ann");
        Assert.Equal("ann", await On(second, early).GetAsync("/who"));

        var key = first.Services.GetRequiredService<IKeyManager>().CreateNewKey(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(90));
        await Wait.UntilAsync(async _ => // its node continues with the keys that it knows while it reads them again
        {
            await late.GetAsync("/in/bob");
            return KeyOf(late) == key.KeyId;
        }, TimeSpan.FromMinutes(1), "the first node to use the new key");
        await using var third = await StartAsync(Open);
        await using var stranger = await StartAsync(() => new MemoryStore());

        Assert.NotEqual(key.KeyId, KeyOf(early));
        foreach (var node in (WebApplication[])[second, third])
            Assert.Equal(("ann", "bob"), (await On(node, early).GetAsync("/who"), await On(node, late).GetAsync("/who")));

        Assert.Equal("anonymous", await On(stranger, late).GetAsync("/who"));
    }

    private static async Task<WebApplication> StartAsync(Func<ISessionStore> openKeys)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddDataProtection().SetApplicationName("shop").PersistKeysToSessionStore(_ => openKeys());
        builder.Services.AddAuthentication("Cookies").AddCookie("Cookies");
        var app = builder.Build();
        app.UseAuthentication();
        app.MapGet("/in/{user}", (HttpContext context, string user) => context.SignInAsync(TicketSite.Principal(user)));
        app.MapGet("/who", (HttpContext context) => context.User.Identity?.Name ?? "anonymous");
        await app.StartAsync();
        return app;
    }

    private static SignedIn NewBrowser(WebApplication node) => new(new Browser(node.GetTestServer().CreateHandler(), new Uri("https://localhost")));

    /// <summary>The browser whose next request is taken by another node.</summary>
    private static SignedIn On(WebApplication node, SignedIn browser)
    {
        var other = NewBrowser(node);
        other.Cookie = browser.Cookie;
        return other;
    }

    /// <summary>The id of the key that a cookie was protected with, which follows on a mark of four bytes.</summary>
    private static Guid KeyOf(SignedIn browser) => new(Base64Url.DecodeFromChars(browser.Cookie!.AsSpan(browser.Cookie!.IndexOf('=', StringComparison.Ordinal) + 1))[4..20]);
}
