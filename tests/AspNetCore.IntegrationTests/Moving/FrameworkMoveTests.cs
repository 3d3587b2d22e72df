using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NeoSmart.Caching.Sqlite;
using SessionStores.AspNetCore.Tests;

namespace SessionStores.AspNetCore.IntegrationTests.Moving;

/// <summary>Sessions that ASP.NET Core's own middleware has written to a cache on Redis or in SQL, moved to every store.</summary>
public sealed class FrameworkMoveTests
{
    private const int Visitors = 10;
    private const int Requests = 20;

    public static TheoryData<string> Stores => ServerOf.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Visitors_keep_their_values_from_a_cache_on_Redis(string provider)
    {
        await using var redis = await ServerOf.StartAsync("Redis");
        using var cache = new RedisCache(Options.Create(new RedisCacheOptions { Configuration = redis.ConnectionString, InstanceName = $"old-{provider}:" }));
        await MoveAsync(provider, cache);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Visitors_keep_their_values_from_a_cache_in_SQL(string provider)
    {
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.db");
        using (var cache = new SqliteCache(new SqliteCacheOptions { CachePath = file }))
            await MoveAsync(provider, cache);

        File.Delete(file);
    }

    /// <summary>Visitors of the framework's middleware send many first requests at the same time to a site that moves their sessions.</summary>
    private static async Task MoveAsync(string provider, IDistributedCache cache)
    {
        await using var server = await ServerOf.StartAsync(provider);
        var recording = new RecordingCache(cache);
        var protection = new EphemeralDataProtectionProvider();
        await using var old = await FrameworkSite.StartAsync(recording, protection);
        await using var app = await StartAsync(provider, server, cache, protection);

        for (var visitor = 0; visitor < Visitors; visitor++)
        {
            var cookie = await old.NewVisitorAsync();
            var sent = new ConcurrentBag<string>();
            var read = await Task.WhenAll(Enumerable.Range(0, Requests).Select(number => ReadAsync(app, number % 2 == 0 ? "/read" : $"/set/key{number}", cookie, sent)));

            Assert.Equal(Requests / 2, read.Count(body => body == FrameworkSite.Filled));
            var session = Assert.Single(sent.Distinct());
            Assert.Null(recording.Record);
            Assert.Equal(Requests / 2, (await ReadAsync(app, "/keys", session, sent)).Split(' ').Count(key => key.StartsWith("key", StringComparison.Ordinal)));
            Assert.Equal(FrameworkSite.Filled, await ReadAsync(app, "/read", session, sent));
            await ReadAsync(app, "/log-out", session, sent);
            Assert.Equal(FrameworkSite.Empty, await ReadAsync(app, "/read", cookie, sent));
        }
    }

    private static async Task<WebApplication> StartAsync(string provider, ServerOf server, IDistributedCache cache, IDataProtectionProvider protection)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Sessions:Secrets"] = "0d1Yx8Vq3mZr5Tt7Bn9Wk2Lp4Hs6Jg8F",
            ["Sessions:Cookie:Secure"] = "Auto",
            ["Sessions:Store:Provider"] = provider,
            ["Sessions:Store:Connection"] = server.ConnectionString,
        });
        builder.Services.AddSingleton(cache);
        builder.Services.AddSessionStores(builder.Configuration.GetSection("Sessions")).MoveFrameworkSessions();
        builder.Services.AddSingleton(protection);
        var app = builder.Build();
        app.UseSessionStores();
        app.MapGet("/read", FrameworkSite.Show);
        app.MapGet("/set/{name}", (HttpSession session, string name) => session.Set(name, 1));
        app.MapGet("/keys", (HttpSession session) => string.Join(' ', session.Keys));
        app.MapGet("/log-out", (HttpSession session) => session.DestroyAsync());
        await app.StartAsync();
        return app;
    }

    /// <summary>Sends a request with a cookie, and keeps the pair of the session cookie that it gets.</summary>
    private static async Task<string> ReadAsync(WebApplication app, string path, string cookie, ConcurrentBag<string> sent)
    {
        using var client = app.GetTestClient();
        client.DefaultRequestHeaders.Add("Cookie", cookie);
        using var response = await client.GetAsync(path);
        response.EnsureSuccessStatusCode();
        if (response.Headers.TryGetValues("Set-Cookie", out var cookies))
        {
            foreach (var pair in cookies.Select(each => each.Split(';')[0]).Where(pair => pair.StartsWith("connect.sid=s", StringComparison.Ordinal)))
                sent.Add(pair);
        }

        return await response.Content.ReadAsStringAsync();
    }
}
