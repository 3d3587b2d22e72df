using System.Runtime.InteropServices;

namespace SessionStores;

/// <summary>Identifies the content of a stored session, so that a writer can tell whether it is still what it loaded (L6).</summary>
/// <remarks>
/// Callers compare versions and pass them back; only the store that created a version reads its bytes. A store derives it from the
/// stored content, either the bytes themselves or a digest of them, and never from a counter beside the content: a peer that writes
/// without reading would not advance a counter.
/// </remarks>
public readonly struct SessionVersion : IEquatable<SessionVersion>
{
    /// <summary>The empty content of <see cref="Any"/> is a piece of this array, so that records carry no further field for it.</summary>
    private static readonly byte[] AnyMark = [0];

    private SessionVersion(ReadOnlyMemory<byte> content, string? subject)
    {
        Content = content;
        Subject = subject;
    }

    /// <summary>Identifies whatever content is there: a replace or rotation with it overwrites a live session without a look at its content.</summary>
    /// <remarks>Nothing is default: <c>default(SessionVersion)</c> identifies no content and is refused, so that a version that was never loaded does
    /// not overwrite what another writer stored.</remarks>
    public static SessionVersion Any => new(AnyMark.AsMemory(0, 0), null);

    /// <summary>The stored bytes themselves or a digest of them. For the store that created the version; it may be a secret.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>The subject, where the store keeps it beside the bytes.</summary>
    public string? Subject { get; }

    /// <summary>Whether this is <see cref="Any"/>.</summary>
    public bool IsAny => Content.IsEmpty && MemoryMarshal.TryGetArray(Content, out var piece) && piece.Array == AnyMark;

    /// <summary>Creates a version from memory that is not changed afterwards.</summary>
    /// <param name="content">The stored bytes or a digest of them; not empty.</param>
    /// <param name="subject">The subject, where the store keeps it beside the bytes.</param>
    public static SessionVersion Of(ReadOnlyMemory<byte> content, string? subject = null) => new(content, subject);

    /// <summary>Two versions are equal when they identify the same content.</summary>
    public bool Equals(SessionVersion other) => IsAny == other.IsAny && Content.Span.SequenceEqual(other.Content.Span) && Subject == other.Subject;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SessionVersion other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Content.Span);
        hash.Add(Subject);
        hash.Add(IsAny);
        return hash.ToHashCode();
    }

    /// <summary>Whether two versions identify the same content.</summary>
    public static bool operator ==(SessionVersion left, SessionVersion right) => left.Equals(right);

    /// <summary>Whether two versions identify different content.</summary>
    public static bool operator !=(SessionVersion left, SessionVersion right) => !left.Equals(right);

    /// <summary>Returns the type name only: the content may be the payload itself (L21).</summary>
    public override string ToString() => nameof(SessionVersion);
}
