namespace SessionStores.Http.Sites;

/// <summary>The endpoints without a session.</summary>
internal static class PlainSite
{
    public static Task Map(WebApplication app)
    {
        app.MapGet("/read", () => "user-1000");
        app.MapGet("/change", () => "1000");
        return Task.CompletedTask;
    }
}
