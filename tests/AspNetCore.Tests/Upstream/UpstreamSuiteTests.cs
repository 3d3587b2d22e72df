using System.Text.RegularExpressions;

namespace SessionStores.AspNetCore.Tests.Upstream;

/// <summary>UpstreamSuite.md says for each case of express-session's suite which test of ours covers it, or why none does.</summary>
public sealed partial class UpstreamSuiteTests
{
    private static readonly (string File, string Case, string Cover)[] Rows =
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "UpstreamSuite.md"))
            .Select(line => Row().Match(line))
            .Where(match => match.Success)
            .Select(match => (match.Groups["file"].Value, match.Groups["case"].Value, match.Groups["cover"].Value)),
    ];

    [Fact]
    public void Every_case_of_both_files_is_listed()
    {
        Assert.Equal(142, Rows.Count(row => row.File == "session.js"));
        Assert.Equal(18, Rows.Count(row => row.File == "cookie.js"));
        Assert.Equal(160, Rows.Select(row => row.Case).Distinct().Count());
    }

    [Fact]
    public void Every_named_test_exists()
    {
        var tests = typeof(UpstreamSuiteTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods().Where(method => method.GetCustomAttributes(typeof(FactAttribute), inherit: true).Length > 0)
                .Select(method => $"{type.Name}.{method.Name}"))
            .ToHashSet();

        foreach (var (_, name, cover) in Rows)
        {
            foreach (Match test in Test().Matches(cover))
                Assert.True(tests.Contains(test.Groups["name"].Value), $"{name}: there is no test {test.Groups["name"].Value}.");
        }
    }

    [Fact]
    public void Few_cases_have_no_test_and_each_of_them_a_reason()
    {
        var without = Rows.Where(row => !Test().IsMatch(row.Cover)).ToList();

        Assert.True(without.Count <= 20, $"{without.Count} cases have no test.");
        Assert.All(without, row => Assert.True(row.Cover.Length > 20, $"{row.Case} has neither a test nor a reason."));
    }

    [GeneratedRegex(@"^\| (?<case>(?<file>session\.js|cookie\.js):\d+) \|[^|]+\| (?<cover>[^|]+) \|$")]
    private static partial Regex Row();

    [GeneratedRegex("`(?<name>[A-Za-z]+\\.[A-Za-z_0-9]+)`")]
    private static partial Regex Test();
}
