using System.Text.Json;

namespace SessionStores.Samples.Tests;

/// <summary>A reader of a sample starts it by the one command of its README, and then opens the address that is there.</summary>
public sealed class ReadmeTests
{
    public static TheoryData<string> Samples => ["Aspire/AppHost", "BackChannel", "Blazor", "FrameworkSession", "Mvc", "SignalR", "Spa"];

    [Theory]
    [MemberData(nameof(Samples))]
    public void The_README_has_the_command_and_the_address_of_the_launch_settings(string project)
    {
        var readme = File.ReadAllText(Repository.PathOf($"samples/{project.Split('/')[0]}/README.md"));
        using var settings = JsonDocument.Parse(File.ReadAllText(Repository.PathOf($"samples/{project}/Properties/launchSettings.json")));
        var profile = settings.RootElement.GetProperty("profiles").EnumerateObject().First().Value;

        Assert.Contains($"```\ndotnet run --project samples/{project}\n```", readme, StringComparison.Ordinal);
        Assert.Contains(profile.GetProperty("applicationUrl").GetString()!, readme, StringComparison.Ordinal);
        Assert.Equal("Development", profile.GetProperty("environmentVariables").GetProperty("ASPNETCORE_ENVIRONMENT").GetString());
    }

    [Fact]
    public void Every_sample_has_a_page_with_the_command_that_starts_it()
    {
        // The page of ThirdPartyStore is docs/adding-a-store.md.
        var samples = Directory.GetDirectories(Repository.PathOf("samples")).Select(folder => Path.GetFileName(folder)!).Where(name => name != "ThirdPartyStore").ToList();

        Assert.NotEmpty(samples);
        Assert.All(samples, name => Assert.Contains(
            $"```\ndotnet run --project samples/{name}", File.ReadAllText(Repository.PathOf($"samples/{name}/README.md")), StringComparison.Ordinal));
    }
}
