using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SessionStores.AspNetCore;
using SessionStores.AspNetCore.Tests;

namespace SessionStores.AspNetCore.IntegrationTests.Records;

/// <summary>Whatever bytes another program has put into the store, a site stays up: no exception but that of an unreadable record, no request that
/// fails, no header of an attacker's choice. A failure names the seed and the record.</summary>
public sealed class RandomRecordsTests
{
    private const string Secret = "N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ";
    private const int BatchSize = 500;
    private static readonly string[] Ways = ["/read", "/change", "/rotate", "/clear"];
    private static readonly string[] ExpectedHeaders = ["Set-Cookie", "Cache-Control", "Pragma"];

    /// <summary>More in a run by hand: <c>SESSIONSTORES_RECORDS=100000</c>.</summary>
    private static readonly int Count = int.TryParse(Environment.GetEnvironmentVariable("SESSIONSTORES_RECORDS"), CultureInfo.InvariantCulture, out var count) ? count : 1_000;

    /// <summary>The same records in each run, so that a run fails for what it changed; others by <c>SESSIONSTORES_SEED</c>.</summary>
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("SESSIONSTORES_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : 20_260_101;

    public static TheoryData<string> Stores => ServerOf.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Records_grown_from_real_ones_leave_the_site_up(string provider)
    {
        await using var server = await ServerOf.StartAsync(provider);
        await using var planter = await RecordPlanter.OpenAsync(provider, server.ConnectionString);
        var log = new LogLines(LogLevel.Warning);
        await using var app = await StartAsync(planter, log);
        var mutations = new Mutations(Seed);
        var (grown, planted, loaded) = (0, 0, 0);
        while (planted < Count)
        {
            var batch = Enumerable.Range(grown, Math.Min(BatchSize, Count - planted)).Select(number => new Record($"record-{number}", mutations.Next(), mutations.NextSubject())).ToList();
            grown += batch.Count;
            var taken = await planter.PlantAsync(batch);
            planted += taken.Count;
            await Parallel.ForEachAsync(taken, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (record, _) =>
            {
                try
                {
                    if (await UseAsync(app, planter.Store, record))
                        Interlocked.Increment(ref loaded);
                }
                catch (Exception failure)
                {
                    throw new InvalidOperationException($"Seed {Seed}, {record.Id}: {Convert.ToBase64String(record.Payload)}, subject {JsonSerializer.Serialize(record.Subject)}.", failure);
                }
            });
        }

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{provider}: {planted} records stored of {grown} grown, {loaded} of them loaded, {planted * 2} requests, all answered 200 (seed {Seed})");
        Assert.All(log.Lines, line => Assert.True(line.Level < LogLevel.Error, line.Text));
        Assert.InRange(loaded, planted / 20, planted);
    }

    /// <summary>Two requests with the id of a record: after a failure of the first, the second must not fail again.</summary>
    /// <returns>Whether the record was loaded.</returns>
    private static async Task<bool> UseAsync(WebApplication app, ISessionStore store, Record record)
    {
        using var browser = new Browser(app.GetTestServer().CreateHandler(), new Uri("https://localhost"));
        browser.Cookie = "connect.sid=" + SetCookieHeader.EncodeComponent(CookieSignature.Sign(record.Id, Secret));
        var isLoaded = await CheckAsync(browser, Ways[record.Payload.Length % Ways.Length]) == "loaded";
        await CheckAsync(browser, "/change");

        // A record that cannot be read stays as it was, and its browser gets a session of its own.
        Assert.False(browser.SessionId == record.Id && await IsUnreadableAsync(store, record.Id), "The browser keeps the id of a record that cannot be read.");
        await store.DestroyAsync(record.Id);
        return isLoaded;
    }

    private static async Task<bool> IsUnreadableAsync(ISessionStore store, string id)
    {
        try
        {
            await store.GetAsync(id);
            return false;
        }
        catch (SessionStoreException failure) when (failure.Fault == SessionStoreFault.Unreadable)
        {
            return true;
        }
    }

    private static async Task<string> CheckAsync(Browser browser, string path)
    {
        var answer = await browser.GetAsync(path);
        Assert.Equal(200, answer.Status);
        Assert.InRange(answer.SetCookies.Length, 0, 1);
        foreach (var cookie in answer.SetCookies)
        {
            Assert.Matches("^connect\\.sid=[A-Za-z0-9%._~-]*(; Path=/[!-:<-~]*)?(; Expires=[A-Za-z0-9 ,:]{29})?; HttpOnly(; Secure)?(; Partitioned)?(; Priority=(Low|Medium|High))?(; SameSite=(Strict|Lax))?$", cookie);
            Assert.InRange(cookie.Length, 1, 2000);
        }

        Assert.Empty(answer.Headers.Select(header => header.Key).Except(ExpectedHeaders));
        return answer.Body;
    }

    private static async Task<WebApplication> StartAsync(RecordPlanter planter, LogLines log)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.WebHost.UseTestServer();
        builder.Services.AddSessionStores(options =>
        {
            options.Secrets.Add(Secret);
            (options.Rolling, options.AbsoluteTimeout) = (true, Seed % 2 == 0 ? null : TimeSpan.FromDays(30));
        }).UseStore(_ => planter.Store);
        var app = builder.Build();
        app.UseSessionStores();
        app.MapGet("/read", (HttpContext context) => Read(context));
        app.MapGet("/change", (HttpContext context) =>
        {
            var result = Read(context);
            context.GetHttpSession()!.Set("changed", true);
            context.Session.SetString("text", "x");
            return result;
        });
        app.MapGet("/rotate", async (HttpContext context) =>
        {
            var result = Read(context);
            await context.GetHttpSession()!.RegenerateAsync(keepData: true);
            return result;
        });
        app.MapGet("/clear", (HttpContext context) =>
        {
            var result = Read(context);
            context.GetHttpSession()!.Clear();
            return result;
        });
        await app.StartAsync();
        return app;
    }

    private static string Read(HttpContext context)
    {
        var session = context.GetHttpSession()!;
        foreach (var key in session.Keys)
        {
            Assert.False(session.GetRaw(key).IsEmpty);
            Assert.True(session.ContainsKey(key));
        }

        foreach (var key in context.Session.Keys)
            context.Session.TryGetValue(key, out _);

        _ = (session.ExpiresAt, session.AbsoluteExpiresAt, session.Subject, session.Cookie.MaxAge, session.Cookie.OriginalMaxAge);
        try
        {
            session.TryGet<int>("views", out _);
        }
        catch (JsonException)
        {
            // The typed exception of a value of another type.
        }

        return session.IsNew ? "new" : "loaded";
    }

    internal sealed record Record(string Id, byte[] Payload, string? Subject);
}
