using System.Reflection;
using SessionStores.Conformance.Suites;

namespace SessionStores.Conformance;

/// <summary>All cases of the kit.</summary>
public static class ConformanceKit
{
    /// <summary>All cases, by group and in the order of the kit.</summary>
    public static IReadOnlyList<ConformanceCase> Cases { get; } =
    [
        .. from suite in typeof(ConformanceKit).Assembly.GetTypes()
           where suite.IsSubclassOf(typeof(ConformanceSuite))
           from method in suite.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
           let clause = method.GetCustomAttribute<ClauseAttribute>()
           where clause is not null
           orderby suite.Name, method.MetadataToken
           select new ConformanceCase(method, clause),
    ];

    /// <summary>Finds a case by its group and name, such as <c>Touch.Touch_moves_the_expiry_forward</c>.</summary>
    /// <exception cref="ArgumentException">There is no such case.</exception>
    public static ConformanceCase Find(string name) =>
        Cases.FirstOrDefault(each => each.ToString() == name)
        ?? throw new ArgumentException($"The kit has no case '{name}'.", nameof(name));
}
