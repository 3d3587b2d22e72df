using System.CommandLine;
using System.IO.Enumeration;
using SessionStores.Conformance;

namespace SessionStores.Tool;

/// <summary><c>sessionstores kit</c>: the cases of the conformance kit, without a test framework.</summary>
internal static class KitCommand
{
    private static readonly Option<string> AssemblyPath = new("--assembly") { Description = "The assembly with the fixture, such as bin/Debug/net10.0/My.Tests.dll.", Required = true };
    private static readonly Option<string[]> Fixture = new("--fixture") { Description = "The class of a fixture; may be given several times. All of them when left out." };
    private static readonly Option<string[]> Filter = new("--filter") { Description = "A group, a clause or the name of a case, with * for any text; may be given several times." };
    private static readonly Option<string?> Report = new("--report") { Description = "The folder for the report, instead of that of the fixture." };
    private static readonly Option<ulong?> Seed = new("--seed") { Description = "The seed that a failure named, to replay it." };
    private static readonly Option<bool> Json = new("--json") { Description = "Prints the reports as a JSON array, and nothing else." };

    public static Command Create()
    {
        var command = new Command("kit", "Runs the conformance kit on the store of a fixture. Exits with 0 when it passed, 1 when a case failed or none could run, 2 when the command is wrong.")
        {
            AssemblyPath, Fixture, Filter, Report, Seed, Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var output = new KitOutput(arguments.InvocationConfiguration.Output, arguments.GetValue(Json));
        try
        {
            var fixtures = Select(StoreAssembly.FixturesOf(arguments.GetValue(AssemblyPath)!), arguments.GetValue(Fixture) ?? []);
            var filters = arguments.GetValue(Filter) ?? [];
            CheckFilters(filters);
            var reports = new List<ConformanceReport>();
            foreach (var fixture in fixtures)
            {
                output.Begin(fixture.Name);
                var report = await ConformanceKit.RunAsync((SessionStoreFixture)Activator.CreateInstance(fixture)!, new ConformanceOptions
                {
                    Only = filters.Length == 0 ? null : each => Array.Exists(filters, filter => Matches(filter, each)),
                    Seed = arguments.GetValue(Seed),
                    ReportFolder = arguments.GetValue(Report),
                    Progress = output.Show,
                }, cancellationToken);
                reports.Add(report);
                output.End(report, result => Repeat(arguments, fixture, result));
            }

            output.Close(reports);
            return reports.TrueForAll(report => report.Passed) ? ExitCode.Success : ExitCode.Failure;
        }
        catch (UsageException failure)
        {
            await arguments.InvocationConfiguration.Error.WriteLineAsync(failure.Message);
            return ExitCode.Usage;
        }
    }

    private static List<Type> Select(IReadOnlyList<Type> fixtures, string[] names)
    {
        if (names.Length == 0)
            return [.. fixtures];

        var unknown = names.FirstOrDefault(name => !fixtures.Any(fixture => fixture.Name == name));
        return unknown is null
            ? [.. fixtures.Where(fixture => names.Contains(fixture.Name))]
            : throw new UsageException($"There is no fixture '{unknown}'. The assembly has {string.Join(", ", fixtures.Select(fixture => fixture.Name))}.");
    }

    private static void CheckFilters(string[] filters)
    {
        if (Array.Find(filters, filter => !ConformanceKit.Cases.Any(each => Matches(filter, each))) is { } idle)
            throw new UsageException($"The filter '{idle}' selects no case. Groups: {string.Join(", ", ConformanceKit.Cases.Select(each => each.Group).Distinct())}; clauses: L1 to L24; cases: such as *never_shortens.");
    }

    private static bool Matches(string filter, ConformanceCase each) =>
        each.Group == filter || each.Clauses.Contains(filter) || FileSystemName.MatchesSimpleExpression(filter, each.ToString());

    private static string Repeat(ParseResult arguments, Type fixture, CaseResult result) =>
        $"sessionstores kit --assembly {arguments.GetValue(AssemblyPath)} --fixture {fixture.Name} --filter {result.Name} --seed {result.Seed}";
}
