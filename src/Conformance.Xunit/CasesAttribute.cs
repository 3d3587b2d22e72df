using System.Reflection;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace SessionStores.Conformance;

/// <summary>Makes each case of the suite's group a test that is named by the test class and the case.</summary>
internal sealed class CasesAttribute : DataAttribute
{
    /// <summary>The group of a test class: <c>Touch</c> for a class that inherits <see cref="TouchSuite"/>.</summary>
    public static string GroupOf(Type suite)
    {
        while (suite.Assembly != typeof(CasesAttribute).Assembly)
            suite = suite.BaseType!;

        return suite.Name[..^"Suite".Length];
    }

    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker)
    {
        var suite = testMethod.ReflectedType!;
        var group = GroupOf(suite);
        return new([.. ConformanceKit.Cases.Where(each => each.Group == group).Select(each => RowOf(suite, each))]);
    }

    public override bool SupportsDiscoveryEnumeration() => true;

    private static TheoryDataRow<string> RowOf(Type suite, ConformanceCase each)
    {
        var row = new TheoryDataRow<string>(each.Name) { TestDisplayName = $"{suite.FullName}.{each.Name}", Label = "" };
        row.Traits["Case"] = [each.ToString()];
        row.Traits["Clause"] = [.. each.Clauses];
        return row;
    }
}
