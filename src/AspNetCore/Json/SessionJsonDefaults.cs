using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace SessionStores.AspNetCore;

/// <summary>The JSON dialect of members: names as they are, text as <c>JSON.stringify</c> writes it, instants as JavaScript dates.</summary>
internal static class SessionJsonDefaults
{
    /// <summary>The deepest nesting of a value: the record around it is one level.</summary>
    public const int MaxValueDepth = SessionArguments.MaxPayloadDepth - 1;

    public static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions
        {
            Encoder = SessionJsonEncoder.Instance,
            MaxDepth = MaxValueDepth,

            // Code in Node stores what a form has sent as text.
            NumberHandling = JsonNumberHandling.AllowReadingFromString,
            Converters = { new DateTimeConverter(), new DateTimeOffsetConverter() },
        };
        options.TypeInfoResolverChain.Add(SessionJsonContext.Default);
        if (JsonSerializer.IsReflectionEnabledByDefault)
            options.TypeInfoResolverChain.Add(ReflectionResolver());

        return options;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Reached only where the application keeps reflection-based serialization on.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Reached only where the application keeps reflection-based serialization on.")]
    private static DefaultJsonTypeInfoResolver ReflectionResolver() => new();

    private sealed class DateTimeOffsetConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(SessionDate.ToString(value));
    }

    private sealed class DateTimeConverter : JsonConverter<DateTime>
    {
        public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTime();

        // A time of unspecified kind is treated as UTC: JavaScript would treat one without a Z as the local time of its machine.
        public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) => writer.WriteStringValue(
            (value.Kind == DateTimeKind.Local ? value.ToUniversalTime() : value).ToString(SessionDate.Format, CultureInfo.InvariantCulture));
    }
}
