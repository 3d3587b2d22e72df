using SessionStores.AspNetCore.Tests;

namespace SessionStores.AspNetCore.IntegrationTests.Tickets;

/// <summary>A browser that keeps the cookies of its session and of its sign-ins.</summary>
internal sealed class SignedIn(Browser browser) : IDisposable
{
    private readonly Dictionary<string, string> _cookies = [];

    /// <summary>The cookie of the scheme Cookies, such as <c>.AspNetCore.Cookies=...</c>; null for none.</summary>
    public string? Cookie
    {
        get => this[".AspNetCore.Cookies"];
        set => this[".AspNetCore.Cookies"] = value;
    }

    /// <summary>The pair of a cookie by its name; null for none.</summary>
    public string? this[string name]
    {
        get => _cookies.GetValueOrDefault(name);
        set => Keep(name, value);
    }

    public async Task<string> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        browser.Cookie = _cookies.Count == 0 ? null : string.Join("; ", _cookies.Values);
        var answer = await browser.GetAsync(path, headers);
        foreach (var cookie in answer.SetCookies)
        {
            var pair = cookie.Split(';')[0];
            Keep(pair.Split('=')[0], pair.EndsWith('=') ? null : pair);
        }

        Assert.Equal(200, answer.Status);
        return answer.Body;
    }

    public void Dispose() => browser.Dispose();

    private void Keep(string name, string? pair)
    {
        if (pair is null)
            _cookies.Remove(name);
        else
            _cookies[name] = pair;
    }
}
