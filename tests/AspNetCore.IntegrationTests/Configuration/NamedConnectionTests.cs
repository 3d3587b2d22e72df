using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionStores.Configuration;
using SessionStores.Mongo;
using SessionStores.Postgres;
using SessionStores.Redis;

namespace SessionStores.AspNetCore.IntegrationTests.Configuration;

/// <summary>A store's connection by its name in ConnectionStrings, as Aspire and other hosts pass it.</summary>
public sealed class NamedConnectionTests
{
    public static TheoryData<string, string, Type> Stores => new()
    {
        { "Redis", "localhost:6379", typeof(RedisStore) },
        { "Postgres", "Host=localhost;Username=app", typeof(PostgresStore) },
        { "Mongo", "mongodb://localhost:27017/app", typeof(MongoStore) },
    };

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_connection_is_found_by_its_name_in_every_store(string provider, string connection, Type store)
    {
        foreach (var written in new[] { "Sessions-Db", "sessions-db", "ConnectionStrings:Sessions-Db", "Name=Sessions-Db" })
        {
            await using var app = Build(provider, written, new() { ["ConnectionStrings:Sessions-Db"] = connection });

            Assert.IsType(store, app.Services.GetRequiredService<ISessionStore>());
            Assert.Empty(Problems(app));
        }
    }

    [Fact]
    public async Task A_connection_string_that_is_empty_is_named()
    {
        await using var app = Build("Redis", "cache", new() { ["ConnectionStrings:cache"] = "" });

        Assert.Contains("names the connection string 'cache', which is empty", Assert.Single(Problems(app)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Redis", "redis://ann:s%40same@host:6380/1")]
    [InlineData("Redis", "rediss://host")]
    [InlineData("Redis", "host:6379,password=sesame,ssl=true")]
    [InlineData("Postgres", "postgres://ann:s%40same@host:5433/app?sslmode=require")]
    [InlineData("Postgres", "postgresql://host/app")]
    [InlineData("Postgres", "Host=host;Port=5432;Username=postgres;Password=sesame;Database=app")]
    [InlineData("Mongo", "mongodb://ann:s%40same@host:27018/app?authSource=admin&authMechanism=SCRAM-SHA-256")]
    [InlineData("Mongo", "mongodb+srv://ann:sesame@host.example.org/app")]
    public async Task A_connection_in_a_usual_form_is_accepted(string provider, string connection)
    {
        await using var app = Build(provider, "cache", new() { ["ConnectionStrings:cache"] = connection });

        Assert.Empty(Problems(app));
    }

    [Theory]
    [InlineData("Redis", "postgres://ann:sesame@host/app", "redis://user:password@host:6379/0")]
    [InlineData("Redis", "https://ann:sesame@host", "redis://user:password@host:6379/0")]
    [InlineData("Redis", "redis://ann:sesame@host/app", "redis://user:password@host:6379/0")]
    [InlineData("Redis", "tcp://ann:sesame@host:6379,ssl=true", "redis://user:password@host:6379/0")]
    [InlineData("Postgres", "redis://ann:sesame@host", "postgres://user:password@host:5432/database")]
    [InlineData("Postgres", "mysql://ann:sesame@host/app", "Host=db;Database=app;Username=web;Password=...")]
    [InlineData("Postgres", "postgres://ann:ses#ame@host/app", "postgres://user:password@host:5432/database")]
    [InlineData("Postgres", "host:5432", "Host=db;Database=app;Username=web;Password=...")]
    [InlineData("Mongo", "redis://ann:sesame@host", "mongodb://user:password@host:27017/database")]
    [InlineData("Mongo", "host:27017", "mongodb://user:password@host:27017/database")]
    [InlineData("Mongo", "Server=host;Password=sesame", "mongodb://user:password@host:27017/database")]
    public async Task A_connection_in_another_form_is_refused_at_start_with_the_right_one(string provider, string connection, string form)
    {
        await using var app = Build(provider, "cache", new() { ["ConnectionStrings:cache"] = connection });

        var problem = Assert.Single(Problems(app));
        Assert.StartsWith("Sessions:Store: ", problem, StringComparison.Ordinal);
        Assert.Contains(form, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("ses", problem.Replace("Sessions:", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_connection_that_is_written_out_is_used_as_it_is(string provider, string connection, Type store)
    {
        await using var app = Build(provider, connection, new() { ["ConnectionStrings:Sessions-Db"] = "something else" });

        Assert.IsType(store, app.Services.GetRequiredService<ISessionStore>());
        Assert.Empty(Problems(app));
    }

    [Theory]
    [InlineData("Name=cach", "names the connection string 'cach', which is not configured in ConnectionStrings; did you mean cache?")]
    [InlineData("ConnectionStrings:other", "names the connection string 'other', which is not configured in ConnectionStrings; known are cache.")]
    [InlineData("caches", "names the connection string 'caches', which is not configured in ConnectionStrings; did you mean cache? A host of Redis needs its port, such as caches:6379.")]
    [InlineData("shop_sessions-1", "names the connection string 'shop_sessions-1', which is not configured in ConnectionStrings; known are cache. A host of Redis needs its port, such as shop_sessions-1:6379.")]
    public async Task A_name_without_a_connection_string_is_refused_at_start(string written, string problem)
    {
        await using var app = Build("Redis", written, new() { ["ConnectionStrings:cache"] = "localhost" });

        Assert.Equal([$"Sessions:Store:Connection {problem}"], Problems(app));
    }

    [Theory]
    [InlineData("Redis")]
    [InlineData("Valkey")]
    [InlineData("Postgres")]
    [InlineData("Mongo")]
    public async Task A_word_that_names_no_connection_string_is_refused_by_every_store_on_a_server(string provider)
    {
        await using var app = Build(provider, "sessions", []);

        Assert.Equal(["Sessions:Store:Connection names the connection string 'sessions', which is not configured in ConnectionStrings; no connection string is. A host of Redis needs its port, such as sessions:6379."], Problems(app));
    }

    [Theory]
    [InlineData("localhost", null)]
    [InlineData("redis.example.org", null)]
    [InlineData("redis:6379", null)]
    [InlineData("cache", "redis")] // what is in ConnectionStrings is no name
    public async Task A_host_is_accepted(string written, string? named)
    {
        await using var app = Build("Redis", written, new() { ["ConnectionStrings:cache"] = named });

        Assert.Empty(Problems(app));
    }

    [Theory]
    [InlineData("postgresql", typeof(PostgresStore))]
    [InlineData("PostgreSQL", typeof(PostgresStore))]
    [InlineData("npgsql", typeof(PostgresStore))]
    [InlineData("mongodb", typeof(MongoStore))]
    [InlineData("Valkey", typeof(RedisStore))]
    [InlineData("InMemory", typeof(Memory.MemoryStore))]
    public async Task The_usual_names_of_a_store_are_accepted(string provider, Type store)
    {
        var connection = store == typeof(PostgresStore) ? "Host=localhost" : store == typeof(MongoStore) ? "mongodb://localhost/app" : store == typeof(RedisStore) ? "localhost" : null;
        await using var byName = Build(provider, connection, []);
        await using var passed = Build(provider, connection, [], new RedisStoreProvider(), new PostgresStoreProvider(), new MongoStoreProvider());

        Assert.IsType(store, byName.Services.GetRequiredService<ISessionStore>());
        Assert.IsType(store, passed.Services.GetRequiredService<ISessionStore>());
    }

    [Theory]
    [InlineData("Redsi", "Redis")]
    [InlineData("Postgress", "Postgres")]
    [InlineData("PostgreSLQ", "Postgres")]
    [InlineData("mongobd", "Mongo")]
    [InlineData("Memroy", "Memory")]
    public async Task A_provider_that_is_typed_wrong_is_refused_with_the_nearest_one(string provider, string nearest)
    {
        await using var byName = Build(provider, "x", []);
        await using var passed = Build(provider, "x", [], new RedisStoreProvider(), new PostgresStoreProvider(), new MongoStoreProvider());

        Assert.Equal([$"Provider '{provider}' is unknown: SessionStores.{provider} is not referenced; did you mean {nearest}?"], Problems(byName));
        Assert.Equal([$"Provider '{provider}' is unknown: the application passed Redis, Postgres, Mongo, Memory. Did you mean {nearest}?"], Problems(passed));
    }

    private static WebApplication Build(string provider, string? connection, Dictionary<string, string?> configuration, params ISessionStoreProvider[] providers)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        configuration["Sessions:Secrets"] = "N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ";
        configuration["Sessions:Store:Provider"] = provider;
        configuration["Sessions:Store:Connection"] = connection;
        builder.Configuration.AddInMemoryCollection(configuration);
        var section = builder.Configuration.GetSection("Sessions");
        if (providers.Length == 0)
            builder.Services.AddSessionStores(section);
        else
            builder.Services.AddSessionStores(section, providers);

        return builder.Build();
    }

    private static IEnumerable<string> Problems(WebApplication app)
    {
        try
        {
            app.Services.GetRequiredService<IOptionsMonitor<SessionStoresOptions>>().Get("");
            return [];
        }
        catch (OptionsValidationException failure)
        {
            return failure.Failures;
        }
    }
}
