using System.Reflection;
using System.Runtime.Loader;
using SessionStores.Conformance;

namespace SessionStores.Tool;

/// <summary>An assembly with fixtures, loaded with what its own build resolved. Only the contract and the kit are those of this program.</summary>
internal sealed class StoreAssembly : AssemblyLoadContext
{
    private static readonly Assembly[] Shared = [typeof(ISessionStore).Assembly, typeof(ConformanceKit).Assembly];
    private readonly AssemblyDependencyResolver _resolver;

    private StoreAssembly(string path)
        : base(Path.GetFileName(path)) => _resolver = new AssemblyDependencyResolver(path);

    /// <summary>The fixtures of an assembly, by name.</summary>
    /// <exception cref="UsageException">There is no such assembly, or it has no fixture that can be created.</exception>
    public static IReadOnlyList<Type> FixturesOf(string path)
    {
        var full = Path.GetFullPath(path);
        if (!File.Exists(full))
            throw new UsageException($"There is no file '{full}'. Build the project, and name the assembly that it builds.");

        try
        {
            var assembly = new StoreAssembly(full).LoadFromAssemblyPath(full);
            CheckVersions(assembly);
            List<Type> fixtures = [.. assembly.GetTypes().Where(IsFixture).OrderBy(type => type.Name, StringComparer.Ordinal)];
            return fixtures.Count > 0 ? fixtures : throw new UsageException(
                $"'{full}' has no fixture: a public class that inherits {nameof(SessionStoreFixture)} and has a constructor without parameters.");
        }
        catch (BadImageFormatException)
        {
            throw new UsageException($"'{full}' is not an assembly of .NET.");
        }
        catch (ReflectionTypeLoadException failure)
        {
            throw new UsageException($"'{full}' cannot be loaded: {failure.LoaderExceptions.First(each => each is not null)!.Message}");
        }
    }

    protected override Assembly? Load(AssemblyName assemblyName) =>
        Array.Find(Shared, each => each.GetName().Name == assemblyName.Name)
        ?? (_resolver.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null);

    protected override IntPtr LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : IntPtr.Zero;

    private static bool IsFixture(Type type) =>
        type is { IsAbstract: false, IsVisible: true } && type.IsSubclassOf(typeof(SessionStoreFixture)) && type.GetConstructor(Type.EmptyTypes) is not null;

    private static void CheckVersions(Assembly assembly)
    {
        foreach (var wanted in assembly.GetReferencedAssemblies())
        {
            if (Array.Find(Shared, each => each.GetName().Name == wanted.Name)?.GetName().Version is { } here && wanted.Version != here)
                throw new UsageException($"The assembly is built with {wanted.Name} {wanted.Version?.ToString(3)}, and this program runs {here.ToString(3)}. Take the same version of both: dotnet tool update SessionStores.Tool --version …");
        }
    }
}
