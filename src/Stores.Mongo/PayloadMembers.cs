using System.Text.Json;

namespace SessionStores.Mongo;

/// <summary>Looks at a payload without changing a byte of what stays.</summary>
internal static class PayloadMembers
{
    private static readonly JsonReaderOptions AnyDepth = new() { MaxDepth = int.MaxValue };

    /// <summary>Whether bytes are one JSON object.</summary>
    public static bool IsObject(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, AnyDepth);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;

            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The payload without a top-level member.</summary>
    public static ReadOnlyMemory<byte> Without(ReadOnlyMemory<byte> payload, string name)
    {
        var reader = new Utf8JsonReader(payload.Span, AnyDepth);
        var kept = new List<Range>();
        var found = false;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = (int)reader.TokenStartIndex;
            var drop = reader.ValueTextEquals(name);
            reader.Skip();
            found |= drop;
            if (!drop)
                kept.Add(start..(int)reader.BytesConsumed);
        }

        if (!found)
            return payload;

        using var rest = new MemoryStream(payload.Length);
        rest.WriteByte((byte)'{');
        foreach (var member in kept)
        {
            if (rest.Length > 1)
                rest.WriteByte((byte)',');

            rest.Write(payload.Span[member]);
        }

        rest.WriteByte((byte)'}');
        return rest.ToArray();
    }
}
