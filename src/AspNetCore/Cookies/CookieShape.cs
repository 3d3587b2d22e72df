using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace SessionStores.AspNetCore;

/// <summary>A stored cookie without its timestamp. The cookies of an application hardly differ in anything else, so one that was read before is
/// recognized by its bytes, and neither parsed nor put together again.</summary>
/// <remarks>Immutable. The last few are remembered for the whole process: what is remembered depends only on the bytes.</remarks>
internal sealed class CookieShape
{
    private const int Remembered = 8;

    /// <summary>Nine members take about 200 bytes; longer cookies have unknown members, and are read each time.</summary>
    private const int MaxLength = 512;

    private static readonly SearchValues<byte> OfInstants = SearchValues.Create("0123456789-:.+TZ"u8);
    private static readonly CookieShape?[] Recent = new CookieShape?[Remembered];
    private static int _turn;

    private readonly byte[] _before;
    private readonly byte[] _after;
    private bool? _isComplete;

    /// <param name="json">The cookie.</param>
    /// <param name="instantAt">Offset of the 24-character timestamp, or 0.</param>
    /// <param name="cookie">The values in the JSON.</param>
    private CookieShape(ReadOnlySpan<byte> json, int instantAt, SessionCookie cookie)
    {
        HasInstant = instantAt > 0;
        _before = (HasInstant ? json[..instantAt] : json).ToArray();
        _after = HasInstant ? json[(instantAt + SessionDate.Length)..].ToArray() : [];
        Cookie = cookie;
    }

    /// <summary>What all cookies of this shape have in common.</summary>
    public SessionCookie Cookie { get; }

    public bool HasInstant { get; }

    /// <summary>Whether an unchanged cookie of this shape is written as it was stored, except for its timestamp.</summary>
    public bool IsComplete => _isComplete ??= WritesItself();

    /// <summary>The timestamp in a cookie of this shape: a JSON string.</summary>
    public ReadOnlySpan<byte> InstantOf(ReadOnlySpan<byte> json) => json.Slice(_before.Length - 1, SessionDate.Length + 2);

    public static bool TryFind(ReadOnlySpan<byte> json, [NotNullWhen(true)] out CookieShape? shape)
    {
        foreach (var recent in Recent)
        {
            if (recent is not null && recent.Matches(json))
            {
                shape = recent;
                return true;
            }
        }

        shape = null;
        return false;
    }

    /// <summary>Whether a text can be a timestamp.</summary>
    public static bool IsInstant(ReadOnlySpan<byte> text) => text.Length == SessionDate.Length && !text.ContainsAnyExcept(OfInstants);

    /// <summary>Remembers the shape of a cookie that has been read.</summary>
    public static void Add(ReadOnlySpan<byte> json, int instantAt, SessionCookie cookie)
    {
        if (json.Length <= MaxLength)
            Recent[Interlocked.Increment(ref _turn) & (Remembered - 1)] = new CookieShape(json, instantAt, cookie);
    }

    public void Write(ArrayBufferWriter<byte> output, DateTimeOffset? instant)
    {
        output.Write(_before);
        if (instant is { } expires)
        {
            SessionDate.Write(expires, output.GetSpan(SessionDate.Length));
            output.Advance(SessionDate.Length);
            output.Write(_after);
        }
    }

    private bool Matches(ReadOnlySpan<byte> json)
    {
        if (!HasInstant)
            return json.SequenceEqual(_before);

        return json.Length == _before.Length + SessionDate.Length + _after.Length && json.StartsWith(_before) && json.EndsWith(_after) &&
            IsInstant(json.Slice(_before.Length, SessionDate.Length));
    }

    private bool WritesItself()
    {
        var sample = SessionCookie.Like(Cookie, TimeProvider.System);
        sample.Touch(DateTimeOffset.UnixEpoch, null);
        if (sample.Expires.HasValue != HasInstant)
            return false;

        ArrayBufferWriter<byte> expected = new(MaxLength), written = new(MaxLength);
        Write(expected, sample.Expires);
        sample.WriteMembersTo(written, expected.WrittenMemory);
        return written.WrittenSpan.SequenceEqual(expected.WrittenSpan);
    }
}
