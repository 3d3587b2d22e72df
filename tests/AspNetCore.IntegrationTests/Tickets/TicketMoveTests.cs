using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionStores.AspNetCore.Tests;
using SessionStores.Conformance;

namespace SessionStores.AspNetCore.IntegrationTests.Tickets;

/// <summary>Sign-ins of an <c>ITicketStore</c> over a distributed cache are taken over at their first request.</summary>
public sealed class TicketMoveTests
{
    private const int Requests = 20;
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_user_stays_signed_in_and_the_browser_gets_a_new_key()
    {
        await using var sites = await TwoSites.StartAsync();
        using var browser = await sites.SignInAsync("/in/alice");
        var old = browser.Cookie;

        Assert.Equal("alice", await browser.GetAsync("/who"));

        Assert.NotEqual(old, browser.Cookie);
        Assert.Null(sites.Cache.Record);
        Assert.Equal(1, await sites.CountAsync("alice"));
        Assert.Equal(1, sites.Site.Counters["sessionstores.moves kind=sign-in"]);
        sites.Cache.Forget();
        sites.Site.Store.Forget();
        Assert.Equal("alice", await browser.GetAsync("/who"));
        Assert.Equal(["get"], sites.Site.Store.Calls);
        Assert.Empty(sites.Cache.Calls);
    }

    [Fact]
    public async Task Of_20_parallel_first_requests_all_are_signed_in_by_one_ticket()
    {
        await using var sites = await TwoSites.StartAsync();
        using var first = await sites.SignInAsync("/in/alice");
        var reads = 0;
        var allHaveCome = new TaskCompletionSource();
        sites.Cache.Before = call =>
        {
            if (call != "get")
                return Task.CompletedTask;

            if (Interlocked.Increment(ref reads) == Requests)
                allHaveCome.SetResult();

            return allHaveCome.Task.WaitAsync(Longest);
        };
        var browsers = Enumerable.Range(0, Requests).Select(_ => sites.NewBrowser(first.Cookie!)).ToList();

        var names = await Task.WhenAll(browsers.Select(browser => browser.GetAsync("/who")));

        Assert.All(names, name => Assert.Equal("alice", name));
        Assert.Equal(1, await sites.CountAsync("alice"));
        foreach (var browser in browsers)
        {
            Assert.Equal("alice", await browser.GetAsync("/who"));
            browser.Dispose();
        }

        Assert.Equal(1, await sites.CountAsync("alice"));
    }

    [Theory]
    [InlineData("/out", true)]
    [InlineData("/out", false)]
    [InlineData("/everywhere/alice", true)]
    [InlineData("/in/bob", true)]
    public async Task A_sign_in_that_has_ended_is_not_brought_back_by_its_old_cookie(string end, bool isMovedBefore)
    {
        await using var sites = await TwoSites.StartAsync();
        using var browser = await sites.SignInAsync("/in/alice");
        var old = browser.Cookie!;
        if (isMovedBefore)
            await browser.GetAsync("/who");

        await browser.GetAsync(end);

        using var thief = sites.NewBrowser(old);
        Assert.Equal("anonymous", await thief.GetAsync("/who"));
        Assert.Equal(0, await sites.CountAsync("alice"));
        Assert.Equal(end == "/in/bob" ? "bob" : "anonymous", await browser.GetAsync("/who"));
    }

    [Fact]
    public async Task A_record_that_cannot_be_removed_signs_no_one_in_after_a_sign_out()
    {
        await using var sites = await TwoSites.StartAsync();
        using var browser = await sites.SignInAsync("/in/alice");
        var old = browser.Cookie!;
        sites.Cache.Before = call => call == "remove" ? throw new InvalidOperationException("No connection.") : Task.CompletedTask;

        Assert.Equal("alice", await browser.GetAsync("/who"));
        await browser.GetAsync("/out");

        Assert.True(sites.Site.Log.Has("FormerTicketLeft"));
        Assert.NotNull(sites.Cache.Record);
        using var thief = sites.NewBrowser(old);
        Assert.Equal("anonymous", await thief.GetAsync("/who"));
    }

    [Fact]
    public async Task A_request_that_has_read_the_old_sign_in_does_not_bring_it_back_after_a_sign_out()
    {
        await using var sites = await TwoSites.StartAsync();
        using var fast = await sites.SignInAsync("/in/alice");
        using var slow = sites.NewBrowser(fast.Cookie!);
        var hasRead = new TaskCompletionSource();
        var isSignedOut = new TaskCompletionSource();
        var creates = 0;
        sites.Site.Store.Before = call =>
        {
            if (call != "create" || Interlocked.Increment(ref creates) != 1)
                return Task.CompletedTask;

            hasRead.SetResult();
            return isSignedOut.Task.WaitAsync(Longest);
        };

        var who = slow.GetAsync("/who");
        await hasRead.Task.WaitAsync(Longest);
        Assert.Equal("alice", await fast.GetAsync("/who"));
        await fast.GetAsync("/out");
        isSignedOut.SetResult();

        Assert.Equal("anonymous", await who.WaitAsync(Longest));
        Assert.Equal(0, await sites.CountAsync("alice"));
    }

    [Fact]
    public async Task A_renewal_at_the_first_request_renews_the_moved_ticket()
    {
        await using var sites = await TwoSites.StartAsync();
        using var browser = await sites.SignInAsync("/in/alice");
        sites.Site.Clock.Advance(Lifetime * 0.6);

        Assert.Equal("alice", await browser.GetAsync("/who"));
        sites.Site.Clock.Advance(Lifetime * 0.9);

        Assert.Equal("alice", await browser.GetAsync("/who"));
        Assert.Equal(1, await sites.CountAsync("alice"));
    }

    [Theory]
    [InlineData("/in/alice", false)]
    [InlineData("/in/alice?keep=true", true)]
    public async Task The_new_cookie_is_kept_by_the_browser_as_long_as_the_old_one_and_by_no_cache(string signIn, bool isPersistent)
    {
        await using var sites = await TwoSites.StartAsync();
        using var signedIn = await sites.SignInAsync(signIn);
        using var browser = sites.Site.NewBrowser();
        browser.Cookie = signedIn.Cookie;

        var answer = await browser.GetAsync("/who");

        var cookie = Assert.Single(answer.SetCookies);
        Assert.Equal(isPersistent, cookie.Contains("expires=Wed, 02 Jan 2030 04:04:05 GMT", StringComparison.OrdinalIgnoreCase));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.Empty(answer.Headers.Vary);
    }

    [Fact]
    public async Task A_store_that_fails_loses_no_sign_in()
    {
        await using var sites = await TwoSites.StartAsync();
        using var browser = await sites.SignInAsync("/in/alice");
        sites.Cache.Before = _ => throw new InvalidOperationException("No connection.");

        await Assert.ThrowsAsync<InvalidOperationException>(() => browser.GetAsync("/who"));

        sites.Cache.Before = null;
        Assert.Equal("alice", await browser.GetAsync("/who"));
    }

    /// <summary>An application with its own ticket store, and the same one after the move.</summary>
    private sealed class TwoSites(WebApplication old, Site site, RecordingCache cache) : IAsyncDisposable
    {
        public Site Site { get; } = site;

        public RecordingCache Cache { get; } = cache;

        public static async Task<TwoSites> StartAsync()
        {
            var cache = new RecordingCache(new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions())));
            var protection = new EphemeralDataProtectionProvider();
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseTestServer();
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton<TimeProvider>(new FakeClock());
            builder.Services.AddAuthentication("Cookies").AddCookie("Cookies", options =>
            {
                options.ExpireTimeSpan = Lifetime;
                options.SessionStore = new CacheTicketStore(cache);
            });
            builder.Services.AddSingleton<IDataProtectionProvider>(protection);
            var old = builder.Build();
            old.UseAuthentication();
            MapSignIn(old);
            await old.StartAsync();

            var site = await Site.StartAsync(
                app =>
                {
                    app.UseAuthentication();
                    MapSignIn(app);
                    app.MapGet("/out", (HttpContext context) => context.SignOutAsync());
                    app.MapGet("/who", (HttpContext context) => context.User.Identity?.Name ?? "anonymous");
                    app.MapGet("/everywhere/{user}", async (SessionAccess sessions, string user) => $"{await sessions.DestroyBySubjectAsync(user)}");
                },
                null,
                services =>
                {
                    services.AddSingleton<IDistributedCache>(cache);
                    services.AddAuthentication("Cookies").AddCookie("Cookies", options => options.ExpireTimeSpan = Lifetime)
                        .AddSessionTickets(configure: options => options.MoveFrom = provider => new CacheTicketStore(provider.GetRequiredService<IDistributedCache>()));
                    services.AddSingleton<IDataProtectionProvider>(protection);
                    services.WrapStore(recording => new SubjectStore(recording));
                });
            return new TwoSites(old, site, cache);
        }

        /// <summary>Signs in on the old site, and returns a browser of the new one with the cookie.</summary>
        public async Task<SignedIn> SignInAsync(string path)
        {
            using var client = old.GetTestClient();
            using var response = await client.GetAsync(path);
            response.EnsureSuccessStatusCode();
            Cache.Forget();
            return NewBrowser(response.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        }

        public SignedIn NewBrowser(string cookie) => new(Site.NewBrowser()) { Cookie = cookie };

        public async Task<int> CountAsync(string user)
        {
            var count = 0;
            await foreach (var _ in ((ISessionSubjects)Site.Store.Inner).ListBySubjectAsync(user))
                count++;

            return count;
        }

        public async ValueTask DisposeAsync()
        {
            await Site.DisposeAsync();
            await old.DisposeAsync();
        }

        private static void MapSignIn(WebApplication app) => app.MapGet("/in/{user}", (HttpContext context, string user, bool? keep) => context.SignInAsync(
            new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, user), new Claim(ClaimTypes.NameIdentifier, user)], "test")),
            new AuthenticationProperties { IsPersistent = keep == true }));
    }
}
