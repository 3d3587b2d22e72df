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

    /// <summary>Runs cases without a test framework, writes the report and ends the fixture.</summary>
    /// <param name="fixture">The fixture, which has not ended.</param>
    /// <param name="options">How; null for all cases and the defaults.</param>
    /// <param name="cancellationToken">Ends the run; the fixture is ended all the same.</param>
    public static async Task<ConformanceReport> RunAsync(
        SessionStoreFixture fixture, ConformanceOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(fixture);
        options ??= new();
        fixture.State.Seed = options.Seed;
        var groups = Cases.Where(options.Only ?? (_ => true)).GroupBy(each => each.Group);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Parallelism, CancellationToken = cancellationToken };
        ConformanceReport? report = null;
        try
        {
            await Parallel.ForEachAsync(groups, parallel, async (group, token) =>
            {
                foreach (var each in group)
                {
                    var result = await each.RunAsync(fixture, token);
                    options.Progress?.Invoke(result);
                }
            });
        }
        finally
        {
            report = await fixture.EndAsync();
        }

        if (report is null)
            throw new InvalidOperationException($"{fixture.GetType().Name} has ended. Create a fixture for each run.");

        await ReportFiles.WriteAsync(options.ReportFolder ?? fixture.ReportFolder, report);
        return report;
    }
}
