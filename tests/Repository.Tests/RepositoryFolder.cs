namespace SessionStores.Repository.Tests;

/// <summary>Finds the folders of the repository that these tests look at.</summary>
internal static class RepositoryFolder
{
    /// <summary>The closest folder above the test binaries that holds the solution.</summary>
    public static string Root { get; } = Find(new DirectoryInfo(AppContext.BaseDirectory));

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

    private static string Find(DirectoryInfo? folder)
    {
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SessionStores.sln")))
            folder = folder.Parent;

        return folder?.FullName ?? throw new InvalidOperationException("These tests run from within the repository.");
    }
}
