namespace SessionStores;

/// <summary>What a caller writes: a payload, its lifetime, its subject and its key.</summary>
public readonly struct SessionContent
{
    /// <summary>Makes content to write.</summary>
    /// <param name="payload">A UTF-8 JSON object. A store copies it before its call returns.</param>
    /// <param name="lifetime">How long the session lives from this write: a <see cref="TimeSpan"/> of idle time, which the clock of the
    /// store counts, a <see cref="DateTimeOffset"/> at which it ends, or both.</param>
    /// <param name="subject">Whose session it is: 1 to 256 characters without control characters, or null.</param>
    /// <param name="key">A second key by which the session is found (<see cref="ISessionKeys"/>), with the limits of a subject, or null.</param>
    public SessionContent(ReadOnlyMemory<byte> payload, SessionLifetime lifetime, string? subject = null, string? key = null)
    {
        Payload = payload;
        Lifetime = lifetime;
        Subject = subject;
        Key = key;
    }

    /// <summary>A UTF-8 JSON object.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>How long the session lives from this write. The store turns it into an instant by its own clock.</summary>
    public SessionLifetime Lifetime { get; }

    /// <summary>Whose session it is, or null.</summary>
    public string? Subject { get; }

    /// <summary>A second key by which the session is found, such as the <c>sid</c> of an identity provider, or null (L24).</summary>
    public string? Key { get; }

    /// <summary>Names only the type: a payload does not belong in a log (L21).</summary>
    public override string ToString() => nameof(SessionContent);
}
