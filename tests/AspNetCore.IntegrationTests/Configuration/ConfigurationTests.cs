using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SessionStores.AspNetCore;
using SessionStores.Configuration;
using SessionStores.Memory;
using SessionStores.Postgres;
using SessionStores.Redis;

namespace SessionStores.AspNetCore.IntegrationTests.Configuration;

/// <summary>Sessions as a configuration section says, found by name or passed.</summary>
public sealed class ConfigurationTests
{
    [Fact]
    public async Task Everything_can_be_said_in_a_file()
    {
        using var host = Build("""
            {
              "Secrets": [ "N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ", "Zt5Wb8Kc2Mv7Xn4Qd1Rj6Fp9Gs3Hy0LuA" ],
              "Name": "app.sid", "AllowWeakSecrets": true,
              "Resave": "true", "SaveUninitialized": true, "Rolling": true, "Unset": "keep", "ClearCookieOnDestroy": false, "Proxy": true,
              "Cookie": { "Path": "/app", "Domain": "example.com", "MaxAge": "00:30:00", "HttpOnly": false, "Secure": "Always", "SameSite": "strict", "Partitioned": true, "Priority": "High" },
              "IdleTimeout": "7.00:00:00", "AbsoluteTimeout": "30.00:00:00", "TouchAfter": 0.25, "MaxMergeAttempts": 5, "Clashes": "Fail",
              "Outage": "ServiceUnavailable503", "RetryAfter": "00:00:07", "OperationTimeout": "00:00:02", "ServeHttpContextSession": false,
              "PruneInterval": "infinite", "CountInterval": "00:01:00",
              "Store": { "Provider": "memory", "MaxSessions": 10, "MaxBytes": 5000000000, "MaxPayloadBytes": 2048 }
            }
            """);
        await host.StartAsync();

        var options = host.Services.GetRequiredService<IOptionsMonitor<SessionStoresOptions>>().CurrentValue;
        Assert.Equal(2, options.Secrets.Count);
        Assert.Equal("app.sid", options.Name);
        Assert.True(options is { Resave: true, SaveUninitialized: true, Rolling: true, Unset: UnsetBehavior.Keep, ClearCookieOnDestroy: false, Proxy: true });
        Assert.True(options.Cookie is
        {
            Path: "/app", Domain: "example.com", HttpOnly: false, Secure: SessionCookieSecurity.Always, SameSite: SessionSameSite.Strict, Partitioned: true,
            Priority: SessionCookiePriority.High,
        });
        Assert.Equal(TimeSpan.FromMinutes(30), options.Cookie.MaxAge);
        Assert.Equal((TimeSpan.FromDays(7), TimeSpan.FromDays(30), 0.25, 5), (options.IdleTimeout, options.AbsoluteTimeout, options.TouchAfter, options.MaxMergeAttempts));
        Assert.Equal((ClashResolution.Fail, OutagePolicy.ServiceUnavailable503, TimeSpan.FromSeconds(7)), (options.Clashes, options.Outage, options.RetryAfter));
        Assert.Equal((TimeSpan.FromSeconds(2), false), (options.OperationTimeout, options.ServeHttpContextSession));
        Assert.Equal((Timeout.InfiniteTimeSpan, TimeSpan.FromMinutes(1)), (options.PruneInterval, options.CountInterval));
        Assert.IsType<MemoryStore>(host.Services.GetRequiredService<ISessionStore>());
    }

    [Fact]
    public async Task The_defaults_of_express_can_be_selected_and_changed_again()
    {
        using var host = Build("""{ "Secrets": "N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ", "ExpressDefaults": true, "Resave": false, "Cookie": { "SameSite": "Strict" }, "Store": { "Provider": "Memory" } }""");
        await host.StartAsync();

        var options = host.Services.GetRequiredService<IOptionsMonitor<SessionStoresOptions>>().CurrentValue;
        Assert.True(options is { SaveUninitialized: true, Resave: false, Unset: UnsetBehavior.Keep });
        Assert.True(options.Cookie is { Secure: SessionCookieSecurity.Never, SameSite: SessionSameSite.Strict });
        Assert.Single(options.Secrets);
    }

    [Theory]
    [InlineData("Redis", "localhost:6379", typeof(RedisStore))]
    [InlineData("redis", "localhost:6379", typeof(RedisStore))]
    [InlineData("POSTGRES", "Host=localhost;Username=app", typeof(PostgresStore))]
    public void A_store_is_found_by_the_name_of_its_package(string provider, string connection, Type store)
    {
        using var host = Build($$"""{ "Secrets": [ "N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ" ], "Store": { "Provider": "{{provider}}", "Connection": "{{connection}}" } }""");

        Assert.IsType(store, host.Services.GetRequiredService<ISessionStore>());
    }

    [Fact]
    public void A_store_can_be_passed_so_that_nothing_is_found_by_name()
    {
        using var host = Build("""{ "Secrets": [ "N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ" ], "Store": { "Provider": "redis", "Connection": "localhost:6379" } }""", [new PostgresStoreProvider(), new RedisStoreProvider()]);

        Assert.IsType<RedisStore>(host.Services.GetRequiredService<ISessionStore>());
    }

    [Fact]
    public async Task Two_applications_have_their_sessions_in_one_process()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSessionStores(Section("""{ "Secrets": [ "N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ" ], "Store": { "Provider": "Memory" } }"""));
        builder.Services.AddSessionStores("admin", Section("""{ "Secrets": [ "Zt5Wb8Kc2Mv7Xn4Qd1Rj6Fp9Gs3Hy0LuA" ], "Name": "admin.sid", "Store": { "Provider": "Redis", "Connection": "localhost:6379", "KeyPrefix": "admin:" } }"""));
        using var host = builder.Build();
        await host.StartAsync();

        Assert.IsType<MemoryStore>(host.Services.GetRequiredService<ISessionStore>());
        Assert.IsType<RedisStore>(host.Services.GetRequiredKeyedService<ISessionStore>("admin"));
        Assert.NotNull(host.Services.GetRequiredKeyedService<SessionAccess>("admin"));
    }

    [Fact]
    public async Task Every_problem_is_named_at_once_when_the_application_starts()
    {
        var problems = await ProblemsAsync("""
            {
              "Nmae": "typo", "Resave": "perhaps", "IdleTimeout": "20", "Outage": "5", "TouchAfter": 2,
              "Cookie": { "SameSit": "Lax", "Path": "no slash" },
              "Store": { "Provider": "Redis", "KeyPrefx": "x:", "ScanCount": 0, "OperationTimeout": "soon", "Database": "one" }
            }
            """);

        Assert.Equal(
            [
                "SessionStoresOptions.Cookie.Path must start with '/' and consist of printable ASCII without ';', but is 'no slash'.",
                "SessionStoresOptions.Secrets must have at least one secret, but is empty. Set the configuration value SessionSecret to the output of: openssl rand -base64 32 (or call options.Secrets.Add: the first secret signs, all verify).",
                "SessionStoresOptions.TouchAfter must be 0 to 0.9, but is 2.",
                "Sessions:Cookie:SameSit is no setting; did you mean Cookie:SameSite?",
                "Sessions:IdleTimeout must be a duration such as 00:20:00 (20 minutes) or 7.00:00:00 (7 days), but is '20'.",
                "Sessions:Nmae is no setting; did you mean Name?",
                "Sessions:Outage must be one of Fail, ServiceUnavailable503, ContinueWithoutSession, but is '5'.",
                "Sessions:Resave must be true or false, but is 'perhaps'.",
                "Sessions:Store: RedisStoreOptions: ScanCount must be 1 to 100,000, but is 0.",
                "Sessions:Store:Connection is required: how to reach the server, such as localhost:6379.",
                "Sessions:Store:Database must be a whole number of at most 2,147,483,647, but is 'one'.",
                "Sessions:Store:KeyPrefx is no setting; did you mean KeyPrefix?",
                "Sessions:Store:OperationTimeout must be a duration such as 00:20:00 (20 minutes) or 7.00:00:00 (7 days), but is 'soon'.",
            ],
            problems.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("""{ "Provider": "Acme", "Connection": "x" }""", "Provider 'Acme' is unknown: SessionStores.Acme is not referenced; those of this collection are Memory, Redis, Mongo, Postgres.")]
    [InlineData("""{ "Provider": "../evil" }""", "'../evil' is not a provider name; those of this collection are Memory, Redis, Mongo, Postgres.")]
    [InlineData("""{ "Provider": "" }""", "Sessions:Store:Provider is required: the name of a store, such as Redis or Memory.")]
    [InlineData("{ }", "Sessions:Store:Provider is required: the name of a store, such as Redis or Memory.")]
    [InlineData("""{ "Provider": "Memory", "Connection": "x" }""", "Sessions:Store:Connection must be left out: this store connects to nothing.")]
    [InlineData("""{ "Provider": "Abstractions" }""", "Provider 'Abstractions': SessionStores.Abstractions has no public class SessionStores.Abstractions.AbstractionsStoreProvider that is an ISessionStoreProvider with a parameterless constructor.")]
    public async Task A_store_that_cannot_be_chosen_is_named(string store, string problem)
    {
        var problems = await ProblemsAsync($$"""{ "Secrets": [ "N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ" ], "Store": {{store}} }""");

        Assert.Equal([problem], problems);
    }

    [Fact]
    public async Task A_store_that_was_not_passed_is_named_with_those_that_were()
    {
        var problems = await ProblemsAsync("""{ "Secrets": [ "N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ" ], "Store": { "Provider": "Postgres", "Connection": "Host=x" } }""", [new RedisStoreProvider()]);

        Assert.Equal(["Provider 'Postgres' is unknown: the application passed Redis, Memory."], problems);
    }

    [Theory]
    [InlineData("Redis", "localhost:6379,password=keep-private,syncTimeout=never")]
    [InlineData("Postgres", "Host=localhost;Password=keep-private;Nonsense=1")]
    [InlineData("Mongo", "keep-private://localhost")]
    public async Task A_connection_that_cannot_be_read_is_a_problem_that_does_not_quote_it(string provider, string connection)
    {
        var problems = await ProblemsAsync($$"""{ "Secrets": [ "N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ" ], "Store": { "Provider": "{{provider}}", "Connection": "{{connection}}" } }""");

        Assert.DoesNotContain("keep-private", Assert.Single(problems), StringComparison.Ordinal);
        Assert.StartsWith("Sessions:Store: ", problems[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Code_can_change_what_the_file_says()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSessionStores(Section("""{ "Name": "file.sid", "Store": { "Provider": "Memory" } }"""));
        builder.Services.Configure<SessionStoresOptions>(options =>
        {
            options.Secrets.Add("N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ");
            options.Name = "code.sid";
        });
        using var host = builder.Build();

        await host.StartAsync();

        Assert.Equal("code.sid", host.Services.GetRequiredService<IOptionsMonitor<SessionStoresOptions>>().CurrentValue.Name);
    }

    private static IConfigurationSection Section(string json) => new ConfigurationBuilder()
        .AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes($$"""{ "Sessions": {{json}} }""")))
        .Build()
        .GetSection("Sessions");

    private static IHost Build(string json, ISessionStoreProvider[]? providers = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        if (providers is null)
            builder.Services.AddSessionStores(Section(json));
        else
            builder.Services.AddSessionStores(Section(json), providers);

        return builder.Build();
    }

    private static async Task<List<string>> ProblemsAsync(string json, ISessionStoreProvider[]? providers = null)
    {
        using var host = Build(json, providers);
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        return [.. failure.Failures];
    }
}
