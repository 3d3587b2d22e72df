using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

/// <summary>A store that turns lifetimes into instants in a way of its own, wherever it is given one.</summary>
public abstract class LifetimeMutant(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected abstract DateTimeOffset Turn(SessionLifetime lifetime);

    protected override DateTimeOffset ExpiryOf(SessionContent content) => Turn(content.Lifetime);

    protected override bool Touch(ReferenceTable table, string id, SessionLifetime lifetime) => base.Touch(table, id, Turn(lifetime));

    protected override bool TryExtend(SlidingExpiry slide, ReferenceRow row, out DateTimeOffset extended) =>
        base.TryExtend(new SlidingExpiry(slide.WhenRemainingBelow, Turn(slide.ExtendTo)), row, out extended);
}
