using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using SessionStores.Configuration;
using SessionStores.Memory;

namespace SessionStores.AspNetCore;

/// <summary>Finds the provider that a configuration names: one that was passed, or by convention in the package of that name.</summary>
internal static class SessionStoreProviders
{
    private static readonly string[] Ours = ["Memory", "Redis", "Mongo", "Postgres"];

    /// <summary>What else these stores are called.</summary>
    private static readonly Dictionary<string, string> UsualNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["InMemory"] = "Memory",
        ["StackExchange.Redis"] = "Redis",
        ["Valkey"] = "Redis",
        ["MongoDB"] = "Mongo",
        ["PostgreSQL"] = "Postgres",
        ["Npgsql"] = "Postgres",
        ["pg"] = "Postgres",
    };

    /// <summary>Whether a provider is one of ours, and on a server.</summary>
    public static bool IsServer(string? name) => name is not null && Proper(name) is not "Memory" && Ours.Contains(Proper(name));

    /// <summary>Finds one of the given providers; memory needs no package.</summary>
    public static ISessionStoreProvider? Among(IEnumerable<ISessionStoreProvider> providers, string name) =>
        Find(providers, name) ?? (UsualNames.TryGetValue(name, out var usual) ? Find(providers, usual) : null);

    /// <summary>Finds the class <c>SessionStores.X.XStoreProvider</c> in the assembly <c>SessionStores.X</c>.</summary>
    /// <returns>The provider, or the problem.</returns>
    [RequiresUnreferencedCode("The provider is found by its name.")]
    public static (ISessionStoreProvider? Provider, string? Problem) ByConvention(string name)
    {
        var proper = Proper(name);
        if (!proper.All(character => char.IsAsciiLetterOrDigit(character) || character == '_'))
            return (null, $"'{name}' is not a provider name; {Hint(name)}");

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
                : $"Provider '{name}' is unknown: {package} is not referenced; {Hint(name)}");
        }

        var type = assembly.GetType($"{package}.{proper}StoreProvider");
        return type is not null && Activator.CreateInstance(type) is ISessionStoreProvider provider
            ? (provider, null)
            : (null, $"Provider '{proper}': {package} has no public class {package}.{proper}StoreProvider that is an {nameof(ISessionStoreProvider)} with a parameterless constructor.");
    }

    /// <summary>Chooses the store that the settings name. What is wrong is added to them.</summary>
    /// <param name="builder">Takes the store.</param>
    /// <param name="store">The settings of the store.</param>
    /// <param name="path">Where they are, for messages.</param>
    /// <param name="find">Finds a provider by its name, or returns the problem.</param>
    public static void Choose(ISessionStoresBuilder builder, SessionStoreSettings store, string path, Func<string, (ISessionStoreProvider? Provider, string? Problem)> find)
    {
        string? wanted = null;
        store.Text(SessionSettings.Provider, value => wanted = value);
        if (string.IsNullOrWhiteSpace(wanted))
        {
            store.AddProblem($"{path}:{SessionSettings.Provider} is required: the name of a store, such as Redis or Memory.");
            return;
        }

        var (provider, problem) = find(wanted);
        if (provider is null)
        {
            // The other settings belong to an unknown store, so they cannot be checked.
            store.AddProblem(problem!);
            return;
        }

        // Without the connection that the setting names, the store would only report that it has none.
        if (store.Problems.Count > 0)
            return;

        provider.Configure(builder, store);
        store.AddUnknown();
    }

    /// <summary>The problem of a name that is not one of the given providers.</summary>
    public static string Missing(IEnumerable<ISessionStoreProvider> providers, string name, string owner = "the application passed")
    {
        var passed = providers.Append(new MemoryStoreProvider()).Select(provider => provider.Name).Distinct().ToList();
        var hint = Nearest(name, passed) is { } nearest ? $" Did you mean {nearest}?" : "";
        return $"Provider '{name}' is unknown: {owner} {string.Join(", ", passed)}.{hint}";
    }

    /// <summary>The name of a store as its package has it: file names are case-sensitive on some systems, settings are not.</summary>
    public static string Proper(string name) =>
        Ours.FirstOrDefault(ours => ours.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? UsualNames.GetValueOrDefault(name, name);

    private static ISessionStoreProvider? Find(IEnumerable<ISessionStoreProvider> providers, string name) =>
        providers.Append(new MemoryStoreProvider()).FirstOrDefault(provider => provider.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static string Hint(string name) => Nearest(name, Ours) is { } nearest
        ? $"did you mean {nearest}?"
        : $"those of this collection are {string.Join(", ", Ours)}.";

    /// <summary>The nearest of some providers, by any of its names.</summary>
    private static string? Nearest(string name, IReadOnlyCollection<string> known)
    {
        var nearest = NearestName.Find(name, known.Concat(UsualNames.Keys.Where(usual => known.Contains(UsualNames[usual]))));
        return nearest is null ? null : UsualNames.GetValueOrDefault(nearest, nearest);
    }
}
