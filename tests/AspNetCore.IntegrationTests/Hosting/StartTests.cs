using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SessionStores.AspNetCore.Tests;
using SessionStores.Memory;

namespace SessionStores.AspNetCore.IntegrationTests.Hosting;

/// <summary>What an application says about its store when it starts.</summary>
public sealed class StartTests
{
    public static TheoryData<string, Action<ISessionStoresBuilder>> Down => new()
    {
        { "Redis", builder => builder.UseRedis("127.0.0.1:1", options => options.OperationTimeout = TimeSpan.FromSeconds(1)) },
        { "Postgres", builder => builder.UsePostgres("Host=127.0.0.1;Port=1;Username=app;Password=tell-no-one", options => options.OperationTimeout = TimeSpan.FromSeconds(1)) },
        { "Mongo", builder => builder.UseMongo("mongodb://app:tell-no-one@127.0.0.1:1/app", options => options.OperationTimeout = TimeSpan.FromSeconds(1)) },
        { "Own", builder => builder.UseStore(_ => new BrokenStore()) },
    };

    [Theory]
    [MemberData(nameof(Down))]
    public async Task A_server_that_is_down_is_reported_once_in_one_line_and_the_application_starts(string store, Action<ISessionStoresBuilder> choose)
    {
        using var log = new LogLines();
        await using var app = await StartAsync(log, choose);

        await UntilLoggedAsync(log, "StoreDownAtStart");

        var line = Assert.Single(log.Lines, line => line.Name == "StoreDownAtStart");
        Assert.Equal(LogLevel.Error, line.Level);
        Assert.DoesNotContain('\n', line.Text);
        Assert.DoesNotContain("tell-no-one", line.Text, StringComparison.Ordinal);
        Assert.Contains(store == "Own" ? "BrokenStore threw NotSupportedException" : $"{store}Store.Get: ", line.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_works_later_is_reported_then()
    {
        using var log = new LogLines();
        using var memory = new MemoryStore(new MemoryStoreOptions());
        await using var app = await StartAsync(log, builder => builder.UseStore(_ => new LateStore(memory)));

        await UntilLoggedAsync(log, "StoreWorks");
        await ProbesAsync(app);

        Assert.Equal(["StoreDownAtStart", "StoreWorks"], log.Lines.Where(line => line.Name is "StoreDownAtStart" or "StoreWorks").Select(line => line.Name));
    }

    [Fact]
    public async Task A_store_that_works_is_not_mentioned()
    {
        using var log = new LogLines();
        await using var app = await StartAsync(log, builder => builder.UseMemory());

        await ProbesAsync(app);

        Assert.False(log.Has("StoreDownAtStart"));
        Assert.False(log.Has("StoreWorks"));
    }

    private static Task UntilLoggedAsync(LogLines log, string name) =>
        SessionStores.Backends.Wait.UntilAsync(() => log.Has(name), TimeSpan.FromMinutes(1), $"{name} to be logged");

    private static Task ProbesAsync(WebApplication app) =>
        Task.WhenAll(app.Services.GetServices<IHostedService>().OfType<SessionStoreProbe>().Select(probe => probe.ExecuteTask!));

    private static async Task<WebApplication> StartAsync(LogLines log, Action<ISessionStoresBuilder> choose)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.WebHost.UseTestServer();
        choose(builder.Services.AddSessionStores(options => options.Secrets.Add("N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ")));
        var app = builder.Build();
        app.UseSessionStores();
        await app.StartAsync();
        return app;
    }

    private sealed class BrokenStore() : PassingStore(null!)
    {
        public override ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException("tell-no-one");
    }

    private sealed class LateStore(ISessionStore inner) : PassingStore(inner)
    {
        private bool _isThere;

        public override ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
        {
            if (!_isThere)
            {
                _isThere = true;
                throw new SessionStoreException("LateStore", "Get", SessionStoreFault.Unavailable, "It is not there yet.");
            }

            return base.GetAsync(id, slide, cancellationToken);
        }
    }
}
