namespace SessionStores;

/// <summary>What a caller writes: a payload, its expiry and its subject.</summary>
public readonly struct SessionContent
{
    /// <summary>Makes content to write.</summary>
    /// <param name="payload">A UTF-8 JSON object. A store copies it before its call returns.</param>
    /// <param name="expiresAt">The instant from which the session is expired, or <see cref="SessionExpiry.Never"/>. Rounded up to the
    /// next millisecond, in UTC.</param>
    /// <param name="subject">Whose session it is: 1 to 256 characters without control characters, or null.</param>
    public SessionContent(ReadOnlyMemory<byte> payload, DateTimeOffset expiresAt, string? subject = null)
    {
        Payload = payload;
        ExpiresAt = SessionExpiry.Normalize(expiresAt);
        Subject = subject;
    }

    /// <summary>A UTF-8 JSON object.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>The instant from which the session is expired: UTC, whole milliseconds, or <see cref="SessionExpiry.Never"/>.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>Whose session it is, or null.</summary>
    public string? Subject { get; }

    /// <summary>Names only the type: a payload does not belong in a log (L21).</summary>
    public override string ToString() => nameof(SessionContent);
}
