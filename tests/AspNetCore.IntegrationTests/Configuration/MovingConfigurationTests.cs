using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SessionStores.Memory;
using SessionStores.Moving;
using SessionStores.Postgres;
using SessionStores.Protection;
using SessionStores.Redis;

namespace SessionStores.AspNetCore.IntegrationTests.Configuration;

/// <summary>A move from one store to another, as a configuration section says.</summary>
public sealed class MovingConfigurationTests
{
    private const string Key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    [Fact]
    public async Task A_section_names_the_store_that_the_sessions_leave()
    {
        using var host = Build("""{ "Provider": "Postgres", "Connection": "Host=localhost;Username=app", "MovingFrom": { "Provider": "Redis", "Connection": "cache", "KeyPrefix": "old:", "Stage": "prepare" } }""");

        var store = Assert.IsType<MovingStore>(host.Services.GetRequiredService<ISessionStore>());
        Assert.NotNull(store.GetCapability<PostgresStore>());
        Assert.NotNull(store.GetCapability<RedisStore>());
        Assert.StartsWith("PostgreSQL ", store.KeySpace, StringComparison.Ordinal);
        await store.DisposeAsync();
    }

    [Fact]
    public async Task Each_side_has_its_own_protection()
    {
        using var host = Build("""{ "Provider": "Memory", "MovingFrom": { "Provider": "Memory" } }""", $$"""{ "Keys": "{{Key}}" }""");
        var store = Assert.IsType<MovingStore>(host.Services.GetRequiredService<ISessionStore>());
        await store.SetAsync("id", new SessionContent("{}"u8.ToArray(), TimeSpan.FromHours(1)));

        Assert.NotNull(store.GetCapability<ProtectedStore>());
        var stored = Assert.Single(await store.GetCapability<MemoryStore>()!.AllAsync().ToListAsync());
        Assert.NotEqual("id", stored.Id);
    }

    [Theory]
    [InlineData("""{ "Connection": "x:1" }""", "Sessions:Store:MovingFrom:Provider is required: the name of a store, such as Redis or Memory.")]
    [InlineData("""{ "Provider": "Memory", "Stage": "now" }""", "Sessions:Store:MovingFrom:Stage must be one of Prepare, Move, but is 'now'.")]
    [InlineData("""{ "Provider": "Memory", "Stgae": "Move" }""", "Sessions:Store:MovingFrom:Stgae is no setting; did you mean Stage?")]
    [InlineData("""{ "Provider": "Redis" }""", "Sessions:Store:MovingFrom:Connection is required: how to reach the server, such as localhost:6379.")]
    [InlineData("""{ "Provider": "Memory", "Protection": { "Kyes": "x" } }""", "Sessions:Store:MovingFrom:Protection:Kyes is no setting; did you mean Keys?")]
    public async Task What_is_wrong_with_the_section_is_reported_when_the_application_starts(string from, string problem)
    {
        using var host = Build($$"""{ "Provider": "Memory", "MovingFrom": {{from}} }""");

        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Contains(problem, failure.Failures);
    }

    private static IHost Build(string store, string? protection = null)
    {
        var json = $$"""
            {
              "ConnectionStrings": { "cache": "localhost:6379" },
              "Sessions": { "Secrets": [ "N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ" ], "Store": {{store}}{{(protection is null ? "" : $", \"Protection\": {protection}")}} }
            }
            """;
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json)));
        builder.Services.AddSessionStores(builder.Configuration.GetSection("Sessions"));
        return builder.Build();
    }
}
