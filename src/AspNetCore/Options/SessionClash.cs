namespace SessionStores.AspNetCore;

/// <summary>Two requests assigned different values to one member. Values are JSON text; null means that the member does not exist.</summary>
/// <param name="Member">The name of the member.</param>
/// <param name="Original">The value that this request loaded.</param>
/// <param name="Theirs">The value that the other request stored.</param>
/// <param name="Ours">The value that this request assigned.</param>
public sealed record SessionClash(string Member, ReadOnlyMemory<byte>? Original, ReadOnlyMemory<byte>? Theirs, ReadOnlyMemory<byte>? Ours)
{
    /// <summary>Returns only the name of the member: values must not be logged.</summary>
    public override string ToString() => $"{nameof(SessionClash)} of {Member}";
}
