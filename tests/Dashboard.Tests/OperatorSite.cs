using System.Net;
using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Playwright;

namespace SessionStores.Dashboard.Tests;

/// <summary>An application with a dashboard on a free port. Whoever sends the cookie <c>role=operator</c> is an operator.</summary>
internal sealed class OperatorSite : IAsyncDisposable
{
    private readonly WebApplication _application;

    private OperatorSite(WebApplication application, RecordingLogger logger)
    {
        _application = application;
        Logger = logger;
    }

    public string Address => _application.Urls.First();

    public RecordingLogger Logger { get; }

    public ISessionStore Store => _application.Services.GetRequiredService<ISessionStore>();

    /// <param name="configure">Changes the options of the dashboard.</param>
    /// <param name="provider">The store.</param>
    /// <param name="connection">Its server.</param>
    /// <param name="environment">The name of the environment.</param>
    /// <param name="map">Maps the dashboard; null for the way of its page.</param>
    /// <param name="authorize">Changes the policies of the application.</param>
    public static async Task<OperatorSite> StartAsync(
        Action<SessionDashboardOptions>? configure = null,
        string provider = "Memory",
        string? connection = null,
        string environment = "Production",
        Action<WebApplication>? map = null,
        Action<AuthorizationOptions>? authorize = null)
    {
        var logger = new RecordingLogger();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Logging.ClearProviders().AddProvider(logger);
        var sessions = builder.Services.AddSessionStores(options => options.Secrets.Add("nMnq6WmJh0Zl5rWb1xTqV0k2aDqjX3pUo9sYt7uCe4E="));
        _ = provider switch
        {
            "Redis" => sessions.UseRedis(connection!, options => options.KeyPrefix = $"dashboard-{Path.GetRandomFileName()}:"),
            "Postgres" => sessions.UsePostgres(connection!),
            "Mongo" => sessions.UseMongo(connection!),
            _ => sessions.UseMemory(),
        };
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, CookieRole>("test", null);
        builder.Services.AddAuthorization(options =>
        {
            options.AddPolicy("operators", policy => policy.RequireRole("operator", "auditor"));
            options.AddPolicy("values", policy => policy.RequireRole("auditor"));
            authorize?.Invoke(options);
        });
        builder.Services.AddSessionDashboard();
        var application = builder.Build();
        application.Urls.Add("http://127.0.0.1:0");
        application.UseAuthentication();
        application.UseAuthorization();
        try
        {
            if (map is null)
                application.MapSessionDashboard("/sessions", configure).RequireAuthorization("operators");
            else
                map(application);

            await application.StartAsync();
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }

        return new OperatorSite(application, logger);
    }

    /// <summary>Creates sessions of a user; the id of each is its label too.</summary>
    public async Task CreateAsync(string subject, params IEnumerable<string> ids)
    {
        var created = DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeMilliseconds();
        foreach (var id in ids)
        {
            var payload = $$"""{"cookie":{"originalMaxAge":7200000,"path":"/"},"card":"4711","basket":["tea","milk"],"__created":{{created}},"__authenticated":{{created}},"__label":"Label of {{id[^1]}}"}""";
            Assert.Equal(SessionWriteStatus.Written, (await Store.CreateAsync(id, new SessionContent(Encoding.UTF8.GetBytes(payload), TimeSpan.FromHours(2), subject))).Status);
        }
    }

    /// <summary>A client that keeps cookies and follows no redirect.</summary>
    public HttpClient Client(string? role)
    {
        var cookies = new CookieContainer();
        if (role is not null)
            cookies.Add(new Uri(Address), new System.Net.Cookie("role", role));

        return new HttpClient(new HttpClientHandler { CookieContainer = cookies, AllowAutoRedirect = false }) { BaseAddress = new Uri(Address) };
    }

    /// <summary>Opens a page in a browser.</summary>
    public async Task<IPage> OpenAsync(IBrowserContext context, string path, string role = "operator")
    {
        await context.AddCookiesAsync([new Microsoft.Playwright.Cookie { Name = "role", Value = role, Url = Address }]);
        var page = await context.NewPageAsync();
        await page.GotoAsync(Address + path);
        return page;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private sealed class CookieRole(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Cookies["role"] is not { } role)
                return Task.FromResult(AuthenticateResult.NoResult());

            var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, $"the {role}"), new Claim(ClaimTypes.Role, role)], Scheme.Name);
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
        }
    }
}
