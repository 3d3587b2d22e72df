namespace SessionStores;

/// <summary>Identifies the content of a stored session, so that a writer can tell whether it is still what it loaded (L6).</summary>
/// <remarks>
/// Callers compare versions and pass them back; only the store that created a version reads its bytes. A store derives it from the
/// stored content, either the bytes themselves or a digest of them, and never from a counter beside the content: a peer that writes
/// without reading would not advance a counter.
/// </remarks>
public readonly struct SessionVersion : IEquatable<SessionVersion>
{
    private SessionVersion(ReadOnlyMemory<byte> content, string? subject)
    {
        Content = content;
        Subject = subject;
    }

    /// <summary>The stored bytes themselves or a digest of them. For the store that created the version; it may be a secret.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>The subject, where the store keeps it beside the bytes.</summary>
    public string? Subject { get; }

    /// <summary>Creates a version from memory that is not changed afterwards.</summary>
    /// <param name="content">The stored bytes or a digest of them.</param>
    /// <param name="subject">The subject, where the store keeps it beside the bytes.</param>
    public static SessionVersion Of(ReadOnlyMemory<byte> content, string? subject = null) => new(content, subject);

    /// <summary>Two versions are equal when they identify the same content.</summary>
    public bool Equals(SessionVersion other) => Content.Span.SequenceEqual(other.Content.Span) && Subject == other.Subject;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SessionVersion other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Content.Span);
        hash.Add(Subject);
        return hash.ToHashCode();
    }

    /// <summary>Whether two versions identify the same content.</summary>
    public static bool operator ==(SessionVersion left, SessionVersion right) => left.Equals(right);

    /// <summary>Whether two versions identify different content.</summary>
    public static bool operator !=(SessionVersion left, SessionVersion right) => !left.Equals(right);

    /// <summary>Returns the type name only: the content may be the payload itself (L21).</summary>
    public override string ToString() => nameof(SessionVersion);
}
