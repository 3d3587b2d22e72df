using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SessionStores.Moving;

/// <summary>What a move leaves in the two stores while it is under way: a mark at the end of the payload on the old side, which names the move, and a
/// reservation on the new side, which has no content.</summary>
internal static class MovingRecord
{
    /// <summary>How long a reservation outlives the session that it is for.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(10);

    /// <summary>The name of the mark.</summary>
    public const string Member = "__moving";

    private const string ReservationPrefix = "moving-";
    private const int MoveLength = 32;
    private const int LongestWithoutPadding = 4096;
    private const int PaddedOverhead = 60;
    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdef"u8);
    private static readonly JsonDocumentOptions Nested = new() { MaxDepth = SessionArguments.MaxPayloadDepth };
    private static readonly byte[] MemberStart = Encoding.ASCII.GetBytes($"\"{Member}\":\"");

    /// <summary>How many bytes a mark adds to a payload at most.</summary>
    public static readonly int MarkBytes = MemberStart.Length + MoveLength + 2;

    /// <summary>Content that has expired. Written over a version, it removes the record while it is still that version.</summary>
    public static readonly SessionContent Ended = new("{}"u8.ToArray(), SessionLifetime.Until(DateTimeOffset.UnixEpoch));

    private static ReadOnlySpan<byte> WhiteSpace => " \t\r\n"u8;

    /// <summary>A name for a move, which no other move has.</summary>
    public static string NewMove() => RandomNumberGenerator.GetHexString(MoveLength, lowercase: true);

    /// <summary>The id of the reservation of a move on the new side.</summary>
    public static string ReservationIdOf(string move) => ReservationPrefix + move;

    /// <summary>The content of a reservation. It lives longer than the session, because a mark without its reservation counts as moved, and is as long as a
    /// large session, so that one which the new side does not take is found before it is marked.</summary>
    public static SessionContent Reservation(string move, SessionRecord session, bool hasSubject)
    {
        var length = session.Payload.Length;
        var padding = length > LongestWithoutPadding ? $"\"padding\":\"{new string('0', length - PaddedOverhead)}\"," : "";
        return new SessionContent(
            Encoding.ASCII.GetBytes($$"""{{{padding}}"{{Member}}":"{{move}}"}"""),
            session.Remaining is { } remaining && remaining < TimeSpan.MaxValue - Margin ? SessionLifetime.For(remaining + Margin) : SessionLifetime.Never,
            hasSubject && session.Subject is { } subject ? ReservationSubjectOf(subject) : null);
    }

    /// <summary>The subject of the reservations for sessions of a subject: not the same, or they would be listed and counted as its sessions.</summary>
    public static string ReservationSubjectOf(string subject) => ReservationPrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(subject)));

    /// <summary>Whether a record of the new side is a reservation and no session.</summary>
    public static bool IsInternal(SessionRecord record) =>
        record.Id.StartsWith(ReservationPrefix, StringComparison.Ordinal) && MoveOf(record) is { } move && record.Id == ReservationIdOf(move);

    /// <summary>Whether a record of the old side is being moved.</summary>
    public static bool IsMarked(SessionRecord record) => MoveOf(record) is not null;

    /// <summary>The move that a record of the old side is marked with; null when it is not.</summary>
    public static string? MoveOf(SessionRecord record) => MoveOf(record.Payload.Span);

    /// <summary>The move that a payload is marked with; null when it is not.</summary>
    public static string? MoveOf(ReadOnlySpan<byte> payload) =>
        TryFind(payload, out _, out var end) ? Encoding.ASCII.GetString(payload[(end - 1 - MoveLength)..(end - 1)]) : null;

    /// <summary>Adds the mark behind the last member of a payload. All other bytes stay, and so do the limits of slides.</summary>
    public static ReadOnlyMemory<byte> Mark(ReadOnlyMemory<byte> payload, string move)
    {
        var text = payload.Span;
        var end = text.LastIndexOf((byte)'}');
        var separator = IsEmptyObject(text[..end]) ? "" : ",";
        return (byte[])[.. text[..end], .. Encoding.ASCII.GetBytes($"{separator}\"{Member}\":\"{move}\""), .. text[end..]];
    }

    /// <summary>Since when a session has had its subject, as its record says; 0 when it does not.</summary>
    public static long JoinedAt(SessionRecord record)
    {
        using var content = JsonDocument.Parse(record.Payload, Nested);
        return content.RootElement.TryGetProperty(ReservedMembers.Created, out var created) && created.ValueKind == JsonValueKind.Number && created.TryGetInt64(out var instant) ? instant : 0;
    }

    /// <summary>Whether a record of the old side is what <see cref="Ended"/> leaves there until it is pruned.</summary>
    public static bool IsEnded(SessionRecord record) => record.ExpiresAt <= DateTimeOffset.UnixEpoch && record.Payload.Span.SequenceEqual(Ended.Payload.Span);

    /// <summary>The payload of a marked record as it was before.</summary>
    public static ReadOnlyMemory<byte> Unmark(SessionRecord marked)
    {
        var text = marked.Payload.Span;
        return TryFind(text, out var start, out var end) ? (byte[])[.. text[..start], .. text[end..]] : marked.Payload;
    }

    /// <summary>A record that has expired as it was before its mark.</summary>
    public static SessionRecord Unmarked(SessionRecord expired) =>
        IsMarked(expired) ? new SessionRecord(expired.Id, Unmark(expired), expired.ExpiresAt, expired.Remaining, expired.Subject, default, expired.Key) : expired;

    private static bool TryFind(ReadOnlySpan<byte> payload, out int start, out int end)
    {
        end = payload.LastIndexOf((byte)'}');
        start = end - (MemberStart.Length + MoveLength + 1);
        if (start < 1)
            return false;

        var member = payload[start..end];
        if (!member.StartsWith(MemberStart) || member[^1] != '"' || member[MemberStart.Length..^1].ContainsAnyExcept(HexDigits))
            return false;

        if (payload[start - 1] != ',')
            return IsEmptyObject(payload[..start]);

        start--;
        return true;
    }

    /// <summary>Whether nothing but white space is behind the brace that opens an object.</summary>
    private static bool IsEmptyObject(ReadOnlySpan<byte> beginning) => beginning.TrimEnd(WhiteSpace) is [.., (byte)'{'];
}
