namespace SessionStores.Repository.Tests;

/// <summary>Finds the folders of the repository that these tests look at.</summary>
internal static class RepositoryFolder
{
    public static string Root => SessionStores.Tests.Repository.Root;

    public static string Tests => Path.Combine(Root, "tests");

    public static string Source => Path.Combine(Root, "src");

    /// <summary>The folders of the packages; <c>src/Shared</c> is compiled into several of them.</summary>
    public static IEnumerable<string> Packages => Directory.GetDirectories(Source).Select(folder => Path.GetFileName(folder)!)
        .Where(name => File.Exists(Path.Combine(Source, name, name + ".csproj"))).Order(StringComparer.Ordinal);

    public static IEnumerable<string> SourceFiles(params string[] folders) => folders
        .Select(folder => Path.Combine(Root, folder))
        .Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
        .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
}
