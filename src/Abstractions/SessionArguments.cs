using System.Buffers;
using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace SessionStores;

/// <summary>The limits of the contract, and the argument checks that every store makes before any I/O (L16, L17). The messages never repeat the argument.</summary>
public static class SessionArguments
{
    /// <summary>The longest id, in UTF-16 characters: 256.</summary>
    public const int MaxIdLength = 256;

    /// <summary>The longest subject, in UTF-16 characters: 256.</summary>
    public const int MaxSubjectLength = 256;

    /// <summary>The deepest nesting of a payload that a store writes: 1,000 levels.</summary>
    public const int MaxPayloadDepth = 1000;

    /// <summary>The limit on a payload unless the options of the store set another: 1,048,576 bytes (1 MiB).</summary>
    public const int DefaultMaxPayloadBytes = 1 << 20;

    private static readonly byte[] Subject = Encoding.UTF8.GetBytes(ReservedMembers.Subject);
    private static readonly byte[] Key = Encoding.UTF8.GetBytes(ReservedMembers.Key);

    /// <summary>Checks a session id: 1 to 256 characters, no control characters, well-formed UTF-16.</summary>
    /// <exception cref="ArgumentException">The id is invalid.</exception>
    public static void ThrowIfInvalidId(string? id, [CallerArgumentExpression(nameof(id))] string? parameter = null) =>
        ThrowIfInvalidText(id, "A session id", MaxIdLength, parameter);

    /// <summary>Checks a subject: 1 to 256 characters, no control characters, well-formed UTF-16.</summary>
    /// <exception cref="ArgumentException">The subject is invalid.</exception>
    public static void ThrowIfInvalidSubject(string? subject, [CallerArgumentExpression(nameof(subject))] string? parameter = null) =>
        ThrowIfInvalidText(subject, "A subject", MaxSubjectLength, parameter);

    /// <summary>Checks a key: 1 to 256 characters, no control characters, well-formed UTF-16.</summary>
    /// <exception cref="ArgumentException">The key is invalid.</exception>
    public static void ThrowIfInvalidKey(string? key, [CallerArgumentExpression(nameof(key))] string? parameter = null) =>
        ThrowIfInvalidText(key, "A key", MaxSubjectLength, parameter);

    /// <summary>Checks the session ids that a call leaves out.</summary>
    /// <param name="ids">The ids; null for none.</param>
    /// <param name="parameter">The name of the argument.</param>
    /// <returns>The ids, each once, compared ordinally.</returns>
    /// <exception cref="ArgumentException">An id is invalid.</exception>
    public static IReadOnlySet<string> DistinctIds(IReadOnlyCollection<string>? ids, [CallerArgumentExpression(nameof(ids))] string? parameter = null)
    {
        if (ids is null or { Count: 0 })
            return FrozenSet<string>.Empty;

        foreach (var id in ids)
            ThrowIfInvalidText(id, "A session id", MaxIdLength, parameter);

        return new HashSet<string>(ids, StringComparer.Ordinal);
    }

    /// <summary>Checks content to write: the payload is a UTF-8 JSON object within the limit, the subject is null or valid, and so is
    /// the key in a store that keeps keys.</summary>
    /// <param name="content">The content.</param>
    /// <param name="maxPayloadBytes">The limit of the store, in bytes.</param>
    /// <param name="keepsKeys">Whether the store offers <see cref="ISessionKeys"/>. Another one refuses content with a key.</param>
    /// <exception cref="SessionPayloadTooLargeException">The payload is over the limit.</exception>
    /// <exception cref="ArgumentException">The payload is not a UTF-8 JSON object of at most 1,000 levels, the subject or key is invalid, or
    /// there is a key that the store does not keep.</exception>
    public static void ThrowIfInvalidContent(in SessionContent content, int maxPayloadBytes = DefaultMaxPayloadBytes, bool keepsKeys = false)
    {
        if (content.Payload.Length > maxPayloadBytes)
            throw new SessionPayloadTooLargeException(content.Payload.Length, maxPayloadBytes);

        if (content.Subject is not null)
            ThrowIfInvalidText(content.Subject, "A subject", MaxSubjectLength, nameof(content));

        if (content.Key is not null)
        {
            ThrowIfInvalidText(content.Key, "A key", MaxSubjectLength, nameof(content));
            if (!keepsKeys)
                throw new ArgumentException("The content has a key, but this store keeps none: it does not offer ISessionKeys. Use a store that does, where needed by an option, or leave the key out.", nameof(content));
        }

        var problem = ProblemOf(content.Payload.Span);
        if (problem is not null)
            throw new ArgumentException($"A session payload must be a UTF-8 JSON object of at most 1,000 levels, but {problem}.", nameof(content));
    }

    /// <summary>Checks the version of a replace or rotation: it was loaded, or is <see cref="SessionVersion.Any"/>.</summary>
    /// <param name="version">The version.</param>
    /// <param name="parameter">The name of the argument.</param>
    /// <exception cref="ArgumentException">The version is <c>default(SessionVersion)</c>, or of empty content.</exception>
    public static void ThrowIfInvalidVersion(SessionVersion version, [CallerArgumentExpression(nameof(version))] string? parameter = null)
    {
        if (version.Content.IsEmpty && !version.IsAny)
        {
            throw new ArgumentException(
                "The version is default(SessionVersion), which identifies no content. Pass the version of the record that was loaded, or SessionVersion.Any for whatever is there.", parameter);
        }
    }

    /// <summary>Checks what is written with a cap (<see cref="ISessionCaps"/>).</summary>
    /// <param name="content">The content, which must have a subject.</param>
    /// <param name="cap">The cap.</param>
    /// <exception cref="ArgumentException">The content has no subject, or the cap is <c>default(SessionCap)</c>.</exception>
    public static void ThrowIfInvalidCap(in SessionContent content, SessionCap cap)
    {
        if (content.Subject is null)
            throw new ArgumentException("Content that is written with a cap must have a subject, whose sessions are counted.", nameof(content));

        if (cap.Most == 0)
            throw new ArgumentException("The cap is default(SessionCap). Create one with SessionCap.Refuse or SessionCap.EndOldest.", nameof(cap));
    }

    private static string? ProblemOf(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
            return "it is empty";

        if (!Utf8.IsValid(payload))
            return "it is not UTF-8";

        var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = MaxPayloadDepth });
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                return "it is JSON of another kind";

            while (reader.Read())
            {
                if (reader is not { CurrentDepth: 1, TokenType: JsonTokenType.PropertyName })
                    continue;

                if (JsonMembers.IsNamed(ref reader, Subject))
                    return $"it has a member {ReservedMembers.Subject}, which is reserved";

                if (JsonMembers.IsNamed(ref reader, Key))
                    return $"it has a member {ReservedMembers.Key}, which is reserved";
            }
        }
        catch (JsonException)
        {
            // The exception's own text quotes the payload.
            return "it is not JSON, or nested deeper";
        }

        return null;
    }

    private static void ThrowIfInvalidText(string? text, string what, int maxLength, string? parameter)
    {
        ArgumentNullException.ThrowIfNull(text, parameter);
        if (text.Length is 0 || text.Length > maxLength)
            throw new ArgumentException($"{what} must be 1 to {maxLength} characters, but has {text.Length}.", parameter);

        // Nearly all ids and subjects are printable ASCII, which has neither control characters nor surrogates.
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return;

        foreach (var character in text)
        {
            if (char.IsControl(character))
                throw new ArgumentException($"{what} must not contain control characters, but has U+{(int)character:X4}.", parameter);
        }

        if (text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') && !IsWellFormed(text))
            throw new ArgumentException($"{what} must be well-formed UTF-16, but has a surrogate without its pair.", parameter);
    }

    private static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out var consumed) != OperationStatus.Done)
                return false;

            text = text[consumed..];
        }

        return true;
    }
}
