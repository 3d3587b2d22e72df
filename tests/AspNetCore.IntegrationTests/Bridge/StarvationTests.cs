using System.Net;
using FrameworkSession;

namespace SessionStores.AspNetCore.IntegrationTests.Bridge;

/// <summary>Many requests at once, each with a session of its own, over Redis.</summary>
[Trait("Speed", "Slow")]
public sealed class StarvationTests
{
    private const int Requests = 1024;
    private static readonly string[] Quiet = ["--environment", "Development", "--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "None"];

    [Fact]
    public async Task A_thousand_parallel_requests_through_the_bridge_do_not_starve()
    {
        await using var server = await ServerOf.StartAsync("Redis");
        await using var app = Shop.Build(["--Sessions:Store:Provider", "Redis", "--Sessions:Store:Connection", server.ConnectionString!, .. Quiet]);
        await app.StartAsync();

        var answered = await RunAsync(app.Urls.First(), "/visits", Requests, TimeSpan.FromMinutes(3));

        Assert.Equal(Requests, answered);
    }

    /// <summary>Begins a session per request, then sends the second requests of all of them at once.</summary>
    private static async Task<int> RunAsync(string address, string path, int requests, TimeSpan limit)
    {
        using var handler = new SocketsHttpHandler { UseCookies = false, MaxConnectionsPerServer = requests };
        using var client = new HttpClient(handler) { BaseAddress = new Uri(address), Timeout = limit };
        var cookies = new string[requests];
        for (var i = 0; i < requests; i++)
        {
            using var first = await client.GetAsync(path);
            cookies[i] = first.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        }

        var answers = await Task.WhenAll(cookies.Select(async cookie =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("Cookie", cookie);
            try
            {
                using var answer = await client.SendAsync(request);
                return answer.StatusCode == HttpStatusCode.OK && await answer.Content.ReadAsStringAsync() == "2";
            }
            catch (Exception failure) when (failure is OperationCanceledException or HttpRequestException)
            {
                return false;
            }
        }));
        return answers.Count(isRight => isRight);
    }
}
