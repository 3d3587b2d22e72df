using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(SessionStores.Packages.Tests.PackageFeed))]
[assembly: Parallelization(Mode = ParallelMode.None)]

namespace SessionStores.Packages.Tests;

/// <summary>All packages, packed once into a feed of their own.</summary>
public sealed class PackageFeed : IAsyncLifetime
{
    private string _failure = "";

    /// <summary>The package of the template for <c>dotnet new</c>, which has no assembly.</summary>
    public const string Templates = "SessionStores.Templates";

    /// <summary>The package of the command, which is no library.</summary>
    public const string Tool = "SessionStores.Tool";

    /// <summary>The names of the packages: <c>SessionStores.Redis</c> for <c>src/Stores.Redis</c>.</summary>
    public static IReadOnlyDictionary<string, string> Projects { get; } = Directory
        .GetFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories)
        .Append(Repository.PathOf("templates/Templates.csproj"))
        .ToDictionary(project => $"SessionStores.{Path.GetFileNameWithoutExtension(project).Replace("Stores.", "", StringComparison.Ordinal)}");

    /// <summary>The folder that <c>nuget.config</c> of the applications and of the sample store name.</summary>
    public static string Folder { get; } = Repository.PathOf("artifacts/packages-local");

    /// <summary>Where applications are built.</summary>
    public static string Work { get; } = Repository.PathOf("artifacts/packages-tests");

    /// <summary>Returns the file of a package that must have been packed.</summary>
    public string FileOf(string package)
    {
        Assert.True(_failure.Length == 0, _failure);
        return Directory.GetFiles(Folder, $"{package}.*.nupkg").Single(file => char.IsAsciiDigit(Path.GetFileName(file)[package.Length + 1]));
    }

    public async ValueTask InitializeAsync()
    {
        // The packages keep their version while they change: what was unpacked before must not be used again.
        Delete(Folder);
        Delete(Work);
        var unpacked = Repository.PathOf("artifacts/packages-unpacked");
        if (Directory.Exists(unpacked))
        {
            foreach (var folder in Directory.GetDirectories(unpacked, "sessionstores.*"))
                Delete(folder);
        }

        Directory.CreateDirectory(Folder);
        Directory.CreateDirectory(Work);
        await DotNetCli.RunAsync("tool", "restore"); // the bill of materials is written by a tool
        var (code, output) = await DotNetCli.TryAsync("msbuild", Repository.PathOf("eng/pack.proj"), "-restore", "-t:Pack", $"-p:Feed={Folder}", "-nologo", "-m", "-v:q");
        if (code != 0)
            _failure = $"Packing exited with code {code}:\n{output}";
    }

    public ValueTask DisposeAsync() => default;

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
