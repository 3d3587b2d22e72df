namespace SessionStores.Http.Sites;

/// <summary>The endpoints with ASP.NET Core's own session middleware, as its documentation shows it.</summary>
internal static class FrameworkSite
{
    /// <param name="services">The services of the application.</param>
    /// <param name="store">The store.</param>
    /// <param name="connection">How to reach its server.</param>
    /// <param name="loadsFirst">Whether the handler loads the session by the asynchronous call that the documentation recommends, instead of
    /// leaving it to the first access, which loads synchronously.</param>
    public static Func<WebApplication, Task> Add(IServiceCollection services, string store, string connection, bool loadsFirst)
    {
        if (store == "redis")
            AddRedis(services, connection);
        else
            services.AddDistributedMemoryCache();

        services.AddSession(options => options.IdleTimeout = SampleSession.IdleTimeout);
        return app => Map(app, loadsFirst);
    }

    private static void AddRedis(IServiceCollection services, string connection)
    {
        services.AddStackExchangeRedisCache(options => options.Configuration = connection);
    }

    private static Task Map(WebApplication app, bool loadsFirst)
    {
        app.UseSession();
        app.MapPost("/seed", (HttpContext context, string user) =>
        {
            context.Session.SetString(SampleSession.User, user);
            context.Session.SetInt32(SampleSession.Views, 1000);
            context.Session.SetString(SampleSession.Basket, SampleSession.BasketValue);
            context.Session.SetString(SampleSession.Token, SampleSession.TokenValue);
        });
        if (loadsFirst)
        {
            app.MapGet("/read", async (HttpContext context) =>
            {
                await context.Session.LoadAsync();
                return Read(context);
            });
            app.MapGet("/change", async (HttpContext context) =>
            {
                await context.Session.LoadAsync();
                return Change(context);
            });
        }
        else
        {
            app.MapGet("/read", (HttpContext context) => Read(context));
            app.MapGet("/change", (HttpContext context) => Change(context));
        }

        return Task.CompletedTask;
    }

    private static string Read(HttpContext context) => context.Session.GetString(SampleSession.User) ?? SampleSession.Anonymous;

    private static string Change(HttpContext context)
    {
        var views = (context.Session.GetInt32(SampleSession.Views) ?? 0) + 1;
        context.Session.SetInt32(SampleSession.Views, views);
        return views.ToString();
    }
}
