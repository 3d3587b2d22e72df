using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using SessionStores.Configuration;
using SessionStores.Memory;

namespace SessionStores.AspNetCore;

/// <summary>Finds the provider that a configuration names: one that was passed, or by convention in the package of that name.</summary>
internal static class SessionStoreProviders
{
    private static readonly string[] Ours = ["Memory", "Redis", "Mongo", "Postgres"];

    /// <summary>Finds one of the given providers; memory needs no package.</summary>
    public static ISessionStoreProvider? Among(IEnumerable<ISessionStoreProvider> providers, string name) =>
        providers.Append(new MemoryStoreProvider()).FirstOrDefault(provider => provider.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Finds the class <c>SessionStores.X.XStoreProvider</c> in the assembly <c>SessionStores.X</c>.</summary>
    /// <returns>The provider, or the problem.</returns>
    [RequiresUnreferencedCode("The provider is found by its name.")]
    public static (ISessionStoreProvider? Provider, string? Problem) ByConvention(string name)
    {
        // File names are case-sensitive on some systems, settings are not.
        var proper = Ours.FirstOrDefault(ours => ours.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? name;
        if (!proper.All(character => char.IsAsciiLetterOrDigit(character) || character == '_'))
            return (null, $"'{name}' is not a provider name; {Known}.");

        var package = $"SessionStores.{proper}";
        Assembly assembly;
        try
        {
            assembly = Assembly.Load(package);
        }
        catch (FileNotFoundException)
        {
            return (null, Ours.Contains(proper)
                ? $"Provider '{proper}' needs the package {package}, but {package} is not referenced: dotnet add package {package}."
                : $"Provider '{name}' is unknown: {package} is not referenced; {Known}.");
        }

        var type = assembly.GetType($"{package}.{proper}StoreProvider");
        return type is not null && Activator.CreateInstance(type) is ISessionStoreProvider provider
            ? (provider, null)
            : (null, $"Provider '{proper}': {package} has no public class {package}.{proper}StoreProvider that is an {nameof(ISessionStoreProvider)} with a parameterless constructor.");
    }

    /// <summary>The problem of a name that is not one of the given providers.</summary>
    public static string Missing(IEnumerable<ISessionStoreProvider> providers, string name) =>
        $"Provider '{name}' is unknown: the application passed {string.Join(", ", providers.Append(new MemoryStoreProvider()).Select(provider => provider.Name).Distinct())}.";

    private static string Known => $"those of this collection are {string.Join(", ", Ours)}";
}
