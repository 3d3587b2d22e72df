namespace SessionStores.Conformance;

/// <summary>Asks stores as their callers do.</summary>
internal static class StoreExtensions
{
    /// <summary>The capability that a case needs and that the fixture has declared.</summary>
    public static TCapability Require<TCapability>(this ISessionStore store)
        where TCapability : class => store.GetCapability<TCapability>() ?? throw new ConformanceException(
            $"Expected {store.GetType().Name}.GetCapability<{typeof(TCapability).Name}>() to return what the fixture declares, but it is null.");
}
