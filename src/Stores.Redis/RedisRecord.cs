using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using StackExchange.Redis;

namespace SessionStores.Redis;

/// <summary>How a session is stored: the keys, and the bytes, which are the payload with the subject as a reserved top-level member.</summary>
/// <remarks>
/// The member is appended before the last brace: <c>{"cookie":{…},"__subject":"42"}</c>. A Node peer passes it through and may leave it at
/// another place; wherever it is, exactly the member and one comma are removed again.
/// </remarks>
/// <param name="options">Valid options.</param>
internal sealed class RedisRecord(RedisStoreOptions options)
{
    private static readonly byte[] Name = [.. "\""u8, .. Encoding.ASCII.GetBytes(ReservedMembers.Subject), .. "\""u8];
    private static readonly SearchValues<byte> Space = SearchValues.Create(" \t\r\n"u8);

    private readonly RedisKey _records = Encoding.UTF8.GetBytes(options.KeyPrefix);
    private readonly RedisKey _indexes = Encoding.UTF8.GetBytes(options.SubjectPrefixOrDefault);

    /// <summary>The key of a record.</summary>
    public RedisKey KeyOf(string id) => ((RedisKey)id).Prepend(_records);

    /// <summary>The key of the index of a subject.</summary>
    public RedisKey IndexOf(string subject) => ((RedisKey)subject).Prepend(_indexes);

    /// <summary>Checks content and creates the bytes to store.</summary>
    /// <exception cref="ArgumentException">The content is invalid.</exception>
    public byte[] Encode(in SessionContent content)
    {
        SessionArguments.ThrowIfInvalidContent(content, options.MaxPayloadBytes);
        var stored = Join(content.Payload.Span, content.Subject);
        return options.PayloadTransform is { } transform ? transform.ToStored(stored).ToArray() : stored;
    }

    /// <summary>Reads the reply to <see cref="RedisCommands.Get"/>.</summary>
    /// <param name="operation">The operation, for exceptions.</param>
    /// <param name="id">The id.</param>
    /// <param name="reply">The reply.</param>
    /// <param name="now">The time at the server when it left the slide to the client; else null.</param>
    /// <exception cref="SessionStoreException">The record is unreadable.</exception>
    public SessionRecord? Decode(string operation, string id, RedisResult reply, out DateTimeOffset? now)
    {
        now = null;
        if (reply.IsNull)
            return null;

        var bytes = (byte[])reply!;
        var head = bytes.AsSpan(0, 2 * RedisCommands.HeadDigits);
        var expiry = long.Parse(head[..RedisCommands.HeadDigits], CultureInfo.InvariantCulture);
        if (long.Parse(head[RedisCommands.HeadDigits..], CultureInfo.InvariantCulture) is > 0 and var time)
            now = EpochTime.FromMilliseconds(time);

        var stored = bytes.AsMemory(head.Length);
        try
        {
            var value = options.PayloadTransform is { } transform ? transform.FromStored(stored) : stored;
            if (LooksLikeObject(value.Span))
            {
                var payload = Split(value, out var subject);
                var expiresAt = EpochTime.FromMilliseconds(expiry);
                return new SessionRecord(id, payload, expiresAt, SessionExpiry.Remaining(expiresAt, now ?? TimeProvider.System.GetUtcNow()), subject, SessionVersion.Of(stored));
            }
        }
        catch (JsonException)
        {
            // The reader's own text may quote the payload.
        }
        catch (Exception exception) when (options.PayloadTransform is not null)
        {
            throw RedisFaults.Unreadable(operation, exception);
        }

        throw RedisFaults.Unreadable(operation);
    }

    /// <summary>The subject in stored bytes that were read before.</summary>
    public string? SubjectOf(ReadOnlyMemory<byte> stored)
    {
        Split(options.PayloadTransform is { } transform ? transform.FromStored(stored) : stored, out var subject);
        return subject;
    }

    /// <summary>What a script compares with the stored value: nothing for null, and no value of a record for a version of nothing.</summary>
    public static RedisValue Expected(SessionVersion? version)
    {
        if (version is not { } expected)
            return RedisValue.EmptyString;

        if (expected.Content.IsEmpty)
            return "none";

        return MemoryMarshal.TryGetArray(expected.Content, out var bytes) && bytes.Array!.Length == bytes.Count ? bytes.Array : expected.Content.ToArray();
    }

    /// <summary>Adds the subject to a payload. The result is memory of its own.</summary>
    /// <param name="payload">A JSON object.</param>
    /// <param name="subject">Well-formed text without control characters, or null.</param>
    internal static byte[] Join(ReadOnlySpan<byte> payload, string? subject)
    {
        if (subject is null)
            return payload.ToArray();

        var end = payload.LastIndexOf((byte)'}');
        var isEmpty = payload[(payload.IndexOf((byte)'{') + 1)..end].IndexOfAnyExcept(Space) < 0;

        // What JSON.stringify escapes: control characters are not allowed in a subject.
        var text = subject.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        var member = Encoding.UTF8.GetBytes($"{(isEmpty ? "" : ",")}\"{ReservedMembers.Subject}\":\"{text}\"");
        var stored = new byte[payload.Length + member.Length];
        payload[..end].CopyTo(stored);
        member.CopyTo(stored, end);
        payload[end..].CopyTo(stored.AsSpan(end + member.Length));
        return stored;
    }

    /// <summary>Whether bytes begin and end as a JSON object does. What is between them is not read.</summary>
    internal static bool LooksLikeObject(ReadOnlySpan<byte> value)
    {
        var first = value.IndexOfAnyExcept(Space);
        return first >= 0 && value[first] == '{' && value[value.LastIndexOfAnyExcept(Space)] == '}';
    }

    /// <summary>Removes the subject from stored bytes, in one pass. Of duplicates the last counts, as in JavaScript.</summary>
    /// <param name="stored">The stored bytes. Not changed.</param>
    /// <param name="subject">The subject, or null.</param>
    /// <returns>The payload; the stored bytes themselves when they hold no subject.</returns>
    /// <exception cref="JsonException">The bytes seem to hold a subject, but are not a JSON object.</exception>
    internal static ReadOnlyMemory<byte> Split(ReadOnlyMemory<byte> stored, out string? subject)
    {
        subject = null;
        var json = stored.Span;

        // The walk is needed only for a name that is there, plain or with an escape.
        if (json.IndexOf(Name) < 0 && json.IndexOf("\\u00"u8) < 0)
            return stored;

        var members = new JsonMembers(json);
        byte[]? payload = null;
        var (copied, written, previous, isAfterMember) = (0, 0, 0, false);
        while (members.MoveNext())
        {
            if (!members.NameEquals(Name.AsSpan(1..^1)))
            {
                members.Skip();
                previous = members.Position;
                isAfterMember = true;
                continue;
            }

            subject = TextOf(ref members.Value);
            var (start, end) = (members.NameStart, members.Position);
            if (isAfterMember)
                start = previous + json[previous..].IndexOf((byte)',');
            else if (json[end..].IndexOfAnyExcept(Space) is >= 0 and var gap && json[end + gap] == ',')
                end += gap + 1;

            previous = members.Position;
            payload ??= new byte[json.Length - (end - start)];
            json[copied..start].CopyTo(payload.AsSpan(written));
            written += start - copied;
            copied = end;
        }

        if (payload is null)
            return stored;

        json[copied..].CopyTo(payload.AsSpan(written));
        return payload.AsMemory(0, written + json.Length - copied);
    }

    /// <summary>Reads a value to its end. Only a string is a subject, and half a surrogate pair is not a string in .NET.</summary>
    private static string? TextOf(ref Utf8JsonReader value)
    {
        try
        {
            var text = value.TokenType == JsonTokenType.String ? value.GetString() : null;
            value.Skip();
            return text;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
