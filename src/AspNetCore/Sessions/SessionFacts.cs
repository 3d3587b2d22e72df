using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SessionStores.AspNetCore;

/// <summary>What a record says about a session or a sign-in for people to see. Another writer may have stored anything: what is not of the right form
/// is not there.</summary>
/// <param name="CreatedAt">Since when it has had its owner, by the clock of the store.</param>
/// <param name="AuthenticatedAt">When its owner was authenticated last, by the clock of the store.</param>
/// <param name="Label">What the application calls it.</param>
/// <param name="Device">What the session and the sign-in of one browser share.</param>
internal readonly record struct SessionFacts(DateTimeOffset? CreatedAt, DateTimeOffset? AuthenticatedAt, string? Label, string? Device)
{
    /// <summary>The most characters of a label.</summary>
    public const int MaxLabelLength = 256;

    private const int DeviceBytes = 16;
    private const int DeviceLength = 22;

    /// <summary>What an escape such as <c>\u00e9</c> takes at most for one character, and the quotes.</summary>
    private const int MaxLabelBytes = 6 * MaxLabelLength + 2;

    /// <summary>Reads the facts of a record.</summary>
    public static SessionFacts Of(SessionDocument document) => new(
        document.TryGet(ReservedMembers.Created, out var created) ? InstantIn(created) : null,
        document.TryGet(ReservedMembers.Authenticated, out var authenticated) ? InstantIn(authenticated) : null,
        document.TryGet(ReservedMembers.Label, out var label) ? LabelIn(label) : null,
        document.TryGet(ReservedMembers.Device, out var device) ? DeviceIn(device) : null);

    /// <summary>Reads the facts of a record; none if it is not a JSON object.</summary>
    public static SessionFacts Of(SessionRecord record) => SessionDocument.TryParse(record.Payload, out var document) ? Of(document) : default;

    /// <summary>Reads milliseconds since 1970; null where that is no number, or beyond every date.</summary>
    public static DateTimeOffset? InstantIn(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.Number || !reader.TryGetDouble(out var milliseconds) || !double.IsFinite(milliseconds))
            return null;

        return milliseconds switch
        {
            <= 0 => DateTimeOffset.UnixEpoch,
            >= EpochTime.LastMillisecond => null,
            _ => DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds),
        };
    }

    /// <summary>Reads a label; null where that is no text, or longer than any that is written.</summary>
    public static string? LabelIn(ReadOnlyMemory<byte> json)
    {
        var text = json.Span;
        return text.Length <= MaxLabelBytes && text.Length > 2 && text[0] == (byte)'"' ? LabelOf(JsonMembers.Unescape(text[1..^1])) : null;
    }

    /// <summary>Creates what the session and the sign-in of one browser share. Random, so that no two browsers have the same; it gives no access.</summary>
    public static string NewDevice() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(DeviceBytes));

    /// <summary>Reads what <see cref="NewDevice"/> has created; null where that is something else.</summary>
    public static string? DeviceIn(ReadOnlyMemory<byte> json)
    {
        var text = json.Span;
        return text.Length == DeviceLength + 2 && text[0] == (byte)'"' && Base64Url.IsValid(text[1..^1]) ? Encoding.ASCII.GetString(text[1..^1]) : null;
    }

    /// <summary>A label as it is stored: well-formed, and cut at its limit. What applications call a session often comes from a browser.</summary>
    public static string? LabelOf(string? text) =>
        string.IsNullOrEmpty(text) ? null : MemberNames.ToWellFormed(text.Length > MaxLabelLength ? text[..MaxLabelLength] : text);
}
