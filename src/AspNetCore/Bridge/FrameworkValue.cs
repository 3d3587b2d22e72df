using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace SessionStores.AspNetCore;

/// <summary>How the byte arrays of the framework's session become JSON members and back, byte for byte.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>Text (what <c>SetString</c> writes) is a JSON string.</item>
/// <item>Four bytes that are not text (what <c>SetInt32</c> writes) are a JSON number. The few numbers whose four bytes are all printable
/// are stored as text; <c>GetInt32</c> still reads them.</item>
/// <item>Other bytes are what Node writes for a Buffer: <c>{"type":"Buffer","data":[1,2,3]}</c>.</item>
/// </list>
/// Members of another writer are read the same way; other JSON is read as its text, and so is a string that is not
/// well-formed UTF-16.
/// </remarks>
internal static class FrameworkValue
{
    /// <summary>The prefix of names that are reserved.</summary>
    private const char Escape = '$';

    /// <summary>The name of the member for a key: the key itself, except for reserved names (<c>id</c> becomes <c>$id</c>) and for keys that look
    /// like one of those (<c>$id</c> becomes <c>$$id</c>).</summary>
    /// <remarks>Half of a surrogate pair becomes U+FFFD, as in the framework's own session.</remarks>
    public static string MemberOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!MemberNames.IsWellFormed(key))
            key = MemberNames.ToWellFormed(key);

        return MemberNames.IsReserved(key.TrimStart(Escape)) ? Escape + key : key;
    }

    public static string KeyOf(string member) =>
        member.StartsWith(Escape) && MemberNames.IsReserved(member.TrimStart(Escape)) ? member[1..] : member;

    public static ReadOnlyMemory<byte> ToJson(ReadOnlySpan<byte> value)
    {
        var output = new ArrayBufferWriter<byte>(value.Length + 16);
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = SessionJsonEncoder.Instance });
        if (value.Length == sizeof(int) && !IsText(value))
        {
            writer.WriteNumberValue(BinaryPrimitives.ReadInt32BigEndian(value));
        }
        else if (Utf8.IsValid(value))
        {
            writer.WriteStringValue(value);
        }
        else
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "Buffer"u8);
            writer.WriteStartArray("data"u8);
            foreach (var item in value)
                writer.WriteNumberValue(item);

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.Flush();
        return output.WrittenMemory;
    }

    public static byte[]? FromJson(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = SessionArguments.MaxPayloadDepth });
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.String:
                return Text(ref reader) ?? json.ToArray();
            case JsonTokenType.Number when int.TryParse(reader.ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number):
                var bytes = new byte[sizeof(int)];
                BinaryPrimitives.WriteInt32BigEndian(bytes, number);
                return bytes;
            case JsonTokenType.StartObject when ReadBuffer(ref reader) is { } buffer:
                return buffer;
            default:
                return json.ToArray();
        }
    }

    /// <summary>Returns the UTF-8 of a string, or null if it has half of a surrogate pair, which UTF-8 cannot encode.</summary>
    private static byte[]? Text(ref Utf8JsonReader reader)
    {
        var text = new byte[reader.ValueSpan.Length];
        try
        {
            return text[..reader.CopyString(text)];
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static bool IsText(ReadOnlySpan<byte> value)
    {
        foreach (var item in value)
        {
            if (item is < (byte)' ' and not ((byte)'\t' or (byte)'\n' or (byte)'\r') or 0x7f)
                return false;
        }

        return Utf8.IsValid(value);
    }

    /// <summary>Returns the bytes of an object that is exactly what Node writes for a Buffer; otherwise null.</summary>
    private static byte[]? ReadBuffer(ref Utf8JsonReader reader)
    {
        if (!IsNext(ref reader, JsonTokenType.PropertyName, "type"u8) || !IsNext(ref reader, JsonTokenType.String, "Buffer"u8) ||
            !IsNext(ref reader, JsonTokenType.PropertyName, "data"u8) || !reader.Read() || reader.TokenType != JsonTokenType.StartArray)
        {
            return null;
        }

        var data = new List<byte>();
        while (reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetByte(out var item))
            data.Add(item);

        return reader.TokenType == JsonTokenType.EndArray && reader.Read() && reader.TokenType == JsonTokenType.EndObject ? [.. data] : null;
    }

    private static bool IsNext(ref Utf8JsonReader reader, JsonTokenType kind, ReadOnlySpan<byte> text) =>
        reader.Read() && reader.TokenType == kind && JsonMembers.IsNamed(ref reader, text);
}
