using System.Globalization;
using System.Runtime;

namespace SessionStores.Http.Sites;

/// <summary>Serves one contestant in a process of its own: the same server, the same two routes, and nothing else.</summary>
internal static class SiteHost
{
    /// <summary>The start of the line that the comparison waits for.</summary>
    public const string Ready = "listening on ";

    /// <summary>Where a site says how many methods it has compiled.</summary>
    public const string Compiled = "/compiled";

    public static async Task<int> ServeAsync(string site, string store, string connection)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        Func<WebApplication, Task>? map = (site, store) switch
        {
            ("plain", _) => PlainSite.Map,
            ("own", _) => OwnSite.Add(builder.Services, store, connection),
            ("framework", _) => FrameworkSite.Add(builder.Services, store, connection, loadsFirst: false),
            ("framework-async", _) => FrameworkSite.Add(builder.Services, store, connection, loadsFirst: true),
            ("raw", "redis") => app => RawRedisSite.MapAsync(app, connection),
            ("raw", "postgres") => app => RawPostgresSite.MapAsync(app, connection),
            ("raw", "mongo") => app => RawMongoSite.MapAsync(app, connection),
            _ => null,
        };
        if (map is null)
        {
            Console.Error.WriteLine($"There is no site {site} on {store}.");
            return 2;
        }

        var app = builder.Build();
        await map(app);
        app.MapGet(Compiled, () => JitInfo.GetCompiledMethodCount().ToString(CultureInfo.InvariantCulture));
        await app.StartAsync();
        Console.WriteLine(Ready + app.Urls.First());

        // The process that started it has ended when the input ends. A console is read synchronously, so no thread that serves requests may do it.
        new Thread(() =>
        {
            Console.In.ReadToEnd();
            app.Lifetime.StopApplication();
        }) { IsBackground = true }.Start();
        await app.WaitForShutdownAsync();
        return 0;
    }
}
