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
        await DotNet.RunAsync("build", Tests, "-c", "Release", "-nologo", "-v", "q");

        var output = await DotNet.RunAsync($"{Tests}/bin/Release/net10.0/FileStore.Tests.dll", "--no-ansi", "--progress", "off");

        Assert.Matches("conformance files: [1-9][0-9]{2} passed, 0 failed", output);
    }

    [Fact]
    public void The_store_has_about_200_lines() =>
        Assert.InRange(Directory.GetFiles(Repository.PathOf("samples/ThirdPartyStore/FileStore"), "*.cs").Sum(file => File.ReadLines(file).Count()), 1, 220);
}
