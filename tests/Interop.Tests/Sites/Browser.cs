using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using SessionStores.Interop.Tests.Running;

namespace SessionStores.Interop.Tests.Sites;

/// <summary>A browser that knows one cookie and sends it to both sites, as one that talks to them through one host name would.</summary>
internal sealed class Browser
{
    private static readonly JsonSerializerOptions Deep = new() { MaxDepth = 2000 };

    public Browser(string name = "connect.sid", string? cookie = null)
    {
        Name = name;
        Cookie = cookie;
    }

    public string Name { get; }

    /// <summary>The value of the cookie as it stands in the header, or null.</summary>
    public string? Cookie { get; set; }

    /// <summary>The id in the cookie.</summary>
    public string Id => Cookie is null
        ? throw new CheckFailedException("Expected: the browser has a session cookie.")
        : Signed.IdIn(Cookie);

    /// <summary>Another browser with the same cookie.</summary>
    public Browser Copy() => new(Name, Cookie);

    /// <summary>Does the steps in one request, which must succeed.</summary>
    public async Task<Answer> RunAsync(Site site, params object?[][] steps)
    {
        var answer = await TryAsync(site, steps);
        Check.That(answer.Status == HttpStatusCode.OK, $"{site.Runtime} answers 200, but it answered {(int)answer.Status}: {answer.Body}");
        return answer;
    }

    /// <summary>Does the steps in one request, which may fail.</summary>
    public Task<Answer> TryAsync(Site site, params object?[][] steps) => SendAsync(site, HttpMethod.Post, "/steps", Json(steps));

    /// <summary>Does one step and answers what it answered.</summary>
    public async Task<JsonElement> AskAsync(Site site, object?[] step) => (await RunAsync(site, step))[0];

    public Task<Answer> GetAsync(Site site, string path) => SendAsync(site, HttpMethod.Get, path, null);

    public Task<Answer> PostFormAsync(Site site, string path, params KeyValuePair<string, string>[] fields) =>
        SendAsync(site, HttpMethod.Post, path, new FormUrlEncodedContent(fields));

    public static StringContent Json(object?[][] steps) => new(JsonSerializer.Serialize(steps, Deep), Encoding.UTF8, "application/json");

    /// <summary>Sends a request with the cookie and keeps the cookie of the answer.</summary>
    public async Task<Answer> SendAsync(Site site, HttpMethod method, string path, HttpContent? content, bool overHttps = false)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        if (Cookie is not null)
            request.Headers.TryAddWithoutValidation("Cookie", $"{Name}={Cookie}");
        if (overHttps)
            request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", "https");

        using var response = await site.SendAsync(request);
        var header = response.Headers.TryGetValues("Set-Cookie", out var all)
            ? all.SingleOrDefault(value => value.StartsWith($"{Name}=", StringComparison.Ordinal))
            : null;
        if (header is not null)
            Keep(header, site.ClockAhead);

        return new Answer(response.StatusCode, await response.Content.ReadAsStringAsync(), header);
    }

    /// <summary>Browsers count the date of a cookie by that of the response, which is the clock of the site.</summary>
    private void Keep(string header, TimeSpan clockAhead)
    {
        var parts = header.Split("; ");
        var expires = parts.FirstOrDefault(part => part.StartsWith("Expires=", StringComparison.OrdinalIgnoreCase));
        var isOver = expires is not null && DateTimeOffset.Parse(expires["Expires=".Length..], CultureInfo.InvariantCulture) <= DateTimeOffset.UtcNow + clockAhead;
        Cookie = isOver ? null : parts[0][(Name.Length + 1)..];
    }
}
