using System.Reflection;
using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

/// <summary>Hands the kit a mutant in place of the reference store.</summary>
public sealed class MutantFixture(Type mutant, TimeSpan caseTimeout) : ReferenceFixture
{
    public override string Name => mutant.Name;

    public override TimeSpan CaseTimeout => caseTimeout;

    // On a busy machine each mutant still meets every round.
    public override TimeSpan RaceTime => TimeSpan.MaxValue;

    public static ReferenceFixture For(Type mutant) => mutant.IsAssignableTo(typeof(SessionStoreFixture))
        ? (ReferenceFixture)Activator.CreateInstance(mutant)!
        : new MutantFixture(mutant, TimeSpan.FromSeconds(mutant.GetCustomAttribute<CaughtByAttribute>()!.CaseTimeoutSeconds));

    protected override ISessionStore Create(ReferenceServer server, string name, StoreSettings settings) =>
        (ISessionStore)Activator.CreateInstance(mutant, server, name, settings)!;
}
