using System.Collections.Concurrent;

namespace SessionStores.Http.Run;

/// <summary>Fills a site with sessions over HTTP, and makes sure that it does what is going to be measured.</summary>
internal static class Seed
{
    /// <summary>More than there are ever requests under way, so that no two of them have the same session.</summary>
    public const int Sessions = 2048;

    public static async Task FillAsync(SiteProcess site)
    {
        using var client = Client(site);
        var cookies = new ConcurrentBag<string>();
        await Parallel.ForAsync(0, Sessions, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (index, token) =>
        {
            using var answer = await client.PostAsync(new Uri($"/seed?user=user-{1000 + (index % 1000)}", UriKind.Relative), null, token);
            answer.EnsureSuccessStatusCode();
            cookies.Add(answer.Headers.GetValues("Set-Cookie").First().Split(';')[0]);
        });
        await File.WriteAllLinesAsync(site.CookieFile, cookies);
    }

    /// <summary>Sends the requests that are measured, one of each kind, and looks at the answers.</summary>
    public static async Task CheckAsync(Contestant contestant, SiteProcess site)
    {
        using var client = Client(site);
        var cookie = (await File.ReadAllLinesAsync(site.CookieFile)).FirstOrDefault();
        await ExpectAsync("/read", cookie, answer => answer.StartsWith("user-1", StringComparison.Ordinal));
        if (contestant.Actions.Contains("change"))
        {
            await ExpectAsync("/change", cookie, answer => answer.StartsWith("100", StringComparison.Ordinal));
            await ExpectAsync("/change", cookie, answer => answer == (contestant.HasSessions ? "1002" : "1000"));
        }

        if (contestant.HasSessions && contestant.Actions.Contains(Cell.NoCookie))
            await ExpectAsync("/read", null, answer => answer == "anonymous");

        async Task ExpectAsync(string path, string? sent, Func<string, bool> isRight)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (sent is not null)
                request.Headers.Add("Cookie", sent);

            using var answer = await client.SendAsync(request);
            var body = await answer.Content.ReadAsStringAsync();
            if (!answer.IsSuccessStatusCode || !isRight(body))
                throw new InvalidOperationException($"{contestant.Name} answers GET {path} with {(int)answer.StatusCode} \"{body}\".");
        }
    }

    private static HttpClient Client(SiteProcess site) => new(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = site.Url, Timeout = TimeSpan.FromSeconds(20) };
}
