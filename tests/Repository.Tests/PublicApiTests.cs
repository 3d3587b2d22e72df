using System.Reflection;

namespace SessionStores.Repository.Tests;

/// <summary>The public surface of every package, kept as text, so that a change of it is a visible line in a diff.</summary>
/// <remarks>After a wanted change run the tests with <c>SESSIONSTORES_ACCEPT_API=1</c> and commit the changed files.</remarks>
public sealed class PublicApiTests
{
    public static TheoryData<string> Assemblies => [.. RepositoryFolder.Packages.Select(package => "SessionStores." + package.Replace("Stores.", "", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void The_public_surface_is_the_approved_one(string assembly)
    {
        var actual = PublicApiText.Of(Assembly.Load(assembly));

        var file = Path.Combine(RepositoryFolder.Tests, "Repository.Tests", "PublicApi", assembly + ".txt");
        if (Environment.GetEnvironmentVariable("SESSIONSTORES_ACCEPT_API") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
        }

        Assert.True(File.Exists(file), $"{file} is missing: run the tests with SESSIONSTORES_ACCEPT_API=1.");
        Assert.Equal(File.ReadAllText(file).ReplaceLineEndings("\n"), actual);
    }
}
