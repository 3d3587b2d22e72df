using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SessionStores.AspNetCore;

/// <content>How the content is read from a stored record, and written to one.</content>
internal sealed partial class SessionData
{
    /// <summary>Why a record cannot be read.</summary>
    public const string Unreadable = "The stored record is not a session. It must be a JSON object of at most 1,000 levels in UTF-8, with a cookie of the types that express-session writes and a valid subject.";

    /// <summary>Reads a record. Returns false if it has no valid cookie, or if no store would save it again.</summary>
    public static bool TryRead(SessionRecord record, TimeProvider clock, [NotNullWhen(true)] out SessionData? data)
    {
        data = null;
        if ((record.Subject is not null && !SessionIds.IsValid(record.Subject)) ||
            !SessionDocument.TryParse(record.Payload, out var document) ||
            !document.TryGet(ReservedMembers.Cookie, out var json) ||
            !SessionCookie.TryParse(json, clock, out var cookie))
        {
            return false;
        }

        data = new SessionData(document, cookie, record.Subject, ReadAbsolute(document), record.Key);
        return true;
    }

    /// <summary>Writes the record: unchanged members byte for byte, the cookie complete and up to date.</summary>
    public byte[] Write()
    {
        Cookie.Touch(_absolute);
        var loaded = LoadedDocument;
        var scratch = JsonScratch.Take();
        var output = scratch.Output;
        var hasMembers = false;
        var hasCookie = false;
        var hasAbsolute = false;
        if (loaded.Count == 0)
            WriteCookie(output, ref hasMembers);

        // Of several members with one name, those that are rewritten are written once.
        _changes?.BeginWriting();
        foreach (var member in loaded.Members)
        {
            if (MemberNames.IsCookie(member.Name))
            {
                if (!hasCookie)
                    WriteCookie(output, ref hasMembers);

                hasCookie = true;
            }
            else if (_absoluteChanged && MemberNames.IsAbsolute(member.Name))
            {
                if (!hasAbsolute)
                    WriteAbsolute(output, ref hasMembers);

                hasAbsolute = true;
            }
            else if (_changes is null || !_changes.TryGet(member, out var change))
            {
                hasAbsolute |= MemberNames.IsAbsolute(member.Name);
                WriteMember(output, member.QuotedName, member.Value.Span, ref hasMembers);
            }
            else if (change is { IsWritten: false, Value: { } value })
            {
                WriteMember(output, member.QuotedName, value.Span, ref hasMembers);
                change.IsWritten = true;
            }
        }

        if (!hasAbsolute)
            WriteAbsolute(output, ref hasMembers);

        WriteNewMembers(output, ref hasMembers);
        output.Write("}"u8);
        return scratch.Finish();
    }

    private static DateTimeOffset? ReadAbsolute(SessionDocument document) =>
        document.TryGet(ReservedMembers.Absolute, out var json) ? SessionFacts.InstantIn(json) : null;

    private static void WriteMember(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> quotedName, ReadOnlySpan<byte> value, ref bool hasMembers)
    {
        output.Write(hasMembers ? ","u8 : "{"u8);
        output.Write(quotedName);
        output.Write(":"u8);
        output.Write(value);
        hasMembers = true;
    }

    private void WriteCookie(ArrayBufferWriter<byte> output, ref bool hasMembers)
    {
        output.Write(hasMembers ? ",\"cookie\":"u8 : "{\"cookie\":"u8);
        Cookie.WriteTo(output, LoadedDocument.TryGet(ReservedMembers.Cookie, out var stored) ? stored : default);
        hasMembers = true;
    }

    private void WriteAbsolute(ArrayBufferWriter<byte> output, ref bool hasMembers)
    {
        if (_absolute is not { } limit)
            return;

        Span<byte> digits = stackalloc byte[20];
        limit.ToUnixTimeMilliseconds().TryFormat(digits, out var length, provider: CultureInfo.InvariantCulture);
        WriteMember(output, "\"__absolute\""u8, digits[..length], ref hasMembers);
    }

    private void WriteNewMembers(ArrayBufferWriter<byte> output, ref bool hasMembers)
    {
        for (var index = 0; index < _changes?.Count; index++)
        {
            if (_changes[index] is { IsOfNewMember: true, Value: { } value } added)
                WriteMember(output, Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(added.Name, SessionJsonEncoder.Instance)}\""), value.Span, ref hasMembers);
        }
    }
}
