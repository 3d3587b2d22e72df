using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SessionStores.AspNetCore;
using SessionStores.Backends;

namespace SessionStores.AspNetCore.IntegrationTests.Outages;

/// <summary>The server is suspended (SIGSTOP) for ten seconds while requests keep coming.</summary>
[Trait("Speed", "Slow")]
public sealed class FrozenServerTests
{
    // In one class, so that a driver that blocks threads while its server is suspended does not slow down the test of another one.
    [Theory]
    [InlineData("Redis", OutagePolicy.ServiceUnavailable503)]
    [InlineData("Postgres", OutagePolicy.ContinueWithoutSession)]
    [InlineData("Mongo", OutagePolicy.ServiceUnavailable503)]
    public Task Requests_without_a_cookie_notice_nothing_and_others_follow_the_policy_in_time(string provider, OutagePolicy policy) =>
        new FrozenServer(provider, policy).RunAsync();
}

internal sealed class FrozenServer(string provider, OutagePolicy policy)
{
    private const int Clients = 8;
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan OperationTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Far below the time that the server stands still, far above what a busy machine needs.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(6);

    private readonly ConcurrentQueue<(bool IsAnonymous, string Answer, TimeSpan Start, TimeSpan Duration)> _answers = new();
    private readonly Stopwatch _watch = new();

    public async Task RunAsync()
    {
        await using var server = await ServerOf.StartAsync(provider);
        Assert.SkipUnless(server.Backend.CanControl, "The server came by connection string and cannot be stopped.");
        await using var app = Build(server.ConnectionString!);
        await app.StartAsync();
        using var handler = new SocketsHttpHandler { UseCookies = false };
        using var client = new HttpClient(handler) { BaseAddress = new Uri(app.Urls.First()) };
        var cookies = new string?[Clients];
        for (var i = 0; i < Clients; i++)
            await Wait.UntilAsync(async _ => (cookies[i] = await BeginAsync(client)) is not null, TimeSpan.FromSeconds(30), "a session before the outage");

        _watch.Start();
        using var end = new CancellationTokenSource();
        var load = Task.WhenAll(cookies.Append(null).Append(null).Select(cookie => Task.Run(() => LoadAsync(client, cookie, end.Token))));
        await Wait.UntilAsync(() => Count(false, "200 session") >= 5 * Clients, TimeSpan.FromSeconds(30), "requests before the outage");

        await server.Backend.PauseAsync();
        var frozenAt = _watch.Elapsed;
        await Task.Delay(Frozen);
        var resumedAt = _watch.Elapsed;
        await server.Backend.ResumeAsync();
        await Wait.UntilAsync(() => _answers.Count(answer => answer is { IsAnonymous: false, Answer: "200 session" } && answer.Start > resumedAt) >= 5 * Clients,
            TimeSpan.FromSeconds(30), "sessions after the outage");
        var recovered = _watch.Elapsed - resumedAt;
        await end.CancelAsync();
        await load;

        var during = _answers.Where(answer => answer.Start > frozenAt && answer.Start + answer.Duration < resumedAt).ToList();
        var anonymous = during.Where(answer => answer.IsAnonymous).ToList();
        var others = during.Where(answer => !answer.IsAnonymous).ToList();
        Assert.All(anonymous, answer => Assert.Equal("200 anonymous", answer.Answer));
        Assert.True(anonymous.Count > 50, $"{anonymous.Count} anonymous requests in {Frozen}");

        Assert.All(others, answer => Assert.Equal(policy == OutagePolicy.ServiceUnavailable503 ? "503 retry 5" : "200 no session", answer.Answer));
        Assert.True(others.Count >= Clients, $"{others.Count} requests with a session in {Frozen}");
        Assert.InRange(_answers.Max(answer => answer.Duration), TimeSpan.Zero, Bound);
        Console.WriteLine(
            $"outage {provider}: {anonymous.Count} anonymous requests, slowest {anonymous.Max(answer => answer.Duration).TotalMilliseconds:0} ms; " +
            $"{others.Count} others got the policy, slowest {others.Max(answer => answer.Duration).TotalMilliseconds:0} ms; recovered after {recovered.TotalMilliseconds:0} ms");
    }

    private WebApplication Build(string connection)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Sessions:Secrets"] = "N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ",
            ["Sessions:Cookie:Secure"] = "Auto",
            ["Sessions:Outage"] = policy.ToString(),
            ["Sessions:OperationTimeout"] = OperationTimeout.ToString(),
            ["Sessions:Store:Provider"] = provider,
            ["Sessions:Store:Connection"] = connection,
        });
        builder.Services.AddSessionStores(builder.Configuration.GetSection("Sessions"));
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.UseSessionStores();
        app.MapGet("/look", (HttpContext context) => context.GetSessionLoadResult() == SessionLoadResult.NoCookie ? "anonymous" : "visitor");
        app.MapGet("/count", (HttpContext context) =>
        {
            if (context.GetHttpSession() is not { } session)
                return "no session";

            session.Update<int>("count", count => count + 1);
            return "session";
        });
        return app;
    }

    private static async Task<string?> BeginAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/count");
        return answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies.Single().Split(';')[0] : null;
    }

    private async Task LoadAsync(HttpClient client, string? cookie, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, cookie is null ? "/look" : "/count");
            if (cookie is not null)
                request.Headers.Add("Cookie", cookie);

            var start = _watch.Elapsed;
            using var answer = await client.SendAsync(request, CancellationToken.None);
            var text = $"{(int)answer.StatusCode} {(answer.Headers.RetryAfter is { } retry ? $"retry {retry}" : await answer.Content.ReadAsStringAsync(CancellationToken.None))}";
            _answers.Enqueue((cookie is null, text, start, _watch.Elapsed - start));

            // A load, not a flood: the machine runs other tests too.
            await Task.Delay(TimeSpan.FromMilliseconds(20), CancellationToken.None);
        }
    }

    private int Count(bool isAnonymous, string text) => _answers.Count(answer => answer.IsAnonymous == isAnonymous && answer.Answer == text);
}
