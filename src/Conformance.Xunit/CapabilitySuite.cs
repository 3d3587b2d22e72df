using System.Reflection;
using Xunit;

namespace SessionStores.Conformance;

/// <summary>The fixture declares what the store offers, and the test project runs all suites.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class CapabilitySuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    private static readonly List<Type> Suites = [.. typeof(ConformanceSuite).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(ConformanceSuite)))];

    /// <summary>The suites that are left out on purpose, each with the reason.</summary>
    protected virtual IReadOnlyDictionary<Type, string> LeftOut { get; } = new Dictionary<Type, string>();

    /// <summary>Checks the test project, not the store: it is not a case of the kit.</summary>
    [Fact]
    public void No_suite_is_left_out_without_a_reason()
    {
        var problems = Problems(GetType().Assembly, Fixture.GetType(), LeftOut);

        Assert.True(problems.Count == 0, string.Join(Environment.NewLine, problems));
    }

    internal static IReadOnlyList<string> Problems(Assembly assembly, Type fixture, IReadOnlyDictionary<Type, string> leftOut)
    {
        var inherited = assembly.GetTypes()
            .Where(type => type is { IsAbstract: false } && type.IsSubclassOf(typeof(ConformanceSuite)) && Takes(type, fixture))
            .ToList();

        return
        [
            .. Suites.Where(suite => !leftOut.ContainsKey(suite) && !inherited.Exists(type => type.IsSubclassOf(suite)))
                .Select(suite => $"{suite.Name} is not inherited for {fixture.Name}. Add `public sealed class {CasesAttribute.GroupOf(suite)}({fixture.Name} fixture) : {suite.Name}(fixture);`, or give the reason in {nameof(LeftOut)}."),
            .. leftOut.Where(pair => string.IsNullOrWhiteSpace(pair.Value)).Select(pair => $"{pair.Key.Name} is left out without a reason. Give one in {nameof(LeftOut)}."),
            .. leftOut.Keys.Where(suite => inherited.Exists(type => type.IsSubclassOf(suite))).Select(suite => $"{suite.Name} is in {nameof(LeftOut)}, but inherited. Remove one of the two."),
            .. leftOut.Keys.Where(suite => !Suites.Contains(suite)).Select(suite => $"{suite.Name} is in {nameof(LeftOut)}, but is not a suite of the kit. Remove it."),
        ];
    }

    private static bool Takes(Type type, Type fixture) =>
        type.GetConstructors().Any(constructor => constructor.GetParameters().Any(parameter => parameter.ParameterType == fixture));
}
