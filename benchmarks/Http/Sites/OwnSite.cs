using Microsoft.Extensions.DependencyInjection;
using SessionStores.AspNetCore;
using SessionStores.Memory;
using SessionStores.Postgres;
using SessionStores.Redis;
using SessionStores.Mongo;

namespace SessionStores.Http.Sites;

/// <summary>The endpoints with SessionStores.</summary>
internal static class OwnSite
{
    public static Func<WebApplication, Task> Add(IServiceCollection services, string store, string connection)
    {
        var sessions = services.AddSessionStores(options =>
        {
            options.Secrets.Add(SampleSession.Secret);
            options.AllowWeakSecrets = true; // the Express site that is measured has the same one
            options.Cookie.Secure = SessionCookieSecurity.Never; // over plain HTTP, with the record of the Express site
            options.Cookie.SameSite = SessionSameSite.Unset;
            options.IdleTimeout = SampleSession.IdleTimeout;
        });
        _ = store switch
        {
            "memory" => sessions.UseMemory(),
            "redis" => sessions.UseRedis(connection),
            "postgres" => sessions.UsePostgres(connection),
            "mongo" => sessions.UseMongo(connection),
            _ => throw new ArgumentOutOfRangeException(nameof(store), store, "There is no such store."),
        };
        return Map;
    }

    private static Task Map(WebApplication app)
    {
        app.UseSessionStores();
        app.MapPost("/seed", (HttpSession session, string user) =>
        {
            session.Set(SampleSession.User, user);
            session.Set(SampleSession.Views, 1000);
            session.Set(SampleSession.Basket, SampleSession.BasketValue);
            session.Set(SampleSession.Token, SampleSession.TokenValue);
        });
        app.MapGet("/read", (HttpContext context) => context.GetHttpSession()!.Get<string>(SampleSession.User) ?? SampleSession.Anonymous);
        app.MapGet("/change", (HttpContext context) =>
        {
            var session = context.GetHttpSession()!;
            session.Update<int>(SampleSession.Views, static views => views + 1);
            return session.Get<int>(SampleSession.Views).ToString();
        });
        return Task.CompletedTask;
    }
}
