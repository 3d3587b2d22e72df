using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SessionStores.AspNetCore.Tests;

/// <summary>A site on ASP.NET Core's own session middleware.</summary>
internal sealed class FrameworkSite(WebApplication app) : IAsyncDisposable
{
    /// <summary>What <see cref="Show"/> returns for a session that <see cref="NewVisitorAsync"/> has filled.</summary>
    public const string Filled = "me@example.com 7 00FF8007C3 of the application";

    /// <summary>What <see cref="Show"/> returns for a session without values.</summary>
    public const string Empty = "   ";

    private static readonly byte[] Stamp = [0, 255, 128, 7, 195];

    public static async Task<FrameworkSite> StartAsync(IDistributedCache cache, IDataProtectionProvider protection, Action<SessionOptions>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(cache).AddSession(configure ?? (_ => { })).AddSingleton(protection);
        var app = builder.Build();
        app.UseSession();
        app.MapGet("/fill", (HttpContext context) =>
        {
            context.Session.SetString("email", "me@example.com");
            context.Session.SetInt32("visits", 7);
            context.Session.Set("stamp", Stamp);
            context.Session.SetString("id", "of the application");
        });
        app.MapGet("/clear", (HttpContext context) => context.Session.Clear());
        await app.StartAsync();
        return new FrameworkSite(app);
    }

    /// <summary>The values of a session, read as applications read them.</summary>
    public static string Show(HttpContext context) =>
        $"{context.Session.GetString("email")} {context.Session.GetInt32("visits")} {Convert.ToHexString(context.Session.Get("stamp") ?? [])} {context.Session.GetString("id")}";

    /// <summary>Fills the session of a new visitor, and returns the pair of its cookie.</summary>
    public async Task<string> NewVisitorAsync()
    {
        using var client = app.GetTestClient();
        using var response = await client.GetAsync("/fill");
        response.EnsureSuccessStatusCode();
        return response.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }

    /// <summary>Empties the session of a visitor.</summary>
    public async Task ClearAsync(string cookie)
    {
        using var client = app.GetTestClient();
        client.DefaultRequestHeaders.Add("Cookie", cookie);
        using var response = await client.GetAsync("/clear");
        response.EnsureSuccessStatusCode();
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
