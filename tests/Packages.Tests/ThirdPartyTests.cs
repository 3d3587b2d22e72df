namespace SessionStores.Packages.Tests;

/// <summary>The store of <c>samples/ThirdPartyStore</c>, written as its author would: on the packages of the contract and the kit.</summary>
public sealed class ThirdPartyTests(PackageFeed feed)
{
    private const string Tests = "samples/ThirdPartyStore/FileStore.Tests";

    [Fact]
    public async Task The_kit_from_its_package_passes_on_the_store()
    {
        feed.FileOf("SessionStores.Abstractions");
        feed.FileOf("SessionStores.Conformance");
        feed.FileOf("SessionStores.Conformance.Xunit");
        await DotNetCli.RunAsync("build", Tests, "-c", "Release", "-nologo", "-v", "q");

        var output = await DotNetCli.RunAsync($"{Tests}/bin/Release/net10.0/FileStore.Tests.dll", "--no-ansi", "--progress", "off");

        Assert.Matches("conformance files: [1-9][0-9]{2} passed, 0 failed", output);
    }

    [Fact]
    public async Task The_command_from_its_package_runs_the_same_cases_on_the_store()
    {
        feed.FileOf(PackageFeed.Tool);
        var tool = Path.Combine(PackageFeed.Work, "tool");
        await DotNetCli.RunAsync("tool", "install", "SessionStores.Tool", "--tool-path", tool, "--add-source", PackageFeed.Folder, "--version", "0.1.0");
        await DotNetCli.RunAsync("build", Tests, "-c", "Release", "-nologo", "-v", "q");

        var dll = Directory.GetFiles(tool, "SessionStores.Tool.dll", SearchOption.AllDirectories).Single();
        var output = await DotNetCli.RunAsync(dll, "kit", "--assembly", $"{Tests}/bin/Release/net10.0/FileStore.Tests.dll", "--report", Path.Combine(PackageFeed.Work, "kit"));

        Assert.Matches("conformance files: [1-9][0-9]{2} passed, 0 failed", output);
    }

    [Fact]
    public void The_store_has_about_200_lines() =>
        Assert.InRange(Directory.GetFiles(Repository.PathOf("samples/ThirdPartyStore/FileStore"), "*.cs").Sum(file => File.ReadLines(file).Count()), 1, 220);
}
