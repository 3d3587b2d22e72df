using System.Runtime.InteropServices;
using SessionStores.Backends;

namespace SessionStores.Packages.Tests;

public sealed class ApplicationTests
{
    [Fact]
    public async Task A_console_application_runs_on_the_packages()
    {
        var folder = await Application.PublishAsync("console", "Consumer");

        var output = await DotNetCli.RunAsync(Path.Combine(folder, "Consumer.dll"));

        Assert.Contains("read back: 1 view", output, StringComparison.Ordinal);
    }
}

public sealed class TrimmedSiteTests(TrimmedSite site) : SiteTests(site), IClassFixture<TrimmedSite>;

public sealed class NativeSiteTests(NativeSite site) : SiteTests(site), IClassFixture<NativeSite>;

/// <summary>A site on memory, and on a PostgreSQL server of its own.</summary>
public abstract class SiteTests(PublishedSite site)
{
    private static readonly string[] Expected = ["views: 1", "views: 2", "pruned 0, listed 1, ended 1, left 0"];

    [Fact]
    public async Task It_serves_sessions_on_MemoryStore() => Assert.Equal(Expected, await Application.VisitAsync(site.Program));

    [Fact]
    public async Task It_serves_sessions_on_PostgresStore()
    {
        await using var server = await PostgresBackend.StartAsync();
        Assert.SkipUnless(server.IsAvailable, server.Reason);

        Assert.Equal(Expected, await Application.VisitAsync(site.Program, await server.Backend.CreateDatabaseAsync()));
    }
}

/// <summary>Publishes the site once for all tests on it.</summary>
public abstract class PublishedSite(string label, params string[] arguments) : IAsyncLifetime
{
    public string Program { get; private set; } = "";

    public async ValueTask InitializeAsync() => Program = Path.Combine(
        await Application.PublishAsync(label, "NativeSite", ["-r", RuntimeInformation.RuntimeIdentifier, "-p:TrimmerSingleWarn=false", .. arguments]), "NativeSite");

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return default;
    }
}

public sealed class TrimmedSite() : PublishedSite("trimmed", "--self-contained", "-p:PublishTrimmed=true");

public sealed class NativeSite() : PublishedSite("native", "-p:PublishAot=true");
