namespace SessionStores;

/// <summary>What a caller writes: a payload, its lifetime and its subject.</summary>
public readonly struct SessionContent
{
    /// <summary>Makes content to write.</summary>
    /// <param name="payload">A UTF-8 JSON object. A store copies it before its call returns.</param>
    /// <param name="lifetime">How long the session lives from this write: a <see cref="TimeSpan"/> of idle time, which the clock of the
    /// store counts, a <see cref="DateTimeOffset"/> at which it ends, or both.</param>
    /// <param name="subject">Whose session it is: 1 to 256 characters without control characters, or null.</param>
    public SessionContent(ReadOnlyMemory<byte> payload, SessionLifetime lifetime, string? subject = null)
    {
        Payload = payload;
        Lifetime = lifetime;
        Subject = subject;
    }

    /// <summary>A UTF-8 JSON object.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>How long the session lives from this write. The store turns it into an instant by its own clock.</summary>
    public SessionLifetime Lifetime { get; }

    /// <summary>Whose session it is, or null.</summary>
    public string? Subject { get; }

    /// <summary>Names only the type: a payload does not belong in a log (L21).</summary>
    public override string ToString() => nameof(SessionContent);
}
