namespace SessionStores.Tests;

/// <summary>The repository that the tests run in.</summary>
internal static class Repository
{
    /// <summary>The closest folder above the test binaries that holds the solution.</summary>
    public static string Root { get; } = Find(new DirectoryInfo(AppContext.BaseDirectory));

    /// <summary>Returns the full path of a file or folder, such as <c>docs/contract.md</c>.</summary>
    public static string PathOf(string path) => Path.GetFullPath(path, Root);

    private static string Find(DirectoryInfo? folder)
    {
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SessionStores.sln")))
            folder = folder.Parent;

        return folder?.FullName ?? throw new InvalidOperationException("The tests must run inside the repository: SessionStores.sln is not above them.");
    }
}
