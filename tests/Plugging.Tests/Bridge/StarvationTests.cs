using System.Diagnostics;
using System.Net;
using FrameworkSession;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SessionStores.Backends;

namespace SessionStores.Plugging.Tests.Bridge;

/// <summary>Many requests at once, each with a session of its own, over Redis.</summary>
[Trait("Speed", "Slow")]
public sealed class StarvationTests
{
    private const int Requests = 1024;
    private static readonly string[] Quiet = ["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "None"];

    [Fact]
    public async Task A_thousand_parallel_requests_through_the_bridge_do_not_starve()
    {
        await using var server = await ServerOf.StartAsync("Redis");
        await using var app = Shop.Build(["--Sessions:Store:Provider", "Redis", "--Sessions:Store:Connection", server.ConnectionString!, .. Quiet]);
        await app.StartAsync();

        var answered = await RunAsync(app.Urls.First(), "/visits", Requests, TimeSpan.FromSeconds(60), "SessionStores");

        Assert.Equal(Requests, answered);
    }

    /// <summary>A look at somebody else's code, on demand: <c>-explicit only</c>. It starves the threads of this process while it runs.</summary>
    [Theory(Explicit = true)]
    [InlineData(32)]
    [InlineData(Requests)]
    public async Task What_the_frameworks_own_session_answers_is_printed(int requests)
    {
        await using var server = await ServerOf.StartAsync("Redis");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddStackExchangeRedisCache(options => options.Configuration = server.ConnectionString);
        builder.Services.AddSession();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.UseSession();
        app.MapGet("/visits", (HttpContext context) =>
        {
            var visits = (context.Session.GetInt32("visits") ?? 0) + 1;
            context.Session.SetInt32("visits", visits);
            return visits;
        });
        await app.StartAsync();

        var answered = await RunAsync(app.Urls.First(), "/visits", requests, TimeSpan.FromSeconds(10), "framework");

        Assert.InRange(answered, 0, requests);
    }

    /// <summary>Begins a session per request, then sends the second requests of all of them at once.</summary>
    private static async Task<int> RunAsync(string address, string path, int requests, TimeSpan limit, string what)
    {
        using var handler = new SocketsHttpHandler { UseCookies = false, MaxConnectionsPerServer = requests };
        using var client = new HttpClient(handler) { BaseAddress = new Uri(address), Timeout = limit };
        var cookies = new string[requests];
        for (var i = 0; i < requests; i++)
        {
            using var first = await client.GetAsync(path);
            cookies[i] = first.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        }

        var watch = Stopwatch.StartNew();
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
        var answered = answers.Count(isRight => isRight);
        Console.WriteLine($"bridge {what}: {answered} of {requests} parallel requests over Redis answered rightly in {watch.Elapsed.TotalSeconds:0.0} s");
        return answered;
    }
}
