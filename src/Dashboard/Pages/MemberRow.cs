using System.Text;
using System.Text.Json;

namespace SessionStores.Dashboard.Pages;

/// <summary>A member of a session.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">Text, number, object and so on.</param>
/// <param name="Bytes">Its size as JSON.</param>
/// <param name="Value">Its JSON; null where it is hidden.</param>
public sealed record MemberRow(string Name, string Kind, int Bytes, string? Value)
{
    /// <summary>Describes a member by its JSON.</summary>
    internal static MemberRow Of(string name, ReadOnlyMemory<byte> json, bool showsValue)
    {
        var reader = new Utf8JsonReader(json.Span);
        reader.Read();
        var kind = reader.TokenType switch
        {
            JsonTokenType.StartObject => "object",
            JsonTokenType.StartArray => "array",
            JsonTokenType.String => "text",
            JsonTokenType.Number => "number",
            JsonTokenType.True or JsonTokenType.False => "boolean",
            _ => "null",
        };
        return new MemberRow(name, kind, json.Length, showsValue ? Encoding.UTF8.GetString(json.Span) : null);
    }
}
