using System.Reflection;
using Xunit;

namespace SessionStores.Conformance;

/// <summary>The fixture declares what the store offers, and the test project runs all suites.</summary>
/// <param name="fixture">The fixture of the store.</param>
public class CapabilitySuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    /// <summary>The suites that are left out on purpose, each with the reason.</summary>
    protected virtual IReadOnlyDictionary<Type, string> LeftOut { get; } = new Dictionary<Type, string>();

    [Fact, Clause("L13")]
    public Task Enumeration_is_declared_if_the_store_has_it() => RunAsync(() =>
        DeclaredAsync<ISessionEnumeration>(StoreCapabilities.Enumeration));

    [Fact, Clause("L14")]
    public Task Subjects_are_declared_if_the_store_has_them() => RunAsync(() => DeclaredAsync<ISessionSubjects>(StoreCapabilities.Subjects));

    [Fact, Clause("L15")]
    public Task Pruning_is_declared_if_the_store_has_it() => RunAsync(() => DeclaredAsync<ISessionPruning>(StoreCapabilities.Pruning));

    /// <summary>Checks the test project, not the store: it is not a case of the kit.</summary>
    [Fact]
    public void No_suite_is_left_out_without_a_reason()
    {
        var problems = Problems(GetType().Assembly, Fixture.GetType(), LeftOut);

        Assert.True(problems.Count == 0, string.Join(Environment.NewLine, problems));
    }

    internal static IReadOnlyList<string> Problems(Assembly assembly, Type fixture, IReadOnlyDictionary<Type, string> leftOut)
    {
        var suites = typeof(ConformanceSuite).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(ConformanceSuite))).ToList();
        var inherited = assembly.GetTypes()
            .Where(type => type is { IsAbstract: false } && type.IsSubclassOf(typeof(ConformanceSuite)) && Takes(type, fixture))
            .ToList();

        return
        [
            .. suites.Where(suite => !leftOut.ContainsKey(suite) && !inherited.Exists(type => type.IsSubclassOf(suite)))
                .Select(suite => $"{suite.Name} is not inherited for {fixture.Name}. Add `public sealed class X({fixture.Name} fixture) : {suite.Name}(fixture);`, or give the reason in {nameof(LeftOut)}."),
            .. leftOut.Where(pair => string.IsNullOrWhiteSpace(pair.Value)).Select(pair => $"{pair.Key.Name} is left out without a reason. Give one in {nameof(LeftOut)}."),
            .. leftOut.Keys.Where(suite => inherited.Exists(type => type.IsSubclassOf(suite))).Select(suite => $"{suite.Name} is in {nameof(LeftOut)}, but inherited. Remove one of the two."),
            .. leftOut.Keys.Where(suite => !suites.Contains(suite)).Select(suite => $"{suite.Name} is in {nameof(LeftOut)}, but is not a suite of the kit. Remove it."),
        ];
    }

    private static bool Takes(Type type, Type fixture) =>
        type.GetConstructors().Any(constructor => constructor.GetParameters().Any(parameter => parameter.ParameterType == fixture));

    private async Task DeclaredAsync<TCapability>(StoreCapabilities capability)
        where TCapability : class
    {
        var store = await OpenAsync();

        Expect.Equal(store.GetCapability<TCapability>() is not null, Context.Offers(capability), $"the fixture's declaration of {capability}");
    }
}
