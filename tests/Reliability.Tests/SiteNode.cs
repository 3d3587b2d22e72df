using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SessionStores.AspNetCore;
using SessionStores.Conformance.Histories;

namespace SessionStores.Reliability.Tests;

/// <summary>A node that serves a site on Kestrel, called by browsers: what a response says must be true.</summary>
internal sealed class SiteNode : INode
{
    private const string Mark = "mark";
    private static readonly string Secret = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));

    private static readonly OperationKind[] AllKinds =
    [
        OperationKind.Get, OperationKind.Get, OperationKind.Get, OperationKind.Create, OperationKind.Replace, OperationKind.Replace,
        OperationKind.Replace, OperationKind.Destroy, OperationKind.End, OperationKind.Rotate,
    ];

    private readonly WebApplication _app;
    private readonly HttpClient _browser;

    private SiteNode(WebApplication app, Func<OperationKind, bool> isCalled)
    {
        _app = app;
        _browser = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(app.Urls.First()) };
        Kinds = [.. AllKinds.Where(isCalled)];
    }

    public IReadOnlyList<OperationKind> Kinds { get; }

    public bool IsSite => true;

    /// <summary>Starts a site. All sites have the same secret.</summary>
    public static async Task<SiteNode> StartAsync(ISessionStore store, Func<OperationKind, bool> isCalled, TimeProvider clock)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(clock);
        builder.Services.AddSessionStores(options =>
        {
            options.Secrets.Add(Secret);
            options.Cookie.Secure = SessionCookieSecurity.Auto;
            options.Outage = OutagePolicy.ServiceUnavailable503;
            options.RotationGrace = TimeSpan.Zero; // a history has no order in which a former id still reads
        }).UseStore(_ => store);
        var app = builder.Build();
        app.UseSessionStores();
        Map(app);
        await app.StartAsync();
        return new SiteNode(app, isCalled);
    }

    public async Task<HistoryOperation?> CallAsync(Group group, HistoryOperation operation)
    {
        var cookie = group.Cookies.GetValueOrDefault(operation.Id);
        var (status, body, newCookie) = await SendAsync(PathOf(group, operation), operation.Kind == OperationKind.Get ? HttpMethod.Get : HttpMethod.Post, cookie);
        if (newCookie is not null && status == HttpStatusCode.OK && operation.Kind is OperationKind.Create or OperationKind.Rotate)
            group.Cookies[operation.NewId ?? operation.Id] = newCookie;

        return (status, operation.Kind) switch
        {
            (HttpStatusCode.OK, OperationKind.Get) => operation with { Result = HistoryResult.Found(body, 0) },
            (HttpStatusCode.OK, OperationKind.Destroy) => operation with { Kind = OperationKind.End, Result = HistoryResult.Done },
            (HttpStatusCode.OK, OperationKind.End) => operation with { Result = HistoryResult.Done },
            (HttpStatusCode.OK, _) => operation with { Result = HistoryResult.Of(SessionWriteStatus.Written) },
            (HttpStatusCode.NotFound, OperationKind.Get or OperationKind.Destroy) => operation with { Kind = OperationKind.Get, Result = HistoryResult.Null },
            (HttpStatusCode.NotFound, _) => operation with { Result = HistoryResult.Of(SessionWriteStatus.Gone) },
            (_, OperationKind.Get) => null,
            (_, OperationKind.Destroy) => operation with { Kind = OperationKind.End },
            _ => operation,
        };
    }

    public async Task<bool> WorksAsync(Group group, string id)
    {
        var read = await SendAsync("/read", HttpMethod.Get, group.Cookies.GetValueOrDefault(id));
        var written = await SendAsync("/create?mark=probe&subject=probe", HttpMethod.Post, null);
        return read.Status is HttpStatusCode.OK or HttpStatusCode.NotFound && written.Status == HttpStatusCode.OK;
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _app.DisposeAsync();
    }

    private static string PathOf(Group group, HistoryOperation operation) => operation.Kind switch
    {
        OperationKind.Get => "/read",
        OperationKind.Create => $"/create?mark={operation.To}&subject={group.Subject}",
        OperationKind.Replace => $"/change?mark={operation.To}",
        OperationKind.Rotate => $"/renew?mark={operation.To}",
        OperationKind.Destroy => "/log-out",
        OperationKind.End => $"/log-out-everywhere?subject={group.Subject}",
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation.Kind, "A site is not called like this."),
    };

    private static void Map(WebApplication app)
    {
        app.MapGet("/read", (HttpSession session) => session.Get<string>(Mark) is { } mark ? Results.Text(mark) : Results.NotFound());
        app.MapPost("/create", async (HttpSession session, string mark, string subject) =>
        {
            session.Subject = subject;
            session.Set(Mark, mark);
            await session.SaveAsync();
        });
        app.MapPost("/change", (HttpSession session, string mark) => IfThereAsync(session, () =>
        {
            session.Set(Mark, mark);
            return session.SaveAsync();
        }));
        app.MapPost("/renew", (HttpSession session, string mark) => IfThereAsync(session, async () =>
        {
            await session.RegenerateAsync(keepData: true);
            session.Set(Mark, mark);
            await session.SaveAsync();
        }));
        app.MapPost("/log-out", (HttpSession session) => IfThereAsync(session, () => session.DestroyAsync()));
        app.MapPost("/log-out-everywhere", async (SessionAccess sessions, string subject) =>
        {
            await sessions.DestroyBySubjectAsync(subject);
        });
    }

    private static async Task<IResult> IfThereAsync(HttpSession session, Func<Task> act)
    {
        if (!session.ContainsKey(Mark))
            return Results.NotFound();

        try
        {
            await act();
            return Results.Ok();
        }
        catch (SessionDestroyedException)
        {
            return Results.NotFound();
        }
    }

    private async Task<(HttpStatusCode Status, string Body, string? Cookie)> SendAsync(string path, HttpMethod method, string? cookie)
    {
        using var request = new HttpRequestMessage(method, path);
        if (cookie is not null)
            request.Headers.TryAddWithoutValidation("Cookie", cookie);

        using var response = await _browser.SendAsync(request);
        var cookies = response.Headers.TryGetValues("Set-Cookie", out var values) ? values : [];
        return (response.StatusCode, await response.Content.ReadAsStringAsync(), cookies.SingleOrDefault()?.Split(';')[0]);
    }
}
