namespace SessionStores.Interop.Tests.Sites;

/// <summary>A running site of either runtime. Both serve the same paths.</summary>
internal abstract class Site(Runtime runtime, Uri address) : IAsyncDisposable
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler
    {
        UseCookies = false,
        AllowAutoRedirect = false,
        // A connection that Node closes while a request is on its way would look like one that it dropped.
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(1),
    });

    public Runtime Runtime { get; } = runtime;

    public Uri Address { get; } = address;

    /// <summary>How far the clock of the site is ahead of the machine's.</summary>
    public TimeSpan ClockAhead { get; init; }

    /// <summary>Sends a request and reads the answer to its end.</summary>
    public virtual async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken = default)
    {
        request.RequestUri = new Uri(Address, request.RequestUri!);
        return await Client.SendAsync(request, cancellationToken);
    }

    /// <summary>Waits until a request has come to the gate.</summary>
    public async Task WaitForGateAsync(string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/gate/{name}/reached", UriKind.Relative));
        using var response = await SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Lets the request at the gate go on.</summary>
    public async Task OpenGateAsync(string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/gate/{name}/open", UriKind.Relative));
        using var response = await SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
