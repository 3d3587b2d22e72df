using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SessionStores.AspNetCore;
using SessionStores.Moving;
using SessionStores.Postgres;
using SessionStores.Redis;
using StackExchange.Redis;

namespace SessionStores.Reliability.Tests.Moving;

/// <summary>This program as a node of a site whose sessions move from Redis to PostgreSQL. Prints its address, and ends with its input.</summary>
internal static class MovingSite
{
    public const string Command = "moving-site";
    private const string Number = "n";

    /// <summary>All nodes have the same secret. It protects nothing but the sessions of one test.</summary>
    private const string Secret = "1f0d6b9a5c3e48d7b2a19c4e7f60d835aa41c9e20b7d4f6813a95ce2d07b461f";

    public static async Task<int> RunAsync(string redis, string postgres, string stage)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSessionStores(options =>
        {
            options.Secrets.Add(Secret);
            options.Cookie.Secure = SessionCookieSecurity.Auto;
            options.Outage = OutagePolicy.ServiceUnavailable503;
        }).UseStore(_ => OpenStore(redis, postgres, Enum.Parse<MovingStage>(stage)));
        await using var app = builder.Build();
        app.UseSessionStores();
        Map(app);
        await app.StartAsync();
        Console.WriteLine(app.Urls.First());
        await Console.In.ReadToEndAsync();
        return 0;
    }

    /// <summary>The store of every node, and of the mover.</summary>
    public static MovingStore OpenStore(string redis, string postgres, MovingStage stage) =>
        new(new RedisStore(ConfigurationOptions.Parse(redis)), new PostgresStore(postgres), new MovingStoreOptions { Stage = stage });

    private static void Map(WebApplication app)
    {
        app.MapPost("/log-in", async (HttpSession session) =>
        {
            session.Subject = "everyone";
            session.Set(Number, 0);
            await session.SaveAsync();
        });
        app.MapGet("/read", (HttpSession session) => session.TryGet<int>(Number, out var number) ? Text(number) : Results.NotFound());
        app.MapPost("/add", (HttpSession session) => IfThereAsync(session, async () =>
        {
            session.Update<int>(Number, number => number + 1);
            await session.SaveAsync();
        }));
        app.MapPost("/log-out", (HttpSession session) => IfThereAsync(session, () => session.DestroyAsync()));
    }

    private static async Task<IResult> IfThereAsync(HttpSession session, Func<Task> act)
    {
        if (!session.TryGet<int>(Number, out var number))
            return Results.NotFound();

        try
        {
            await act();
            return Text(session.IsDestroyed ? number : session.Get<int>(Number));
        }
        catch (SessionDestroyedException)
        {
            return Results.NotFound();
        }
    }

    private static IResult Text(int number) => Results.Text(number.ToString(CultureInfo.InvariantCulture));
}
