using Xunit;

namespace SessionStores.Conformance;

/// <summary>Checks that a test project runs all suites of the kit. Inherit it once for each fixture, as the other suites.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class CompletenessSuite(SessionStoreFixture fixture)
{
    /// <summary>The suites that are left out on purpose, each with the reason.</summary>
    protected virtual IReadOnlyDictionary<Type, string> LeftOut { get; } = new Dictionary<Type, string>();

    /// <summary>Fails when a suite of the kit has no class in the test project and no reason in <see cref="LeftOut"/>.</summary>
    [Fact]
    public void No_suite_is_left_out_without_a_reason()
    {
        var problems = Problems(GetType().Assembly, fixture.GetType(), LeftOut);

        Assert.True(problems.Count == 0, string.Join(Environment.NewLine, problems));
    }

    internal static IReadOnlyList<string> Problems(
        System.Reflection.Assembly assembly, Type fixture, IReadOnlyDictionary<Type, string> leftOut)
    {
        var suites = typeof(ConformanceSuite).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(ConformanceSuite))).ToList();
        var inherited = assembly.GetTypes()
            .Where(type => type is { IsAbstract: false } && type.IsSubclassOf(typeof(ConformanceSuite)) && Takes(type, fixture))
            .ToList();

        return
        [
            .. suites.Where(suite => !leftOut.ContainsKey(suite) && !inherited.Exists(type => type.IsSubclassOf(suite)))
                .Select(suite => $"{suite.Name} is not inherited for {fixture.Name}. Add `public sealed class X({fixture.Name} fixture) : {suite.Name}(fixture);`, or name the reason in {nameof(LeftOut)}."),
            .. leftOut.Where(pair => string.IsNullOrWhiteSpace(pair.Value)).Select(pair => $"{pair.Key.Name} is left out without a reason."),
            .. leftOut.Keys.Where(suite => inherited.Exists(type => type.IsSubclassOf(suite))).Select(suite => $"{suite.Name} is named in {nameof(LeftOut)}, but inherited."),
            .. leftOut.Keys.Where(suite => !suites.Contains(suite)).Select(suite => $"{suite.Name} is named in {nameof(LeftOut)}, but is no suite of the kit."),
        ];
    }

    private static bool Takes(Type type, Type fixture) =>
        type.GetConstructors().Any(constructor => constructor.GetParameters().Any(parameter => parameter.ParameterType == fixture));
}
