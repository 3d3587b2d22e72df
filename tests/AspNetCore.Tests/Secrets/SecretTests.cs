using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace SessionStores.AspNetCore.Tests.Secrets;

/// <summary>Where the secret comes from, and which ones are refused.</summary>
public sealed class SecretTests
{
    private const string Random = "N8yq2Vd7Rk4Wm1Xz6Tb9Hs3Lp5Jg0CfQ";

    public static TheoryData<string, string> Weak => new()
    {
        { "s", "has 1 byte:" },
        { "keyboard cat", "has 12 bytes:" },
        { "32 random bytes", "has 15 bytes:" },
        { "(output of: openssl rand -base64 32)", "looks like a placeholder:" },
        { "CHANGE-ME-before-you-deploy-this-application", "looks like a placeholder:" },
        { "your-super-Secret-key-of-256-bits", "looks like a placeholder:" },
        { "5f0c1d3e-7a92-4b6d-8c15-e9a4d2b7f063", "has 16 bytes in hexadecimal digits:" },
        { "9B3E5A1C7D2F4068E1A5C9D3B7F20468", "has 16 bytes in hexadecimal digits:" },
        { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "repeats a few characters:" },
    };

    [Theory]
    [MemberData(nameof(Weak))]
    public async Task A_secret_that_can_be_guessed_is_refused_with_the_command_that_creates_one(string secret, string weakness)
    {
        foreach (var environment in new[] { "Production", "Staging" })
        {
            var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(environment, null, options => options.Secrets = [Random, secret]));

            var problem = Assert.Single(failure.Failures);
            Assert.Contains($"secret 2 {weakness}", problem, StringComparison.Ordinal);
            Assert.Contains("openssl rand -base64 32", problem, StringComparison.Ordinal);
            Assert.DoesNotContain($"'{secret}'", problem, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Weak))]
    public async Task A_secret_that_can_be_guessed_is_accepted_in_Development_and_where_it_is_asked_for(string secret, string weakness)
    {
        Assert.NotEmpty(weakness);
        await using var development = await StartAsync("Development", null, options => options.Secrets.Add(secret));
        await using var shared = await StartAsync("Production", null, options =>
        {
            options.Secrets.Add(secret);
            options.AllowWeakSecrets = true;
        });

        Assert.Single(OptionsOf(development).Secrets);
        Assert.Single(OptionsOf(shared).Secrets);
    }

    [Fact]
    public void A_random_secret_is_never_taken_for_one_that_can_be_guessed()
    {
        for (var round = 0; round < 2000; round++)
        {
            var bytes = RandomNumberGenerator.GetBytes(32);

            Assert.Null(new SessionSecret(bytes).Weakness);
            Assert.Null(((SessionSecret)Convert.ToBase64String(bytes)).Weakness);
            Assert.Null(((SessionSecret)Convert.ToHexString(bytes)).Weakness);
        }
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Staging")]
    public async Task Without_a_secret_the_application_does_not_start_and_says_how_to_create_one(string environment)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(environment));

        Assert.Equal(
            "SessionStoresOptions.Secrets must have at least one secret, but is empty. Set the configuration value SessionSecret to the output of: openssl rand -base64 32 (or call options.Secrets.Add: the first secret signs, all verify).",
            Assert.Single(failure.Failures));
    }

    [Fact]
    public async Task The_configuration_value_SessionSecret_is_the_secret_of_an_application_that_sets_none()
    {
        await using var app = await StartAsync("Production", new() { ["SessionSecret"] = Random });
        await using var two = await StartAsync("Production", new() { ["SessionSecret:0"] = Random, ["SessionSecret:1"] = Random + "2" });
        await using var code = await StartAsync("Production", new() { ["SessionSecret"] = Random + "3" }, options => options.Secrets.Add(Random));

        Assert.Equal(Signature(Random), Signature(Assert.Single(OptionsOf(app).Secrets)));
        Assert.Equal(Signature(Random), Signature(Assert.Single(OptionsOf(app, "admin").Secrets)));
        Assert.Equal([Signature(Random), Signature(Random + "2")], OptionsOf(two).Secrets.Select(Signature));
        Assert.Equal(Signature(Random), Signature(Assert.Single(OptionsOf(code).Secrets)));
    }

    [Fact]
    public async Task In_Development_a_secret_is_created_once_and_said_once()
    {
        var root = Directory.CreateTempSubdirectory("sessionstores-").FullName;
        var file = DevelopmentSecret.FileOf(DevelopmentSecret.Folder, "Some/App", root);
        using var log = new LogLines();
        try
        {
            await using var first = await StartAsync("Development", contentRoot: root, log: log);
            await using var second = await StartAsync("Development", contentRoot: root, log: log);

            Assert.Equal(Signature(OptionsOf(first).Secrets[0]), Signature(OptionsOf(second).Secrets[0]));
            Assert.Null(OptionsOf(first).Secrets[0].Weakness);
            var line = Assert.Single(log.Lines, line => line.Name == "DevelopmentSecretCreated");
            Assert.Contains(file, line.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(File.ReadAllText(file), line.Text, StringComparison.Ordinal);
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
            Directory.Delete(root);
        }
    }

    [Fact]
    public async Task In_Development_nothing_is_created_where_a_secret_is_configured()
    {
        var root = Directory.CreateTempSubdirectory("sessionstores-").FullName;
        using var log = new LogLines();
        try
        {
            await using var app = await StartAsync("Development", new() { ["SessionSecret"] = Random }, contentRoot: root, log: log);

            Assert.Equal(Signature(Random), Signature(Assert.Single(OptionsOf(app).Secrets)));
            Assert.False(File.Exists(DevelopmentSecret.FileOf(DevelopmentSecret.Folder, "Some/App", root)));
            Assert.DoesNotContain(log.Lines, line => line.Name == "DevelopmentSecretCreated");
        }
        finally
        {
            Directory.Delete(root);
        }
    }

    [Fact]
    public async Task Processes_that_create_the_secret_at_once_get_the_same_one()
    {
        var folder = Directory.CreateTempSubdirectory("sessionstores-");
        try
        {
            foreach (var round in Enumerable.Range(0, 200))
            {
                var file = DevelopmentSecret.FileOf(Path.Combine(folder.FullName, $"new{round}"), "App", "/app");
                using var start = new Barrier(participantCount: 4);
                var found = await Task.WhenAll(Enumerable.Range(0, start.ParticipantCount).Select(_ => Task.Factory.StartNew(
                    () =>
                    {
                        start.SignalAndWait();
                        return DevelopmentSecret.FindOrCreate(file);
                    },
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default)));

                Assert.Single(found.Select(each => each.Secret).Distinct());
                Assert.Single(found, each => each.IsNew);
                Assert.Equal([file], Directory.GetFiles(Path.Combine(folder.FullName, $"new{round}"), "*", SearchOption.AllDirectories));
                Assert.Single(Directory.GetDirectories(Path.Combine(folder.FullName, $"new{round}")));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Signature(SessionSecret secret) => CookieSignature.Sign("id", secret);

    private static SessionStoresOptions OptionsOf(WebApplication app, string name = "") => app.Services.GetRequiredService<IOptionsMonitor<SessionStoresOptions>>().Get(name);

    private static async Task<WebApplication> StartAsync(
        string environment, Dictionary<string, string?>? configuration = null, Action<SessionStoresOptions>? configure = null, string? contentRoot = null, LogLines? log = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            EnvironmentName = environment,
            ContentRootPath = contentRoot,
            ApplicationName = contentRoot is null ? null : "Some/App",
        });
        builder.Logging.ClearProviders();
        if (log is not null)
            builder.Logging.AddProvider(log);

        builder.WebHost.UseTestServer();
        builder.Configuration.AddInMemoryCollection(configuration ?? []);
        if (configure is null)
            builder.Services.AddSessionStores();
        else
            builder.Services.AddSessionStores(configure);

        if (configuration is not null)
            builder.Services.AddSessionStores("admin", options => options.Name = "admin.sid");

        var app = builder.Build();
        app.UseSessionStores();
        try
        {
            await app.StartAsync();
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }
}
