using StackExchange.Redis;

namespace SessionStores.Http.Sites;

/// <summary>Bare endpoints that do nothing but the calls of the client: one GET; GET, then SET of the same bytes.</summary>
internal static class RawRedisSite
{
    public static async Task MapAsync(WebApplication app, string connection)
    {
        var multiplexer = await ConnectionMultiplexer.ConnectAsync(connection);
        var database = multiplexer.GetDatabase();
        app.MapGet("/read", async (HttpRequest request) =>
        {
            var value = await database.StringGetAsync("sess:" + SampleSession.IdOf(request));
            return value.IsNull ? SampleSession.Anonymous : "user-1000";
        });
        app.MapGet("/change", async (HttpRequest request) =>
        {
            RedisKey key = "sess:" + SampleSession.IdOf(request);
            var value = await database.StringGetAsync(key);
            await database.StringSetAsync(key, value, SampleSession.IdleTimeout);
            return value.IsNull ? SampleSession.Anonymous : "1000";
        });
    }
}
