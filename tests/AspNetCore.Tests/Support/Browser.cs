using System.Net.Http.Headers;

namespace SessionStores.AspNetCore.Tests;

/// <summary>A client that keeps its session cookie as a browser does, and shows it.</summary>
internal sealed class Browser(HttpMessageHandler handler, Uri address) : IDisposable
{
    private readonly HttpClient _client = new(handler) { BaseAddress = address };

    /// <summary>The raw Cookie header to send, such as <c>connect.sid=s%3A...</c>; null for none.</summary>
    public string? Cookie { get; set; }

    /// <summary>The id in the cookie.</summary>
    public string? SessionId
    {
        get
        {
            if (Cookie is null)
                return null;

            var value = Uri.UnescapeDataString(Cookie[(Cookie.IndexOf('=', StringComparison.Ordinal) + 1)..]);
            return value[2..value.LastIndexOf('.')];
        }
    }

    public async Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) =>
        await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), headers);

    public async Task<Answer> SendAsync(HttpRequestMessage request, params (string Name, string Value)[] headers)
    {
        if (Cookie is not null)
            request.Headers.TryAddWithoutValidation("Cookie", Cookie);

        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);

        using var response = await _client.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        var cookies = response.Headers.TryGetValues("Set-Cookie", out var values) ? values.ToArray() : [];
        foreach (var cookie in cookies)
        {
            var pair = cookie.Split(';')[0];
            if (pair.StartsWith("connect.sid=", StringComparison.Ordinal))
                Cookie = pair.EndsWith('=') ? null : pair;
        }

        var expires = response.Content.Headers.TryGetValues("Expires", out var instants) ? instants.Single() : null;
        return new Answer((int)response.StatusCode, body, cookies, response.Headers, expires);
    }

    public void Dispose() => _client.Dispose();

    internal sealed record Answer(int Status, string Body, string[] SetCookies, HttpResponseHeaders Headers, string? Expires)
    {
        /// <summary>The one session cookie of the response, or null.</summary>
        public string? SetCookie => SetCookies.SingleOrDefault(cookie => cookie.StartsWith("connect.sid=", StringComparison.Ordinal));
    }
}
