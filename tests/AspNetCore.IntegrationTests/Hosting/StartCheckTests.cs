using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionStores.AspNetCore.Tests;

namespace SessionStores.AspNetCore.IntegrationTests.Hosting;

/// <summary>What an application that is put together wrongly says when it starts: each line of docs/start-checks.md.</summary>
public sealed class StartCheckTests
{
    private const string Secret = "N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ";

    public static TheoryData<string, string> Warnings => new()
    {
        { "not mounted", "AddSessionStores is called, but UseSessionStores() is not, so no request has a session. Call app.UseSessionStores() before authentication and the endpoints. Only an application that uses nothing but SessionAccess needs no call." },
        { "mounted twice", "UseSessionStores() is called twice on one path of the pipeline. The second call has no effect; remove it." },
        { "UseSession", "UseSession is in the pipeline beside UseSessionStores, and HttpContext.Session is that of the one that is called later. Remove UseSession and AddSession, or set SessionStoresOptions.ServeHttpContextSession to false." },
        { "routing later", "UseRouting is called after UseSessionStores, so the mode of an endpoint is not known when its session is loaded: endpoints with SessionMode.None cause a store call too. Call UseRouting first." },
        { "one key space", "The sets of sessions '' and 'admin' keep their sessions in one place (Redis localhost:6379/0 sess:*): what lists, counts, clears or ends those of one set does so with those of the other. Give one of them another KeyPrefix, table, collection or database." },
        { "one secret of Express", "The sets of sessions '' and 'admin' have a secret in common and are both signed as express-session does: if they also share a store and its keys, a cookie of one is valid in the other. Give each set its own secrets." },
        { "memory in Production", "Sessions are kept in the memory of this process: they end with it, and other processes do not see them. Choose a store with UseRedis, UsePostgres or UseMongo, or call UseMemory." },
    };

    public static TheoryData<string, string> Refusals => new()
    {
        { "not added", "Call services.AddSessionStores(...) first." },
        { "name of a set", "Call services.AddSessionStores(\"amdin\", ...) first. Did you mean 'admin'?" },
        { "one cookie", "The sets of sessions '' and 'admin' both use the cookie 'connect.sid' at overlapping paths, so that they would overwrite each other. Give one of them another SessionStoresOptions.Name, or a Cookie.Path that is not inside of the other's." },
        { "provider", "Provider 'Redsi' is unknown: SessionStores.Redsi is not referenced; did you mean Redis?" },
        { "setting", "Sessions:IdelTimeout is no setting; did you mean IdleTimeout?" },
        { "name of a connection", "Sessions:Store:Connection names the connection string 'cach', which is not configured in ConnectionStrings; did you mean cache?" },
        { "word as a connection", "Sessions:Store:Connection names the connection string 'sessions', which is not configured in ConnectionStrings; no connection string is. A host of Redis needs its port, such as sessions:6379." },
        { "no connection", "Sessions:Store:Connection is required: how to reach the server, such as localhost:6379." },
        { "move in one place", "Sessions cannot be moved from a store to itself, but both sides are Redis localhost:6379/0 sess:*. Give the new side a key prefix, table, collection or database of its own." },
        { "no secret", "SessionStoresOptions.Secrets must have at least one secret, but is empty. Set the configuration value SessionSecret to the output of: openssl rand -base64 32 (or call options.Secrets.Add: the first secret signs, all verify)." },
        { "scheme", "AddSessionTickets(\"Cokies\"): there is no authentication scheme 'Cokies'. Did you mean 'Cookies'?" },
        { "set of tickets", "SessionTicketOptions.SessionsName of the scheme 'Cookies' must be the name of a set of sessions, but is 'admn'. Did you mean 'admin'?" },
    };

    [Theory]
    [MemberData(nameof(Warnings))]
    public async Task A_mistake_that_can_be_lived_with_is_said_once_at_start(string mistake, string text)
    {
        using var log = new LogLines();
        await using var app = Build(mistake, log);
        await app.StartAsync();

        var line = Assert.Single(log.Lines, line => line.Text == text);
        Assert.Equal(LogLevel.Warning, line.Level);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task An_application_that_cannot_work_does_not_start(string mistake, string text)
    {
        using var log = new LogLines();
        var failure = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var app = Build(mistake, log);
            await app.StartAsync();
        });

        Assert.Equal([text], failure is OptionsValidationException { Failures: var problems } ? problems : [failure.Message]);
    }

    [Fact]
    public async Task Nothing_is_said_about_an_application_without_a_mistake()
    {
        using var log = new LogLines();
        await using var app = Build("none", log);
        await app.StartAsync();

        Assert.DoesNotContain(log.Lines, line => line.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task A_set_of_sessions_that_only_keeps_sign_ins_needs_no_call()
    {
        using var log = new LogLines();
        await using var app = Build("only sign-ins", log);
        await app.StartAsync();

        Assert.False(log.Has("NotMounted"));
        Assert.Equal(LogLevel.Information, Assert.Single(log.Lines, line => line.Name == "OnlySignIns").Level);
    }

    [Fact]
    public async Task One_set_in_two_branches_of_the_pipeline_is_not_there_twice()
    {
        using var log = new LogLines();
        await using var app = Build("two branches", log);
        await app.StartAsync();

        Assert.False(log.Has("MountedTwice"));
        Assert.False(log.Has("NotMounted"));
    }

    [Theory]
    [InlineData("Redis", "a:1,b:2,password=tell-no-one", "b:2,a:1,ssl=true", true)]
    [InlineData("Redis", "redis://ann:tell-no-one@host/3", "host,defaultDatabase=3", true)]
    [InlineData("Redis", "host", "host,defaultDatabase=1", false)]
    [InlineData("Postgres", "Host=db;Database=app;Username=ann;Password=tell-no-one", "postgres://bob@db/app", true)]
    [InlineData("Postgres", "Host=db;Database=app", "Host=db;Database=other", false)]
    [InlineData("Mongo", "mongodb://ann:tell-no-one@a,b/app", "mongodb://b:27017,a/app?tls=true", true)]
    [InlineData("Mongo", "mongodb://a/app", "mongodb://a/other", false)]
    public async Task Two_stores_are_in_one_place_if_server_and_names_are_the_same(string store, string one, string other, bool isOnePlace)
    {
        await using var first = StoreOn(store, one);
        await using var second = StoreOn(store, other);
        var place = PlaceOf(first);

        Assert.Equal(isOnePlace, place == PlaceOf(second));
        Assert.DoesNotContain("ann", place, StringComparison.Ordinal);
        Assert.DoesNotContain("tell-no-one", place, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_text_is_in_the_document()
    {
        var document = await File.ReadAllTextAsync(Repository.PathOf("docs/start-checks.md"));

        Assert.All(Warnings.Concat(Refusals), row => Assert.Contains($"| {row.Data.Item2} |", document, StringComparison.Ordinal));
    }

    private static WebApplication Build(string mistake, LogLines log)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = mistake is "no secret" or "memory in Production" ? "Production" : "Development" });
        builder.Logging.ClearProviders().AddProvider(log);
        builder.WebHost.UseTestServer();
        if (mistake != "no secret")
            builder.Configuration["SessionSecret"] = Secret;

        var services = builder.Services;
        switch (mistake)
        {
            case "not added":
                break;
            case "provider":
                FromConfiguration(builder, "Sessions:Store:Provider", "Redsi", "Sessions:Store:Connection", "localhost");
                break;
            case "setting":
                FromConfiguration(builder, "Sessions:Store:Provider", "Memory", "Sessions:IdelTimeout", "00:20:00");
                break;
            case "name of a connection":
                FromConfiguration(builder, "Sessions:Store:Provider", "Redis", "Sessions:Store:Connection", "Name=cach", "ConnectionStrings:cache", "localhost");
                break;
            case "word as a connection":
                FromConfiguration(builder, "Sessions:Store:Provider", "Redis", "Sessions:Store:Connection", "sessions");
                break;
            case "no connection":
                FromConfiguration(builder, "Sessions:Store:Provider", "Redis");
                break;
            case "one key space":
                services.AddSessionStores().UseRedis("localhost:6379,abortConnect=false", options => options.OperationTimeout = TimeSpan.FromMilliseconds(10));
                services.AddSessionStores("admin", options => options.Name = "admin.sid").UseRedis("localhost,password=x", options => options.OperationTimeout = TimeSpan.FromMilliseconds(10));
                break;
            case "move in one place":
                services.AddSessionStores().UseRedis("localhost:6379").UseMovingFrom(from => from.UseRedis("localhost,password=x"));
                break;
            case "memory in Production":
                services.AddSessionStores();
                break;
            default:
                services.AddSessionStores().UseMemory();
                break;
        }

        if (mistake is "name of a set" or "one cookie" or "set of tickets")
            services.AddSessionStores("admin", options => options.Name = mistake == "one cookie" ? "connect.sid" : "admin.sid").UseMemory();
        else if (mistake == "one secret of Express")
            AddSharedWithExpress(services);

        if (mistake is "scheme" or "set of tickets" or "only sign-ins")
            services.AddAuthentication().AddCookie().AddSessionTickets(mistake == "scheme" ? "Cokies" : "Cookies", options => options.SessionsName = mistake == "set of tickets" ? "admn" : "");

        services.AddDistributedMemoryCache().AddSession();
        var app = builder.Build();
        Mount(app, mistake);
        app.MapGet("/none", () => "").WithSession(SessionMode.None);
        return app;
    }

    private static void Mount(WebApplication app, string mistake)
    {
        if (mistake == "two branches")
        {
            app.UseWhen(context => context.Request.Path == "/a", branch => branch.UseSessionStores());
            app.UseWhen(context => context.Request.Path == "/b", branch => branch.UseSessionStores());
            return;
        }

        if (mistake is "not mounted" or "only sign-ins")
            return;

        app.UseSessionStores();
        if (mistake == "mounted twice")
            app.Map("/branch", branch => branch.UseSessionStores());
        else if (mistake == "UseSession")
            app.UseSession();
        else if (mistake == "routing later")
            app.UseRouting();
        else if (mistake == "name of a set")
            app.UseSessionStores("amdin");
        else if (mistake is "one cookie" or "one key space" or "one secret of Express")
            app.UseSessionStores("admin");
    }

    private static void AddSharedWithExpress(IServiceCollection services) => services.AddSessionStores("admin", options =>
    {
        options.Name = "admin.sid";
        options.ShareWithExpress = true;
        options.Secrets.Add(Secret);
    }).UseMemory();

    private static void FromConfiguration(WebApplicationBuilder builder, params string[] settings)
    {
        foreach (var setting in settings.Chunk(2))
            builder.Configuration[setting[0]] = setting[1];

        builder.Services.AddSessionStores(builder.Configuration.GetSection("Sessions"));
    }

    private static ServiceProvider StoreOn(string store, string connection)
    {
        var services = new ServiceCollection();
        var sessions = services.AddSessionStores();
        _ = store switch
        {
            "Redis" => sessions.UseRedis(connection),
            "Postgres" => sessions.UsePostgres(connection),
            _ => sessions.UseMongo(connection),
        };
        return services.BuildServiceProvider();
    }

    private static string? PlaceOf(ServiceProvider services) => services.GetRequiredService<ISessionStore>().KeySpace;
}
