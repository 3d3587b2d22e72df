using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionStores.AspNetCore.IntegrationTests.Tickets;
using SessionStores.AspNetCore.Tests;
using SessionStores.Memory;
using SessionStores.Protection;

namespace SessionStores.AspNetCore.IntegrationTests.Protection;

/// <summary>Sites whose sessions are protected at rest.</summary>
public sealed class ProtectionTests : IDisposable
{
    private const string Secret = "N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ";

    private readonly MemoryStore _server = new();
    private readonly string _key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sessions_and_sign_ins_are_protected_whether_the_store_is_chosen_before_or_after(bool isChosenAfter)
    {
        await using var app = await StartAsync(services =>
        {
            var sessions = services.AddSessionStores(options => options.Secrets.Add(Secret));
            if (!isChosenAfter)
                sessions.UseStore(_ => _server);

            sessions.UseProtection(options =>
            {
                options.Keys.Add(_key);
                options.HashSubjects = true;
            });
            if (isChosenAfter)
                sessions.UseStore(_ => _server);
        });
        using var browser = Browse(app);
        await browser.GetAsync("/set/secret-member?subject=alice");
        await browser.GetAsync("/in/alice");

        Assert.Equal("secret-member", await browser.GetAsync("/keys"));
        Assert.Equal("alice", await browser.GetAsync("/who"));
        var stored = await StoredAsync();
        Assert.Equal(2, stored.Count);
        Assert.All(stored, record => Assert.DoesNotContain("secret-member", record, StringComparison.Ordinal));
        Assert.All(stored, record => Assert.DoesNotContain("alice", record, StringComparison.Ordinal));
        Assert.All(stored, record => Assert.DoesNotContain(browser["connect.sid"]!.Split("s%3A")[1].Split('.')[0], record, StringComparison.Ordinal));

        Assert.Equal("0", await browser.GetAsync("/elsewhere/alice"));
        Assert.Equal("alice", await browser.GetAsync("/who"));
        Assert.Equal(2, await app.Services.GetRequiredService<SessionAccess>().DestroyBySubjectAsync("alice"));
        Assert.Equal("anonymous", await browser.GetAsync("/who"));
        Assert.Empty(await StoredAsync());
    }

    [Fact]
    public async Task The_default_store_is_protected_too()
    {
        await using var app = await StartAsync(services => services.AddSessionStores(options => options.Secrets.Add(Secret)).UseProtection(options => options.Keys.Add(_key)));

        Assert.NotNull(app.Services.GetRequiredService<ISessionStore>().GetCapability<ProtectedStore>());
        Assert.NotNull(app.Services.GetRequiredService<ISessionStore>().GetCapability<MemoryStore>());
    }

    [Fact]
    public async Task Each_set_has_its_own_protection()
    {
        await using var app = await StartAsync(services =>
        {
            services.AddSessionStores(options => options.Secrets.Add(Secret)).UseMemory();
            services.AddSessionStores("admin", options =>
            {
                options.Secrets.Add(Secret);
                options.Name = "admin.sid";
            }).UseMemory().UseProtection(options => options.Keys.Add(_key));
        });

        Assert.IsType<MemoryStore>(app.Services.GetRequiredService<ISessionStore>());
        Assert.IsType<ProtectedStore>(app.Services.GetRequiredKeyedService<ISessionStore>("admin"));
    }

    [Fact]
    public async Task A_store_that_no_decorator_reaches_is_refused_at_start()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(services =>
        {
            services.AddSessionStores(options => options.Secrets.Add(Secret)).UseProtection(options => options.Keys.Add(_key));
            services.AddSingleton<ISessionStore>(_server);
        }));

        Assert.Contains("Choose it on the builder instead", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sharing_with_Express_and_protection_exclude_each_other()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(services => services.AddSessionStores(options =>
        {
            options.Secrets.Add(Secret);
            options.UseExpressDefaults();
        }).UseProtection(options => options.Keys.Add(_key))));

        Assert.StartsWith("SessionStoresOptions.ShareWithExpress and UseProtection exclude each other", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Protection_can_be_chosen_in_configuration()
    {
        await using var app = await StartAsync(services => services.AddSessionStores(Section(("Protection:Keys:0", _key), ("Protection:HashSubjects", "true"))));

        Assert.IsType<ProtectedStore>(app.Services.GetRequiredService<ISessionStore>());
    }

    [Fact]
    public async Task Every_problem_of_the_configuration_is_named()
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(services =>
            services.AddSessionStores(Section(("Protection:HashSubject", "true"), ("Protection:AcceptUnprotected", "perhaps")))));
        Assert.Equal(
            ["Sessions:Protection:AcceptUnprotected must be true or false, but is 'perhaps'.", "Sessions:Protection:HashSubject is no setting; did you mean HashSubjects?"],
            failure.Failures.Order(StringComparer.Ordinal));

        failure = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(services => services.AddSessionStores(Section(("Protection:HashSubjects", "true")))));
        Assert.Equal(
            ["Sessions:Protection: SessionProtectionOptions: Keys must have at least one key, but is empty. Add the output of: openssl rand -base64 32"], failure.Failures);

        failure = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(services => services.AddSessionStores(Section(("Protection:Keys", "c2hvcnQ=")))));
        Assert.Equal(
            ["Sessions:Protection: A protection key must have at least 32 random bytes, but has 5. Use the output of: openssl rand -base64 32"], failure.Failures);

        failure = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(services => services.AddSessionStores(Section(("Secrets:0", _key), ("Protection:Keys:0", _key)))));
        Assert.Equal(
            ["Sessions:Protection:Keys:0 is a secret of Sessions:Secrets too: whoever learns one of them has both. Use the output of: openssl rand -base64 32"], failure.Failures);
    }

    [Fact]
    public async Task With_Data_Protection_sessions_live_through_its_new_key_and_end_with_a_revoked_one()
    {
        var folder = Directory.CreateTempSubdirectory("sessionstores-keys-");
        try
        {
            await using var first = Node(folder);
            var store = StoreOf(first);
            await store.CreateAsync("a", new SessionContent("""{"cookie":{}}"""u8.ToArray(), TimeSpan.FromHours(1)));
            var oldKey = Assert.Single(await store.CountByKeyAsync()).Key;
            first.GetRequiredService<IKeyManager>().CreateNewKey(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(90));

            await using var second = Node(folder);
            store = StoreOf(second);
            Assert.NotNull(await store.GetAsync("a"));
            Assert.Equal(1, await store.ResealAsync());
            var counts = await store.CountByKeyAsync();
            Assert.Equal((0, 2), (counts[oldKey], counts.Count));
            second.GetRequiredService<IKeyManager>().RevokeAllKeys(DateTimeOffset.UtcNow);

            await using var third = Node(folder);
            Assert.Null(await StoreOf(third).GetAsync("a"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Keys_that_Data_Protection_does_not_keep_are_refused()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await using var app = await StartAsync(services => services.AddSessionStores(Section(("Protection:DataProtection", "true"))));
            await app.Services.GetRequiredService<ISessionStore>().GetAsync("a");
        });

        Assert.Contains("The key ring of Data Protection does not have the key", failure.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _server.Dispose();

    private ServiceProvider Node(DirectoryInfo folder)
    {
        var services = new ServiceCollection();
        services.AddDataProtection().SetApplicationName("site").PersistKeysToFileSystem(folder);
        services.AddSessionStores(Section(("Protection:DataProtection", "true"))).UseStore(_ => _server);
        return services.BuildServiceProvider();
    }

    private static ProtectedStore StoreOf(ServiceProvider node) => Assert.IsType<ProtectedStore>(node.GetRequiredService<ISessionStore>());

    private static SignedIn Browse(WebApplication app) => new(new Browser(app.GetTestServer().CreateHandler(), new Uri("https://localhost")));

    private static IConfigurationSection Section(params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create("Sessions:" + setting.Name, (string?)setting.Value))
            .Append(new("Sessions:Secrets", Secret)).Append(new("Sessions:Store:Provider", "Memory")));
        return configuration.GetSection("Sessions");
    }

    private static async Task<WebApplication> StartAsync(Action<IServiceCollection> addSessions)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        TicketSite.AddSignIns(builder.Services);
        addSessions(builder.Services);
        var app = builder.Build();
        try
        {
            TicketSite.Map(app);
            await app.StartAsync();
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    private async Task<List<string>> StoredAsync() =>
        await _server.AllAsync().Select(record => $"{record.Id} {record.Subject} {Encoding.UTF8.GetString(record.Payload.Span)}").ToListAsync();
}
