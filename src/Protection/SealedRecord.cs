using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace SessionStores.Protection;

/// <summary>The stored form of a protected session, a JSON object of at most three members; <c>docs/stored-format.md</c> describes it.</summary>
/// <remarks>
/// <code>{"cookie":{"originalMaxAge":1800000},"__absolute":1893456000000,"__sealed":"1.KEY.DATA"}</code>
/// <para>The first two are limits of slides, which stores read (L3); each is left out when the session has none. DATA is base64url of
/// branch, nonce, ciphertext and tag. Limits and key are associated data, so that none of them can be changed. Sealed are id, subject and payload, so that
/// a record can be neither copied under another id nor given to another subject.</para>
/// <para>Branch and nonce are a hash of all that is sealed. The same session is therefore sealed to the same bytes, and a version represents the content
/// (L6); two different ones practically never share a nonce, also where random numbers are bad or a machine is copied.</para>
/// </remarks>
internal static class SealedRecord
{
    public const string Format = "SessionStores.Protection.1";
    public const int KeyBytes = 32;
    public const int NonceBytes = 12;
    public const int TagBytes = 16;

    private const int Overhead = DerivedKey.BranchBytes + NonceBytes + TagBytes;
    private const int KeyIdLength = 8;
    private const int OnStack = 1024;

    /// <summary>The longest text around DATA, with both limits.</summary>
    private const int LongestFrame = 160;

    /// <summary>The last millisecond of the calendar; a later limit has no effect.</summary>
    private const double LastMillisecond = 253_402_300_799_999;

    private static ReadOnlySpan<byte> Version => "1."u8;

    /// <summary>How a record without limits begins.</summary>
    private static ReadOnlySpan<byte> Plain => "{\"__sealed\":\""u8;

    /// <summary>Seals a session.</summary>
    public static byte[] Seal(DerivedKey key, string id, string? subject, ReadOnlySpan<byte> payload)
    {
        var limits = Limits.Of(payload);
        var plainLength = 4 + Encoding.UTF8.GetByteCount(id) + Encoding.UTF8.GetByteCount(subject ?? "") + payload.Length;
        var sealedLength = plainLength + Overhead;
        var buffer = ArrayPool<byte>.Shared.Rent(sizeof(int) + LongestFrame + plainLength + sealedLength);
        try
        {
            // In one piece, as it is hashed.
            var associatedLength = limits.WriteAssociated(buffer.AsSpan(sizeof(int)), key.IdUtf8);
            BinaryPrimitives.WriteInt32BigEndian(buffer, associatedLength);
            var textLength = sizeof(int) + associatedLength + plainLength;
            payload.CopyTo(WriteText(WriteText(buffer.AsSpan(sizeof(int) + associatedLength, plainLength), id), subject ?? ""));

            var sealedBytes = buffer.AsSpan(textLength, sealedLength);
            key.Seal(buffer.AsSpan(0, textLength), sealedBytes);

            Span<byte> head = stackalloc byte[LongestFrame];
            head = head[..limits.WriteHead(head, key.IdUtf8)];
            var stored = new byte[head.Length + Base64Url.GetEncodedLength(sealedLength) + 2];
            head.CopyTo(stored);
            Base64Url.EncodeToUtf8(sealedBytes, stored.AsSpan(head.Length));
            "\"}"u8.CopyTo(stored.AsSpan(stored.Length - 2));
            return stored;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    /// <summary>How many bytes of payload fit into a limit of the store.</summary>
    /// <param name="limit">The limit of the store.</param>
    /// <param name="payloadBytes">The size of a payload that does not fit.</param>
    /// <param name="sealedBytes">Its size when it is sealed.</param>
    public static int LargestPayload(int limit, int payloadBytes, int sealedBytes)
    {
        // What sealing adds to this session, before Base64: the same for a payload of another size.
        var fixedBytes = (sealedBytes * 3L / 4) - payloadBytes;
        return (int)Math.Max(0, (limit * 3L / 4) - fixedBytes - 2);
    }

    /// <summary>The id of the key with which a record was sealed; null for a record that is not protected.</summary>
    public static string? KeyOf(ReadOnlySpan<byte> stored) =>
        Parse(stored, out _, out var text) == Refusal.None && text.Length > Version.Length + KeyIdLength
            ? Encoding.UTF8.GetString(text.Slice(Version.Length, KeyIdLength))
            : null;

    /// <summary>Opens a stored session.</summary>
    public static Refusal Open(KeySet keys, ReadOnlySpan<byte> stored, out Opened opened)
    {
        opened = default;
        var problem = Parse(stored, out var limits, out var text);
        if (problem != Refusal.None)
            return problem;

        if (!text.StartsWith(Version) || text.Length < Version.Length + KeyIdLength + 1 || text[Version.Length + KeyIdLength] != (byte)'.')
            return Refusal.Malformed;

        var keyId = text.Slice(Version.Length, KeyIdLength);
        if (keys.Find(keyId) is not { } key)
            return Refusal.UnknownKey;

        var data = text[(Version.Length + KeyIdLength + 1)..];
        byte[]? rented = null;
        Span<byte> sealedBytes = data.Length <= OnStack ? stackalloc byte[OnStack] : rented = ArrayPool<byte>.Shared.Rent(data.Length);
        try
        {
            if (!TryDecode(data, sealedBytes, out var length))
                return Refusal.Altered;

            var plain = new byte[length - Overhead];
            Span<byte> associated = stackalloc byte[LongestFrame];
            return key.TryOpen(sealedBytes[..length], associated[..limits.WriteAssociated(associated, key.IdUtf8)], plain)
                ? Read(plain, key, out opened)
                : Refusal.Altered;
        }
        finally
        {
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static Refusal Parse(ReadOnlySpan<byte> stored, out Limits limits, out ReadOnlySpan<byte> text)
    {
        limits = default;
        text = default;

        // A record without limits, as it is written here, needs no reader: without quotes and escapes there is nothing else in it.
        if (stored.Length > Plain.Length + 2 && stored.StartsWith(Plain) && stored.EndsWith("\"}"u8) && stored[Plain.Length..^2] is var data
            && !data.ContainsAny((byte)'"', (byte)'\\') && !data.ContainsAnyInRange((byte)0, (byte)0x1F))
        {
            text = data;
            return Refusal.None;
        }

        try
        {
            double? idle = null;
            double? absolute = null;
            var isStrange = false;
            var members = new JsonMembers(stored);
            while (members.MoveNext())
            {
                if (SessionPayload.ReadLimit(ref members, ref idle, ref absolute))
                    continue;

                ref var value = ref members.Value;
                if (members.NameEquals("__sealed"u8) && value.TokenType == JsonTokenType.String && !value.ValueIsEscaped)
                {
                    text = value.ValueSpan;
                }
                else
                {
                    isStrange = true;
                    value.Skip();
                }
            }

            limits = new Limits(idle, absolute);
            return text.IsEmpty ? Refusal.Unprotected : isStrange ? Refusal.Malformed : Refusal.None;
        }
        catch (JsonException)
        {
            return Refusal.Malformed;
        }
    }

    private static bool TryDecode(ReadOnlySpan<byte> data, Span<byte> bytes, out int length)
    {
        if (Base64Url.DecodeFromUtf8(data, bytes, out _, out length) != OperationStatus.Done || length < Overhead + 4 || Base64Url.GetEncodedLength(length) != data.Length)
            return false;

        // The unused bits of the last character must be zero, or two texts would be one record.
        Span<byte> tail = stackalloc byte[4];
        var rest = length % 3 == 0 ? 3 : length % 3;
        var written = Base64Url.EncodeToUtf8(bytes[(length - rest)..length], tail);
        return data[^written..].SequenceEqual(tail[..written]);
    }

    private static Refusal Read(byte[] plain, DerivedKey key, out Opened opened)
    {
        var id = ReadText(plain, 0, out var behindId);
        var subject = ReadText(plain, behindId, out var behindSubject);
        opened = new Opened(key, id, subject.Length == 0 ? null : subject, ReservedMember.SplitKey(plain.AsMemory(behindSubject), out var second), second);
        return Refusal.None;
    }

    private static Span<byte> WriteText(Span<byte> target, string text)
    {
        var length = Encoding.UTF8.GetBytes(text, target[2..]);
        BinaryPrimitives.WriteUInt16BigEndian(target, (ushort)length);
        return target[(2 + length)..];
    }

    private static string ReadText(byte[] source, int start, out int behind)
    {
        var length = BinaryPrimitives.ReadUInt16BigEndian(source.AsSpan(start));
        behind = start + 2 + length;
        return Encoding.UTF8.GetString(source, start + 2, length);
    }

    /// <summary>The limits of slides, in whole milliseconds; null for none.</summary>
    private readonly struct Limits
    {
        private readonly long? _idle;
        private readonly long? _absolute;

        public Limits(double? idle, double? absolute)
        {
            _idle = Whole(idle);
            _absolute = Whole(absolute);
        }

        public static Limits Of(ReadOnlySpan<byte> payload)
        {
            double? idle = null;
            double? absolute = null;
            var members = new JsonMembers(payload);
            while (members.MoveNext())
                SessionPayload.ReadLimit(ref members, ref idle, ref absolute);

            return new Limits(idle, absolute);
        }

        /// <summary>Writes what is before DATA.</summary>
        public int WriteHead(Span<byte> target, ReadOnlySpan<byte> keyId)
        {
            var text = new Utf8Text(target);
            text.Add("{"u8);
            if (_idle is { } idle)
            {
                text.Add("\"cookie\":{\"originalMaxAge\":"u8);
                text.Add(idle);
                text.Add("},"u8);
            }

            if (_absolute is { } absolute)
            {
                text.Add("\"__absolute\":"u8);
                text.Add(absolute);
                text.Add(","u8);
            }

            text.Add("\"__sealed\":\""u8);
            text.Add(Version);
            text.Add(keyId);
            text.Add("."u8);
            return text.Length;
        }

        /// <summary>Writes the associated data: format, key, idle time and absolute limit, with line feeds between them.</summary>
        public int WriteAssociated(Span<byte> target, ReadOnlySpan<byte> keyId)
        {
            var text = new Utf8Text(target);
            text.Add("SessionStores.Protection.1\n"u8);
            text.Add(keyId);
            text.Add("\n"u8);
            if (_idle is { } idle)
                text.Add(idle);

            text.Add("\n"u8);
            if (_absolute is { } absolute)
                text.Add(absolute);

            return text.Length;
        }

        private static long? Whole(double? milliseconds) => milliseconds switch
        {
            null or > LastMillisecond => null,
            < 0 => 0,
            { } value => (long)Math.Ceiling(value),
        };
    }

    private ref struct Utf8Text(Span<byte> target)
    {
        private readonly Span<byte> _target = target;

        public int Length { get; private set; }

        public void Add(ReadOnlySpan<byte> text)
        {
            text.CopyTo(_target[Length..]);
            Length += text.Length;
        }

        public void Add(long number)
        {
            number.TryFormat(_target[Length..], out var written, default, System.Globalization.CultureInfo.InvariantCulture);
            Length += written;
        }
    }
}

/// <summary>What was sealed.</summary>
/// <param name="Key">The key of the protection.</param>
/// <param name="Id">The id.</param>
/// <param name="Subject">The subject, or null.</param>
/// <param name="Payload">The payload.</param>
/// <param name="SecondKey">The key of the session (L24), or null.</param>
internal readonly record struct Opened(DerivedKey Key, string Id, string? Subject, ReadOnlyMemory<byte> Payload, string? SecondKey = null);
