using System.Text;
using System.Text.Json;

namespace SessionStores.AspNetCore.Tests;

public sealed class SessionJsonEncoderTests
{
    // Expected texts are those of JSON.stringify in Node 20.
    [Theory]
    [InlineData("plain", "\"plain\"")]
    [InlineData("", "\"\"")]
    [InlineData("\"\\/", "\"\\\"\\\\/\"")]
    [InlineData("\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\"")]
    [InlineData("\0\u0001\u000B\u001F", "\"\\u0000\\u0001\\u000b\\u001f\"")]
    [InlineData("<b>&'+`", "\"<b>&'+`\"")]
    [InlineData("\u007F\u00A0\u2028\u2029\uFEFF", "\"\u007F\u00A0\u2028\u2029\uFEFF\"")]
    [InlineData("Zoë 😀 ключ", "\"Zoë 😀 ключ\"")]
    [InlineData("😀\n😀", "\"😀\\n😀\"")]
    public void Text_is_written_as_JSON_stringify_writes_it(string text, string json) => Assert.Equal(json, Write(text));

    [Fact]
    public void Every_character_is_read_back_as_it_was()
    {
        for (var code = 0; code <= char.MaxValue; code++)
        {
            if (char.IsSurrogate((char)code))
                continue;

            var text = $"a{(char)code}b";
            Assert.Equal(text, JsonSerializer.Deserialize<string>(Write(text)));
        }
    }

    [Fact]
    public void Half_a_surrogate_pair_becomes_the_replacement_character_wherever_it_stands()
    {
        Assert.Equal("\"\uFFFDa\"", Write("\uD800a"));
        Assert.Equal("\"a\uFFFD\"", Write("a\uDC00"));
        Assert.Equal("\"😀\uFFFD\"", Write("😀\uD83D"));
    }

    [Fact]
    public void A_long_text_with_one_character_to_escape_is_written_whole()
    {
        var text = new string('x', 10_000) + "\"" + new string('y', 10_000);

        Assert.Equal($"\"{text.Replace("\"", "\\\"", StringComparison.Ordinal)}\"", Write(text));
    }

    [Fact]
    public void UTF8_text_is_escaped_like_UTF16_text()
    {
        var encoded = JsonEncodedText.Encode("é\"\u0001😀"u8, SessionJsonEncoder.Instance);

        Assert.Equal("é\\\"\\u0001😀", encoded.ToString());
    }

    private static string Write(string text)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = SessionJsonEncoder.Instance }))
            writer.WriteStringValue(text);

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
