using System.Reflection;

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

    /// <summary>Finds a case.</summary>
    /// <exception cref="ArgumentException">There is no such case.</exception>
    public static ConformanceCase Find(string group, string name) =>
        Cases.FirstOrDefault(each => each.Group == group && each.Name == name)
        ?? throw new ArgumentException($"The kit has no case {group}.{name}.", nameof(name));

    /// <summary>Runs cases one after the other, without a test runner. Dispose the fixture afterwards to get the report.</summary>
    /// <param name="fixture">The store to check.</param>
    /// <param name="only">Says which cases to run; null for all.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public static async Task<IReadOnlyList<CaseResult>> RunAsync(
        SessionStoreFixture fixture, Func<ConformanceCase, bool>? only = null, CancellationToken cancellationToken = default)
    {
        var results = new List<CaseResult>();
        foreach (var each in Cases.Where(only ?? (_ => true)))
            results.Add(await each.RunAsync(fixture, cancellationToken));

        return results;
    }
}
