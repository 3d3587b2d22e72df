using System.Collections.Concurrent;
using System.Reflection;
using SessionStores.Conformance.Tests.Mutants;
using SessionStores.Conformance.Tests.Reference;
using Xunit.Sdk;
using Xunit.v3;

// Mutants that hang or lag behind take their time; others are run in the meantime.
[assembly: Parallelization(Mode = ParallelMode.All, MaxThreads = 4)]

namespace SessionStores.Conformance.Tests;

/// <summary>The kit is only worth something if it fails broken stores: each mutant is caught by the cases that are meant to catch it.</summary>
public sealed class MutantTests(MutantCountFixture count) : IClassFixture<MutantCountFixture>
{
    private static readonly IReadOnlyList<Type> Mutants =
        [.. typeof(MutantTests).Assembly.GetTypes().Where(type => type.GetCustomAttribute<CaughtByAttribute>() is not null).OrderBy(type => type.Name)];

    public static TheoryData<string> Names => [.. Mutants.Select(mutant => mutant.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_mutant_is_caught_by_the_cases_meant_to_catch_it(string name)
    {
        var mutant = Mutants.Single(type => type.Name == name);
        var expected = mutant.GetCustomAttribute<CaughtByAttribute>()!;
        count.Begin(name);

        foreach (var each in expected.Cases)
        {
            var fixture = MutantFixture.For(mutant);
            var result = await ConformanceKit.Find(each).RunAsync(fixture, TestContext.Current.CancellationToken);
            Assert.True(result.Outcome == CaseOutcome.Failed, $"{name} is not caught by {each}: {result.Outcome} {result.Reason}");
            Assert.True(expected.CaseTimeoutSeconds < 30 || !result.Reason!.Contains("a call hangs", StringComparison.Ordinal), $"{name} hangs in {each}.");
        }

        count.Caught(name);
    }

    [Fact]
    public void There_are_636_mutants() => Assert.Equal(636, Mutants.Count);

    [Fact]
    public void Every_group_catches_a_mutant()
    {
        var caught = Mutants.SelectMany(mutant => mutant.GetCustomAttribute<CaughtByAttribute>()!.Cases).Select(each => each.Split('.')[0]);

        Assert.Empty(ConformanceKit.Cases.Select(each => each.Group).Distinct().Except(caught));
    }

    [Fact]
    public void Every_mutant_differs_from_the_reference_store() =>
        Assert.All(Mutants, mutant => Assert.True(mutant.IsAssignableTo(typeof(ReferenceStore)) || mutant.IsAssignableTo(typeof(ReferenceFixture))));
}

/// <summary>Counts the mutants that were run and caught, and says so at the end.</summary>
public sealed class MutantCountFixture : IDisposable
{
    private readonly ConcurrentDictionary<string, bool> _mutants = [];

    public void Begin(string name) => _mutants[name] = false;

    public void Caught(string name) => _mutants[name] = true;

    public void Dispose() => Console.WriteLine($"mutants: {_mutants.Count(pair => pair.Value)} of {_mutants.Count} caught");
}
