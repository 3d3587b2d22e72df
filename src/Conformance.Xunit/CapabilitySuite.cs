using System.Reflection;
using Xunit;

namespace SessionStores.Conformance;

/// <summary>The fixture declares what the store offers, and the test project runs all suites.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class CapabilitySuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    private static readonly List<Type> Suites = [.. typeof(ConformanceSuite).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(ConformanceSuite)))];

    /// <summary>Checks the test project, not the store: it is not a case of the kit.</summary>
    [Fact]
    public void No_suite_is_left_out_without_a_reason()
    {
        var missing = MissingLines(GetType().Assembly, Fixture.GetType(), Fixture.Waivers);

        Assert.True(missing.Count == 0, $"""
            {missing.Count} suites are not inherited for {Fixture.GetType().Name}. Add these lines, or leave groups out with a reason in {nameof(Fixture.Waivers)} of the fixture:
            {string.Join(Environment.NewLine, missing)}
            """);
    }

    /// <summary>The lines that inherit what is neither inherited nor left out.</summary>
    internal static IReadOnlyList<string> MissingLines(Assembly assembly, Type fixture, IReadOnlyDictionary<string, string> waivers)
    {
        var inherited = assembly.GetTypes()
            .Where(type => type is { IsAbstract: false } && type.IsSubclassOf(typeof(ConformanceSuite)) && Takes(type, fixture))
            .ToList();

        return
        [
            .. Suites.Where(suite => !waivers.ContainsKey(CasesAttribute.GroupOf(suite)) && !inherited.Exists(type => type.IsSubclassOf(suite)))
                .Select(suite => $"public sealed class {CasesAttribute.GroupOf(suite)}({fixture.Name} fixture) : {suite.Name}(fixture);").Order(StringComparer.Ordinal),
        ];
    }

    private static bool Takes(Type type, Type fixture) =>
        type.GetConstructors().Any(constructor => constructor.GetParameters().Any(parameter => parameter.ParameterType == fixture));
}
