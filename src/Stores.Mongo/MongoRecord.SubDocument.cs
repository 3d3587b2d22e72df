using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using MongoDB.Bson;
using MongoDB.Bson.IO;

namespace SessionStores.Mongo;

/// <content>The sub-documents of connect-mongo with <c>stringify: false</c>.</content>
internal sealed partial class MongoRecord
{
    /// <summary>Converts a sub-document to JSON and back, as the JavaScript driver and <c>JSON.stringify</c> do.</summary>
    private static class SubDocument
    {
        /// <summary>The deepest nesting that the driver and the server accept; deeper payloads can only be stored as text.</summary>
        public const int MaxDepth = 90;

        private const string Instant = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

        private static readonly JsonWriterOptions Written = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
        private static readonly JsonDocumentOptions Parsed = new() { MaxDepth = SessionArguments.MaxPayloadDepth };

        /// <summary>The JSON of a sub-document: dates as ISO 8601, object ids as hexadecimal digits, binary as Base64, NaN as null.</summary>
        /// <exception cref="FormatException">It is nested deeper than what could be saved again.</exception>
        public static byte[] ToJson(BsonDocument document)
        {
            using var buffer = new MemoryStream();
            using (var writer = new Utf8JsonWriter(buffer, Written))
                Write(writer, document, 0);

            return buffer.ToArray();
        }

        /// <summary>The sub-document of a payload. A value whose JSON is still that of <paramref name="original"/> keeps its BSON type.</summary>
        /// <exception cref="ArgumentException">BSON cannot hold the payload.</exception>
        public static BsonDocument FromJson(ReadOnlyMemory<byte> payload, BsonDocument? original)
        {
            using var json = JsonDocument.Parse(payload, Parsed);
            using var rendered = original is null ? null : JsonDocument.Parse(ToJson(original), Parsed);
            try
            {
                var document = (BsonDocument)Read(json.RootElement, original, rendered?.RootElement, 0);
                SetCookieExpires(document);
                return document;
            }
            catch (InvalidOperationException)
            {
                // The message of the reader about half a surrogate pair quotes the payload.
                throw Impossible("it has text with half a surrogate pair");
            }
        }

        private static void Write(Utf8JsonWriter writer, BsonValue value, int depth)
        {
            if (depth > MaxDepth)
                throw new FormatException($"The sub-document is nested deeper than {MaxDepth} levels.");

            switch (value)
            {
                case BsonDocument document:
                    writer.WriteStartObject();
                    foreach (var element in document)
                    {
                        writer.WritePropertyName(element.Name);
                        Write(writer, element.Value, depth + 1);
                    }

                    writer.WriteEndObject();
                    break;
                case BsonArray array:
                    writer.WriteStartArray();
                    foreach (var item in array)
                        Write(writer, item, depth + 1);

                    writer.WriteEndArray();
                    break;
                case BsonString text:
                    writer.WriteStringValue(text.Value);
                    break;
                case BsonBoolean boolean:
                    writer.WriteBooleanValue(boolean.Value);
                    break;
                case BsonInt32 number:
                    writer.WriteNumberValue(number.Value);
                    break;
                case BsonInt64 number:
                    writer.WriteNumberValue(number.Value);
                    break;
                case BsonDouble number:
                    writer.WriteRawValue(Number(number.Value));
                    break;
                case BsonNull or BsonUndefined:
                    writer.WriteNullValue();
                    break;
                case BsonDateTime { IsValidDateTime: true } date:
                    writer.WriteStringValue(date.ToUniversalTime().ToString(Instant, CultureInfo.InvariantCulture));
                    break;
                case BsonObjectId id:
                    writer.WriteStringValue(id.Value.ToString());
                    break;
                case BsonBinaryData { SubType: BsonBinarySubType.UuidStandard, Bytes.Length: 16 } uuid:
                    writer.WriteStringValue(new Guid(uuid.Bytes, bigEndian: true));
                    break;
                case BsonBinaryData binary:
                    writer.WriteBase64StringValue(binary.Bytes);
                    break;
                default:
                    using (var extended = JsonDocument.Parse(value.ToJson(new JsonWriterSettings { OutputMode = JsonOutputMode.RelaxedExtendedJson })))
                        extended.RootElement.WriteTo(writer);

                    break;
            }
        }

        /// <summary>JavaScript writes whole numbers below 1e21 without an exponent, and JSON has neither NaN nor infinity.</summary>
        private static string Number(double value) => value switch
        {
            0 => "0",
            _ when !double.IsFinite(value) => "null",
            _ when Math.Abs(value) < 1e21 && double.IsInteger(value) => value.ToString("F0", CultureInfo.InvariantCulture),
            _ => value.ToString("R", CultureInfo.InvariantCulture),
        };

        private static BsonValue Read(JsonElement json, BsonValue? original, JsonElement? rendered, int depth)
        {
            if (original is not null && rendered is { } unchanged && JsonElement.DeepEquals(unchanged, json))
                return original;

            if (depth > MaxDepth)
                throw Impossible($"it is nested deeper than {MaxDepth} levels");

            switch (json.ValueKind)
            {
                case JsonValueKind.Object:
                    return ReadObject(json, original as BsonDocument, rendered, depth);
                case JsonValueKind.Array:
                    return ReadArray(json, original as BsonArray, rendered, depth);
                case JsonValueKind.String:
                    return json.GetString()!;
                case JsonValueKind.Number:
                    return ToBson(json.GetDouble());
                case JsonValueKind.True or JsonValueKind.False:
                    return json.GetBoolean();
                default:
                    return BsonNull.Value;
            }
        }

        /// <summary>The JavaScript driver writes whole numbers that fit as int32 and all others, minus zero included, as double.</summary>
        private static BsonValue ToBson(double number)
        {
            var whole = (int)number;
            return whole == number && (whole != 0 || !double.IsNegative(number)) ? new BsonInt32(whole) : new BsonDouble(number);
        }

        private static BsonDocument ReadObject(JsonElement json, BsonDocument? original, JsonElement? rendered, int depth)
        {
            var document = new BsonDocument();
            var unchanged = original is null ? null : MembersOf(rendered!.Value);
            foreach (var member in json.EnumerateObject())
            {
                var name = member.Name;
                if (name.Contains('\0', StringComparison.Ordinal))
                    throw Impossible("it has a member whose name contains U+0000");

                BsonValue? value = null;
                JsonElement? before = null;
                if (original is not null && original.TryGetValue(name, out value) && unchanged!.TryGetValue(name, out var found))
                    before = found;

                document[name] = Read(member.Value, value, before, depth + 1);
            }

            return document;
        }

        /// <summary>The members by their names; to look each up in the object itself would take quadratic time.</summary>
        private static Dictionary<string, JsonElement> MembersOf(JsonElement json)
        {
            var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
            foreach (var member in json.EnumerateObject())
                members[member.Name] = member.Value;

            return members;
        }

        private static BsonArray ReadArray(JsonElement json, BsonArray? original, JsonElement? rendered, int depth)
        {
            var array = new BsonArray();
            foreach (var item in json.EnumerateArray())
            {
                var place = array.Count;
                array.Add(original is not null && place < original.Count
                    ? Read(item, original[place], rendered!.Value[place], depth + 1)
                    : Read(item, null, null, depth + 1));
            }

            return array;
        }

        /// <summary>connect-mongo keeps the expiry of the cookie as a date.</summary>
        private static void SetCookieExpires(BsonDocument document)
        {
            if (document.TryGetValue(ReservedMembers.Cookie, out var cookie) && cookie is BsonDocument members
                && members.TryGetValue("expires", out var expires) && expires is BsonString text
                && DateTime.TryParseExact(text.Value, Instant, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant))
            {
                members["expires"] = new BsonDateTime(instant);
            }
        }

        private static ArgumentException Impossible(string problem) =>
            new($"A session payload can be stored as a sub-document only if BSON can hold it, but {problem}. Set Stringify to store text.");
    }
}
