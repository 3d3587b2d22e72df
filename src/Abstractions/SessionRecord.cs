namespace SessionStores;

/// <summary>A session as a store returns it.</summary>
/// <param name="id">The id under which the session is stored.</param>
/// <param name="payload">The payload, byte for byte as it was written. This memory does not change afterwards.</param>
/// <param name="expiresAt">The instant from which the session is expired, or <see cref="SessionExpiry.Never"/>.</param>
/// <param name="remaining">The life that was left when the session was read, by the clock of the store; null when it does not expire
/// (<see cref="SessionExpiry.Remaining"/>).</param>
/// <param name="subject">Whose session it is, or null.</param>
/// <param name="version">Represents the stored content; see <see cref="ISessionStore.ReplaceAsync"/>.</param>
/// <param name="key">The second key by which the session is found, or null.</param>
public sealed class SessionRecord(string id, ReadOnlyMemory<byte> payload, DateTimeOffset expiresAt, TimeSpan? remaining, string? subject, SessionVersion version, string? key = null)
{
    /// <summary>In ticks; the least number for null, so that a record with the field of the key is no larger than one without.</summary>
    private readonly long _remaining = remaining?.Ticks ?? long.MinValue;

    /// <summary>The id under which the session is stored. A secret: it gives access to the session.</summary>
    public string Id { get; } = id;

    /// <summary>The payload: a UTF-8 JSON object, byte for byte as it was written.</summary>
    public ReadOnlyMemory<byte> Payload { get; } = payload;

    /// <summary>The instant from which the session is expired, in UTC, or <see cref="SessionExpiry.Never"/>.</summary>
    public DateTimeOffset ExpiresAt { get; } = expiresAt;

    /// <summary>The life that was left when the session was read, by the clock of the store; null when it does not expire. The clock of the
    /// reader may differ from that of the store, so what is left is decided by this and not by <see cref="ExpiresAt"/>.</summary>
    public TimeSpan? Remaining => _remaining == long.MinValue ? null : TimeSpan.FromTicks(_remaining);

    /// <summary>Whose session it is, usually a user id, or null.</summary>
    public string? Subject { get; } = subject;

    /// <summary>The second key by which the session is found (<see cref="ISessionKeys"/>), or null.</summary>
    public string? Key { get; } = key;

    /// <summary>Represents the stored content when it was read.</summary>
    public SessionVersion Version { get; } = version;

    /// <summary>The same record with an empty payload and <c>default</c> as its version, as a listing without payloads has it.</summary>
    public SessionRecord WithoutPayload() => new(Id, default, ExpiresAt, Remaining, Subject, default, Key);

    /// <summary>Names only the type: neither id nor payload belongs in a log (L21).</summary>
    public override string ToString() => nameof(SessionRecord);
}
