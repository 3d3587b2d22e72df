namespace SessionStores.Conformance;

/// <summary>A store does not do what a clause of the contract says.</summary>
/// <param name="message">What was expected and what was seen.</param>
/// <param name="innerException">What the store threw, if it threw.</param>
internal sealed class ConformanceException(string message, Exception? innerException = null) : Exception(message, innerException);
