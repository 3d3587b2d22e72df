using Microsoft.Extensions.DependencyInjection;
using SessionStores.AspNetCore;
using SessionStores.Mongo;
using SessionStores.Postgres;
using SessionStores.Redis;

namespace SessionStores.Interop.Tests.Guide;

/// <summary>Snippets of docs/from-express.md: each block there stands in a file of this folder, line by line, and so compiles.</summary>
internal static class SetUp
{
    public static WebApplication Start(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Services
            .AddSessionStores(options =>
            {
                options.Secrets.Add(builder.Configuration["SessionSecret"]!);
                options.Cookie.MaxAge = TimeSpan.FromHours(1);
                options.Cookie.SameSite = SessionSameSite.Lax;
            })
            .UseRedis("localhost:6379");

        var app = builder.Build();
        app.UseSessionStores();
        return app;
    }

    public static void FunctionOfTheRequest(SessionStoresOptions options)
    {
        options.CookieFor = context => new SessionCookieOptions
        {
            Domain = context.Request.Host.Host.EndsWith(".example.com", StringComparison.Ordinal) ? "example.com" : null,
            Secure = SessionCookieSecurity.Auto,
            SameSite = SessionSameSite.Auto,
        };
    }

    public static void Rotate(SessionStoresOptions options, string current, string next)
    {
        // First deployment, on both sides: the new secret verifies.
        options.Secrets = [current, next];

        // Second deployment, on both sides: it signs.
        options.Secrets = [next, current];

        // When the old cookies have expired: the old one goes.
        options.Secrets = [next];
    }

    public static void RedisOptions(WebApplicationBuilder builder, Action<SessionStoresOptions> options)
    {
        builder.Services.AddSessionStores(options)
            .UseRedis("localhost:6379", redis => redis.KeyPrefix = "shop:");
    }

    public static void PostgresOptions(WebApplicationBuilder builder, Action<SessionStoresOptions> options)
    {
        builder.Services.AddSessionStores(options)
            .UsePostgres("Host=localhost;Username=app;Password=secret;Database=app", postgres =>
            {
                postgres.Table = "user_sessions";
                postgres.CreateIfMissing = false;
            });
    }

    public static void MongoOptions(WebApplicationBuilder builder)
    {
        builder.Services
            .AddSessionStores(options =>
            {
                options.Secrets.Add("keyboard cat");
                options.AllowWeakSecrets = true;
                options.IdleTimeout = TimeSpan.FromDays(14);
            })
            .UseMongo("mongodb://localhost:27017/app", mongo => mongo.TouchAfter = TimeSpan.FromHours(24));
    }
}
