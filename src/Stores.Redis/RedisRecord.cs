using System.Buffers;
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
    private static readonly byte[] Name = Encoding.ASCII.GetBytes(ReservedMembers.Subject);
    private static readonly byte[] QuotedName = Encoding.ASCII.GetBytes($"\"{ReservedMembers.Subject}\"");
    private static readonly SearchValues<byte> SpaceOfLua = SearchValues.Create(" \t\n\v\f\r"u8);

    /// <summary>What a value may have beyond its payload: the subject.</summary>
    private const int SubjectRoom = 2048;

    private readonly RedisKey _records = Encoding.UTF8.GetBytes(options.KeyPrefix);
    private readonly RedisKey _indexes = Encoding.UTF8.GetBytes(options.SubjectPrefixOrDefault);

    /// <summary>The most bytes that a store with these options writes. A transform may make them more.</summary>
    public long MaxBytes { get; } = MaxBytesOf(options);

    /// <summary>The script that reads a record.</summary>
    public RedisScript Get { get; } = RedisCommands.Get(MaxBytesOf(options));

    /// <summary>The script that reads many records.</summary>
    public RedisScript GetMany { get; } = RedisCommands.GetMany(MaxBytesOf(options));

    /// <summary>The script that reads a page of the index of a subject.</summary>
    public RedisScript Page { get; } = RedisCommands.Page(MaxBytesOf(options));

    /// <summary>The keys of expired sessions to claim: ids by expiry, and copies.</summary>
    public RedisKey[] ExpiringKeys { get; } = ExpiringKeysOf(options);

    /// <summary>The key of a record.</summary>
    public RedisKey KeyOf(string id) => ((RedisKey)id).Prepend(_records);

    /// <summary>The key of the index of a subject.</summary>
    public RedisKey IndexOf(string subject) => ((RedisKey)subject).Prepend(_indexes);

    /// <summary>The keys of <see cref="ExpiringKeys"/>.</summary>
    public static RedisKey[] ExpiringKeysOf(RedisStoreOptions options) => [RedisCommands.ExpiringPrefix + options.KeyPrefix, $"{RedisCommands.ExpiringPrefix}{options.KeyPrefix}\u0001"];

    /// <summary>Checks content and creates the bytes to store.</summary>
    /// <exception cref="ArgumentException">The content is invalid.</exception>
    public byte[] Encode(in SessionContent content)
    {
        SessionArguments.ThrowIfInvalidContent(content, options.MaxPayloadBytes);
        var stored = Join(content.Payload.Span, content.Subject);
        return options.PayloadTransform is { } transform ? transform.ToStored(stored).ToArray() : stored;
    }

    /// <summary>Reads what was read of a record; null when that is no session.</summary>
    /// <param name="operation">The operation, for exceptions.</param>
    /// <param name="id">The id.</param>
    /// <param name="reading">What was read.</param>
    /// <exception cref="SessionStoreException">The record is unreadable.</exception>
    public SessionRecord? Decode(string operation, string id, in RedisReading reading)
    {
        var stored = reading.Value;
        if (!reading.IsLive || IsNull(stored.Span))
            return null;

        if (stored.Length > MaxBytes)
            throw RedisFaults.TooLarge(operation, options);

        var expiresAt = EpochTime.FromMilliseconds(reading.Expiry);
        try
        {
            var value = options.PayloadTransform is { } transform ? transform.FromStored(stored) : stored;
            var payload = Split(value, out var subject);
            if (payload.Length > options.MaxPayloadBytes)
                throw RedisFaults.TooLarge(operation, options);

            TimeSpan? remaining = expiresAt == SessionExpiry.Never ? null : TimeSpan.FromMilliseconds(reading.Left);
            return new SessionRecord(id, payload, expiresAt, remaining, subject, SessionVersion.Of(stored));
        }
        catch (JsonException)
        {
            // The reader's own text may quote the payload.
        }
        catch (Exception exception) when (options.PayloadTransform is not null && exception is not SessionStoreException)
        {
            throw RedisFaults.Unreadable(operation, exception);
        }

        throw RedisFaults.Unreadable(operation);
    }

    /// <summary>Whether a write leaves the subject of a record as it is, as far as the stored bytes show: then the index has its entry, for any
    /// record with a subject was entered when it got it.</summary>
    /// <param name="stored">The bytes to store.</param>
    /// <param name="subject">The subject in them.</param>
    /// <param name="previous">The bytes that are replaced.</param>
    public static bool KeepsSubject(ReadOnlySpan<byte> stored, string? subject, ReadOnlySpan<byte> previous)
    {
        if (subject is null)
            return previous.IndexOf(QuotedName) < 0;

        // The member is the last one, from which on the bytes have to be the same.
        var start = stored.LastIndexOf(QuotedName);
        return start >= 0 && previous.EndsWith(stored[start..]);
    }

    /// <summary>The subject in stored bytes that were read before; null when a caller has a version of other bytes.</summary>
    public string? SubjectOf(ReadOnlyMemory<byte> stored)
    {
        try
        {
            Split(options.PayloadTransform is { } transform ? transform.FromStored(stored) : stored, out var subject);
            return subject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What a script compares with the stored value: nothing for any version.</summary>
    public static RedisValue Expected(SessionVersion version)
    {
        if (version.IsAny)
            return RedisValue.EmptyString;

        return MemoryMarshal.TryGetArray(version.Content, out var bytes) && bytes.Array!.Length == bytes.Count ? bytes.Array : version.Content.ToArray();
    }

    /// <summary>Adds the subject to a payload. The result is memory of its own.</summary>
    /// <param name="payload">A JSON object.</param>
    /// <param name="subject">Well-formed text without control characters, or null.</param>
    internal static byte[] Join(ReadOnlySpan<byte> payload, string? subject) =>
        subject is null ? payload.ToArray() : ReservedMember.Join(payload, ReservedMembers.Subject, subject);

    /// <summary>Checks that stored bytes can be saved back, and removes the subject, in one pass.</summary>
    /// <param name="stored">The stored bytes. Not changed.</param>
    /// <param name="subject">The subject, or null.</param>
    /// <returns>The payload; the stored bytes themselves when they hold no subject.</returns>
    /// <exception cref="JsonException">The bytes are not a UTF-8 JSON object of at most 1,000 levels.</exception>
    internal static ReadOnlyMemory<byte> Split(ReadOnlyMemory<byte> stored, out string? subject) => ReservedMember.Split(stored, Name, out subject);

    /// <summary>Whether a value is not a session (<see cref="RedisCommands.Null"/>).</summary>
    private static bool IsNull(ReadOnlySpan<byte> value) => value.StartsWith("null"u8) && value[4..].IndexOfAnyExcept(SpaceOfLua) < 0;

    private static long MaxBytesOf(RedisStoreOptions options) => (options.PayloadTransform is null ? 1L : 2L) * options.MaxPayloadBytes + SubjectRoom;
}
