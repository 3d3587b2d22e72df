namespace SessionStores.Conformance;

/// <summary>Ends a case that finds that the fixture does not offer what it needs.</summary>
internal sealed class NotOfferedException(string reason) : Exception(reason);
