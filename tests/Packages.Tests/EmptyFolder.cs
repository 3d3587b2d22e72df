using System.Diagnostics;

namespace SessionStores.Packages.Tests;

/// <summary>An empty folder outside of the repository, in which the packages can be restored, and a clock for what is done in it.</summary>
internal sealed class EmptyFolder : IDisposable
{
    private readonly long _start = Stopwatch.GetTimestamp();

    public EmptyFolder() => File.WriteAllText(System.IO.Path.Combine(Path, "nuget.config"), $"""
        <configuration>
          <config><add key="globalPackagesFolder" value="{Repository.PathOf("artifacts/packages-unpacked")}" /></config>
          <packageSources><add key="packed" value="{PackageFeed.Folder}" /></packageSources>
        </configuration>
        """);

    public string Path { get; } = Directory.CreateTempSubdirectory("sessionstores-").FullName;

    /// <summary>Prints how long it took from the empty folder to here.</summary>
    public void PrintTime(string what) =>
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {Stopwatch.GetElapsedTime(_start).TotalSeconds:F0} s from the empty folder");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
