using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SessionStores.Conformance;
using SessionStores.Memory;

namespace SessionStores.AspNetCore.Tests;

/// <summary>A web site with sessions, in this process: on the test server, or on Kestrel where the wire matters. Its cookie is that of
/// express-session, whose semantics most tests are about.</summary>
internal sealed class Site : IAsyncDisposable
{
    public const string Secret = "keyboard cat";
    private readonly WebApplication _app;
    private readonly bool _isKestrel;

    private Site(WebApplication app, RecordingStore store, FakeClock clock, LogLines log, Counters counters, bool isKestrel)
    {
        _app = app;
        _isKestrel = isKestrel;
        Store = store;
        Clock = clock;
        Log = log;
        Counters = counters;
    }

    public RecordingStore Store { get; }

    public FakeClock Clock { get; }

    public LogLines Log { get; }

    public Counters Counters { get; }

    public IServiceProvider Services => _app.Services;

    public Uri Address => _isKestrel ? new Uri(_app.Urls.First()) : new Uri("http://localhost");

    public SessionAccess Sessions => Services.GetRequiredService<SessionAccess>();

    public static Task<Site> StartAsync(Action<WebApplication> map, Action<SessionStoresOptions>? configure = null, bool kestrel = false) =>
        StartAsync(app =>
        {
            app.UseSessionStores();
            map(app);
        }, configure, kestrel, null);

    public static Task<Site> StartAsync(Action<WebApplication> map, Action<SessionStoresOptions>? configure, Action<IServiceCollection> services) =>
        StartAsync(app =>
        {
            app.UseSessionStores();
            map(app);
        }, configure, false, services);

    /// <summary>Starts a site whose whole pipeline is given.</summary>
    public static async Task<Site> StartAsync(Action<WebApplication> pipeline, Action<SessionStoresOptions>? configure, bool kestrel, Action<IServiceCollection>? services)
    {
        var clock = new FakeClock();
        var log = new LogLines();
        RecordingStore? store = null;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Debug);
        if (kestrel)
            builder.WebHost.UseUrls("http://127.0.0.1:0");
        else
            builder.WebHost.UseTestServer();

        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddSessionStores(options =>
        {
            options.Secrets.Add(Secret);
            options.AllowWeakSecrets = true;
            options.UseExpressCookie();
            configure?.Invoke(options);
        }).UseStore(_ => store = new RecordingStore(new MemoryStore(new MemoryStoreOptions(), clock)));
        services?.Invoke(builder.Services);
        var app = builder.Build();
        var counters = new Counters(app.Services.GetRequiredService<IMeterFactory>());
        pipeline(app);
        app.Services.GetRequiredService<ISessionStore>();
        await app.StartAsync();
        foreach (var probe in app.Services.GetServices<IHostedService>().OfType<SessionStoreProbe>())
            await probe.ExecuteTask!;

        store!.Forget();
        return new Site(app, store!, clock, log, counters, kestrel);
    }

    public Browser NewBrowser() => new(_isKestrel ? new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false } : _app.GetTestServer().CreateHandler(), Address);

    /// <summary>The record of a browser's session as the store answers it.</summary>
    public async Task<SessionRecord?> RecordOf(Browser browser) =>
        browser.SessionId is { } id ? await Store.Inner.GetAsync(id) : null;

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Counters.Dispose();
        Log.Dispose();
        (Store.Inner as IDisposable)?.Dispose();
    }
}
