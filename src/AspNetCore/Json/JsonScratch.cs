using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SessionStores.AspNetCore;

/// <summary>A buffer and a JSON writer that each thread keeps, so that writing a value or a record allocates only the result.</summary>
internal sealed class JsonScratch
{
    private const int InitialBytes = 1024;

    /// <summary>One that has grown beyond this is not kept.</summary>
    private const int MaxKeptBytes = 64 * 1024;

    private static readonly JsonWriterOptions ValueWriting = new() { Encoder = SessionJsonEncoder.Instance, MaxDepth = SessionJsonDefaults.MaxValueDepth };

    [ThreadStatic]
    private static JsonScratch? _free;

    private Utf8JsonWriter? _writer;

    private JsonScratch()
    {
    }

    public ArrayBufferWriter<byte> Output { get; } = new(InitialBytes);

    /// <summary>A writer of values to <see cref="Output"/>.</summary>
    public Utf8JsonWriter Writer => _writer ??= new Utf8JsonWriter(Output, ValueWriting);

    /// <summary>Takes the scratch of this thread. Code that runs inside of another use, such as a converter, gets its own.</summary>
    public static JsonScratch Take()
    {
        var scratch = _free ?? new JsonScratch();
        _free = null;
        return scratch;
    }

    /// <summary>Writes a value as JSON.</summary>
    public static byte[] Serialize<T>(T value, JsonTypeInfo<T> typeInfo)
    {
        var scratch = Take();
        JsonSerializer.Serialize(scratch.Writer, value, typeInfo);
        return scratch.Finish();
    }

    /// <summary>Returns what was written and gives the scratch back. After an exception it is not given back.</summary>
    public byte[] Finish()
    {
        _writer?.Flush();
        var written = Output.WrittenSpan.ToArray();
        Output.Clear();
        _writer?.Reset();
        if (Output.Capacity <= MaxKeptBytes)
            _free = this;

        return written;
    }
}
