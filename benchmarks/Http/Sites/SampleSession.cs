namespace SessionStores.Http.Sites;

/// <summary>What every contestant keeps in a session: about what a log-in and a basket leave behind.</summary>
internal static class SampleSession
{
    public const string User = "user";
    public const string Views = "views";
    public const string Basket = "basket";
    public const string BasketValue = "4711:2,0815:1,1234:10,9001:1";
    public const string Token = "token";
    public const string TokenValue = "Zt3mF0yV9rQ1bW7cK5xN8aL2dP4hS6uE";
    public const string Anonymous = "anonymous";
    public const string Secret = "keyboard cat";
    public static readonly TimeSpan IdleTimeout = TimeSpan.FromHours(1);

    /// <summary>The id in a session cookie, without a look at its signature: the least that a bare endpoint has to do.</summary>
    public static string IdOf(HttpRequest request)
    {
        const string start = "connect.sid=s%3A";
        var header = request.Headers.Cookie.ToString();
        return header[start.Length..header.LastIndexOf('.')];
    }
}
