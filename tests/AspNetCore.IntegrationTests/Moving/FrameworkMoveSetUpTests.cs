using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionStores.AspNetCore.Tests;
using SessionStores.Backends;

namespace SessionStores.AspNetCore.IntegrationTests.Moving;

/// <summary>How the move is switched on, and what is refused.</summary>
public sealed class FrameworkMoveSetUpTests
{
    [Theory]
    [InlineData(true, FrameworkSite.Filled)]
    [InlineData(false, FrameworkSite.Empty)]
    public async Task A_configuration_switches_the_move_on(bool isOn, string values)
    {
        var cache = new RecordingCache(NewCache());
        var protection = new EphemeralDataProtectionProvider();
        await using var old = await FrameworkSite.StartAsync(cache, protection, options => options.Cookie.Name = ".Shop.Session");
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Sessions:Secrets"] = "0d1Yx8Vq3mZr5Tt7Bn9Wk2Lp4Hs6Jg8F",
            ["Sessions:Cookie:Secure"] = "Auto",
            ["Sessions:Store:Provider"] = "Memory",
            ["Sessions:FrameworkSessions:Move"] = isOn ? "true" : "false",
            ["Sessions:FrameworkSessions:Cookie:Name"] = ".Shop.Session",
            ["Sessions:FrameworkSessions:IdleTimeout"] = "00:30:00",
        });
        builder.Services.AddSessionStores(builder.Configuration.GetSection("Sessions"));
        builder.Services.AddSingleton<IDistributedCache>(cache).AddSingleton<IDataProtectionProvider>(protection);
        await using var app = builder.Build();
        app.UseSessionStores();
        app.MapGet("/read", FrameworkSite.Show);
        await app.StartAsync();
        using var client = app.GetTestClient();
        client.DefaultRequestHeaders.Add("Cookie", await old.NewVisitorAsync());

        Assert.Equal(values, await client.GetStringAsync("/read"));
    }

    [Fact]
    public async Task A_setting_that_is_unknown_or_out_of_range_is_refused_at_start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Sessions:Secrets"] = "0d1Yx8Vq3mZr5Tt7Bn9Wk2Lp4Hs6Jg8F",
            ["Sessions:Store:Provider"] = "Memory",
            ["Sessions:FrameworkSessions:Moves"] = "true",
            ["Sessions:FrameworkSessions:IdleTimeout"] = "long",
        });
        builder.Services.AddSessionStores(builder.Configuration.GetSection("Sessions"));
        await using var app = builder.Build();

        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());

        Assert.Contains("Sessions:FrameworkSessions:Moves is no setting; did you mean Move?", failure.Failures);
        Assert.Contains(failure.Failures, problem => problem.StartsWith("Sessions:FrameworkSessions:IdleTimeout", StringComparison.Ordinal));
    }

    [Fact]
    public void Options_that_cannot_be_are_refused_at_once()
    {
        var builder = new ServiceCollection().AddSessionStores();

        Assert.Contains("Cookie.Name", Assert.Throws<ArgumentException>(() => builder.MoveFrameworkSessions(options => options.Cookie.Name = "a b")).Message, StringComparison.Ordinal);
        Assert.Contains("IdleTimeout", Assert.Throws<ArgumentException>(() => builder.MoveFrameworkSessions(options => options.IdleTimeout = TimeSpan.Zero)).Message, StringComparison.Ordinal);
        Assert.Contains("IOTimeout", Assert.Throws<ArgumentException>(() => builder.MoveFrameworkSessions(options => options.IOTimeout = TimeSpan.Zero)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_distributed_cache_the_application_does_not_start_and_says_what_to_keep()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSessionStores(options => options.Secrets.Add("0d1Yx8Vq3mZr5Tt7Bn9Wk2Lp4Hs6Jg8F")).MoveFrameworkSessions();
        await using var app = builder.Build();

        var failure = Assert.Throws<InvalidOperationException>(() => app.UseSessionStores());

        Assert.Equal("MoveFrameworkSessions needs the distributed cache that has the sessions. Keep its registration, such as services.AddStackExchangeRedisCache(...).", failure.Message);
    }

    [Fact]
    public async Task A_cache_that_hangs_ends_in_the_outage_policy_after_the_time_of_the_former_options()
    {
        var cache = new RecordingCache(NewCache());
        var protection = new EphemeralDataProtectionProvider();
        await using var old = await FrameworkSite.StartAsync(cache, protection);
        await using var site = await Site.StartAsync(
            app => app.MapGet("/read", FrameworkSite.Show),
            options => options.Outage = OutagePolicy.ServiceUnavailable503,
            services =>
            {
                services.AddSingleton<IDistributedCache>(cache);
                services.AddSessionStores().MoveFrameworkSessions(options => options.IOTimeout = TimeSpan.FromSeconds(2));
                services.AddSingleton<IDataProtectionProvider>(protection);
            });
        using var browser = site.NewBrowser();
        browser.Cookie = await old.NewVisitorAsync();
        cache.Before = _ => Task.Delay(Timeout.InfiniteTimeSpan);
        var timers = site.Clock.WaitingTimers;

        var request = browser.GetAsync("/read");
        await Wait.UntilAsync(() => site.Clock.WaitingTimers > timers, TimeSpan.FromSeconds(30), "the request to wait");
        site.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(503, (await request.WaitAsync(TimeSpan.FromSeconds(30))).Status);
        cache.Before = null;
        Assert.Equal(FrameworkSite.Filled, (await browser.GetAsync("/read")).Body);
    }

    private static MemoryDistributedCache NewCache() => new(Options.Create(new MemoryDistributedCacheOptions()));
}
