using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace SessionStores.AspNetCore.Tests;

/// <summary>Whatever bytes another writer has stored, a site stays up: no exception, no request that fails for ever, no header of an
/// attacker's choice. A failure names the seed.</summary>
public sealed class RandomRecordsTests
{
    /// <summary>The same records in each run, so that a run fails for what it changed; others by <c>SESSIONSTORES_SEED</c>.</summary>
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("SESSIONSTORES_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : 20_260_102;

    [Fact]
    public Task A_thousand_records_grown_from_real_ones_leave_the_site_up() => RunAsync(20_260_101, 1_500);

    [Fact]
    [Trait("Speed", "Slow")]
    public Task A_hundred_thousand_records_grown_from_real_ones_leave_the_site_up() => RunAsync(Seed, 100_000);

    private static async Task RunAsync(int seed, int count)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        PlantingStore? store = null;
        await using var site = await Site.StartAsync(
            app =>
            {
                app.MapGet("/read", (HttpContext context) => Read(context));
                app.MapGet("/change", (HttpContext context) =>
                {
                    Read(context);
                    context.GetHttpSession()!.Set("changed", true);
                    context.Session.SetString("text", "x");
                });
                app.MapGet("/rotate", (HttpContext context) =>
                {
                    Read(context);
                    return context.GetHttpSession()!.RegenerateAsync(keepData: true);
                });
                app.MapGet("/clear", (HttpContext context) => context.GetHttpSession()!.Clear());
            },
            options => (options.Rolling, options.AbsoluteTimeout) = (true, seed % 2 == 0 ? null : TimeSpan.FromDays(30)),
            services =>
            {
                var recording = services.Last(service => service.ServiceType == typeof(ISessionStore) && !service.IsKeyedService).ImplementationFactory!;
                services.Replace(ServiceDescriptor.Singleton<ISessionStore>(provider =>
                    store = new PlantingStore(((RecordingStore)recording(provider)).Inner, provider.GetRequiredService<TimeProvider>())));
            });
        var mutations = new Mutations(seed);
        var readable = 0;
        for (var record = 0; record < count; record++)
        {
            var id = $"record-{record}";
            var payload = mutations.Next();
            var subject = mutations.NextSubject();
            try
            {
                if (await UseAsync(site, store!, id, payload, subject, record))
                    readable++;
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Seed {seed}, record {record}: {Convert.ToBase64String(payload)}, subject {JsonSerializer.Serialize(subject)}.", failure);
            }
        }

        // Enough of them are read at all.
        Assert.InRange(readable, count / 10, count);
    }

    private static async Task<bool> UseAsync(Site site, PlantingStore store, string id, byte[] payload, string? subject, int record)
    {
        store.Plant(id, payload, subject);
        using var browser = site.NewBrowser();
        browser.Cookie = "connect.sid=" + SetCookieHeader.EncodeComponent(CookieSignature.Sign(id, Site.Secret));
        var ways = new[] { "/read", "/change", "/rotate", "/clear" };
        await CheckAsync(browser, ways[record % ways.Length]);
        var isRead = !store.IsPlanted(id) || record % ways.Length == 0;
        await CheckAsync(browser, "/change");
        await CheckAsync(browser, "/change");

        // A record that cannot be read is as it was, and the browser has a session of its own.
        Assert.True(browser.SessionId != id || !store.IsPlanted(id));
        if (site.Services.GetRequiredService<ISessionStore>() is { } all)
            await all.DestroyAsync(browser.SessionId!);

        return isRead;
    }

    private static async Task CheckAsync(Browser browser, string path)
    {
        var answer = await browser.GetAsync(path);
        Assert.Equal(200, answer.Status);
        Assert.InRange(answer.SetCookies.Length, 0, 1);
        foreach (var cookie in answer.SetCookies)
        {
            Assert.Matches("^connect\\.sid=[A-Za-z0-9%._~-]*(; Path=/[!-:<-~]*)?(; Expires=[A-Za-z0-9 ,:]{29})?; HttpOnly(; Secure)?(; Partitioned)?(; Priority=(Low|Medium|High))?(; SameSite=(Strict|Lax))?$", cookie);
            Assert.InRange(cookie.Length, 1, 2000);
        }
    }

    private static void Read(HttpContext context)
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
    }
}
