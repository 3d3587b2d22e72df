using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using SessionStores.AspNetCore.Tests;
using SessionStores.Redis;

namespace SessionStores.AspNetCore.IntegrationTests.Hosting;

public sealed class HealthTests
{
    [Fact]
    public async Task A_check_makes_one_round_trip_and_creates_nothing()
    {
        await using var site = await StartAsync(checks => checks.AddSessionStore());

        var report = await CheckAsync(site);

        Assert.Equal(HealthStatus.Healthy, report.Status);
        Assert.Equal("RecordingStore responds.", report.Entries["sessions"].Description);
        Assert.Equal(["get"], site.Store.Calls);
    }

    [Fact]
    public async Task A_check_of_writes_leaves_nothing_behind()
    {
        await using var site = await StartAsync(checks => checks.AddSessionStore(probeWrites: true));

        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(site)).Status);

        Assert.Equal(["get", "create", "get", "destroy"], site.Store.Calls);
        Assert.Equal(0, await ((ISessionEnumeration)site.Store.Inner).LengthAsync());
    }

    [Fact]
    public async Task A_store_that_takes_no_writes_is_noticed_by_the_check_of_writes_alone()
    {
        await using var site = await StartAsync(checks => checks.AddSessionStore(name: "reads").AddSessionStore(name: "writes", probeWrites: true, failureStatus: HealthStatus.Degraded));
        site.Store.Before = call => call == "create"
            ? throw new SessionStoreException("RecordingStore", "Create", SessionStoreFault.ReadOnly, "It is a replica.")
            : Task.CompletedTask;

        var report = await CheckAsync(site);

        Assert.Equal(HealthStatus.Healthy, report.Entries["reads"].Status);
        Assert.Equal(HealthStatus.Degraded, report.Entries["writes"].Status);
        Assert.Equal("RecordingStore: ReadOnly at Create.", report.Entries["writes"].Description);
    }

    [Fact]
    public async Task A_store_that_never_answers_is_unhealthy_after_the_time_out()
    {
        await using var site = await StartAsync(checks => checks.AddSessionStore(timeout: TimeSpan.FromSeconds(3)));
        var timers = site.Clock.WaitingTimers;
        site.Store.Before = _ => Task.Delay(Timeout.InfiniteTimeSpan);

        var check = CheckAsync(site);
        await Backends.Wait.UntilAsync(() => site.Clock.WaitingTimers > timers, TimeSpan.FromSeconds(30), "the check to wait");
        site.Clock.Advance(TimeSpan.FromSeconds(2.9));
        Assert.False(check.IsCompleted);
        site.Clock.Advance(TimeSpan.FromSeconds(0.1));
        var report = await check.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(HealthStatus.Unhealthy, report.Status);
        Assert.Equal("RecordingStore: Timeout. It did not respond within 00:00:03.", report.Entries["sessions"].Description);
    }

    [Fact]
    public async Task Each_set_of_sessions_has_a_check_of_its_own()
    {
        await using var site = await StartAsync(checks =>
        {
            checks.Services.AddSessionStores("admin", options =>
            {
                options.Secrets.Add("Zt5Wb8Kc2Mv7Xn4Qd1Rj6Fp9Gs3Hy0LuA");
                options.Name = "admin.sid";
            });
            checks.AddSessionStore().AddSessionStore("admin", tags: ["ready"]);
        });

        var report = await CheckAsync(site);

        Assert.Equal(["sessions", "sessions-admin"], report.Entries.Keys.Order());
        Assert.Equal("MemoryStore responds.", report.Entries["sessions-admin"].Description);
        Assert.Equal(["ready"], report.Entries["sessions-admin"].Tags);
    }

    [Fact]
    public async Task A_server_that_is_gone_is_named_by_store_and_fault_without_secrets()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSessionStores(options => options.Secrets.Add("N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ"))
            .UseRedis("127.0.0.1:1,password=keep-private,abortConnect=false", options => options.OperationTimeout = TimeSpan.FromMilliseconds(500));
        builder.Services.AddHealthChecks().AddSessionStore(timeout: TimeSpan.FromSeconds(20));
        await using var app = builder.Build();

        var entry = (await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["sessions"];

        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.Matches("^RedisStore: (Unavailable|Timeout) at Get\\.$", entry.Description);
        Assert.Null(entry.Exception);
        Assert.Empty(entry.Data);
    }

    private static Task<HealthReport> CheckAsync(Site site) => site.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

    private static Task<Site> StartAsync(Action<IHealthChecksBuilder> add) =>
        Site.StartAsync(app => app.UseSessionStores(), null, false, services => add(services.AddHealthChecks()));
}
