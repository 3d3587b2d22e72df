namespace SessionStores.Interop.Tests.Servers;

/// <summary>A record as it lies at the server.</summary>
/// <param name="Text">The stored JSON, character for character.</param>
/// <param name="Remaining">How long it still lives; null for ever.</param>
internal sealed record StoredRecord(string Text, TimeSpan? Remaining);
