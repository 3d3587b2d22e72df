using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests;

/// <summary>A decorated store is tested like any other, with the capabilities that it offers.</summary>
public sealed class DecoratorTests
{
    [Fact]
    public async Task A_decorator_that_forwards_offers_what_the_wrapped_store_offers_and_passes_the_kit()
    {
        var results = await RunAsync(new DecoratedFixture(), "Capability", "Enumeration", "Subject", "Pruning", "Touch", "Disposal");

        Assert.All(results, result => Assert.True(result.Passed, $"{result.Case}: {result.Reason}"));
    }

    [Fact]
    public async Task A_decorator_can_hide_a_capability()
    {
        var results = await RunAsync(new HidingFixture(offersSubjects: false), "Capability", "Subject");

        Assert.All(results, result => Assert.Equal(result.Case.Group == "Subject" ? CaseOutcome.NotOffered : CaseOutcome.Passed, result.Outcome));
    }

    [Fact]
    public async Task A_capability_that_is_declared_and_hidden_fails()
    {
        var results = await RunAsync(new HidingFixture(offersSubjects: true), "Capability", "Subject");

        Assert.Equal(
            ["Capability.Subjects_are_declared_if_the_store_has_them", .. ConformanceKit.Cases.Where(each => each.Group == "Subject").Select(each => each.ToString())],
            results.Where(result => result.Outcome == CaseOutcome.Failed).Select(result => result.Case.ToString()));
    }

    [Fact]
    public async Task A_decorator_finds_the_class_of_the_wrapped_store()
    {
        await using var fixture = new DecoratedFixture();
        var store = await fixture.CreateStoreAsync("here", new StoreSettings());

        Assert.NotNull(store.GetCapability<ReferenceStore>());
        Assert.Same(store, store.GetCapability<LoggingStore>());
        Assert.Null(store.GetCapability<IServiceProvider>());
    }

    private static Task<IReadOnlyList<CaseResult>> RunAsync(SessionStoreFixture fixture, params string[] groups) =>
        fixture.RunAsync(name => groups.Contains(name.Split('.')[0]), TestContext.Current.CancellationToken);

    private sealed class DecoratedFixture : ReferenceFixture
    {
        public override string Name => "decorated";

        protected override ISessionStore Create(ReferenceServer server, string name, StoreSettings settings) =>
            new LoggingStore(base.Create(server, name, settings), line => settings.Log?.Invoke(line));
    }

    private sealed class HidingFixture(bool offersSubjects) : ReferenceFixture
    {
        public override string Name => "hiding";

        public override StoreCapabilities Capabilities => offersSubjects ? base.Capabilities : base.Capabilities & ~StoreCapabilities.Subjects;

        protected override ISessionStore Create(ReferenceServer server, string name, StoreSettings settings) =>
            new HidingStore(base.Create(server, name, settings));
    }

    private sealed class HidingStore(ISessionStore inner) : LoggingStore(inner, _ => { })
    {
        public override TCapability? GetCapability<TCapability>()
            where TCapability : class => typeof(TCapability) == typeof(ISessionSubjects) ? null : base.GetCapability<TCapability>();
    }
}
