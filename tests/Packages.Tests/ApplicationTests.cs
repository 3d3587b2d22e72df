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

/// <summary>A native site, which is also trimmed, on memory, and on a PostgreSQL server of its own.</summary>
public sealed class NativeSiteTests(NativeSite site) : IClassFixture<NativeSite>
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
public sealed class NativeSite : IAsyncLifetime
{
    public string Program { get; private set; } = "";

    public async ValueTask InitializeAsync() => Program = Path.Combine(
        await Application.PublishAsync("native", "NativeSite", "-r", RuntimeInformation.RuntimeIdentifier, "-p:TrimmerSingleWarn=false", "-p:PublishAot=true"), "NativeSite");

    public ValueTask DisposeAsync() => default;
}
