namespace SessionStores.AspNetCore;

/// <summary>The name of a set of sessions that was added; empty for the default one.</summary>
internal sealed record SessionSetName(string Name);
