using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SessionStores.AspNetCore;

/// <content>The members of a session: typed values over JSON.</content>
public sealed partial class HttpSession
{
    private static readonly JsonReaderOptions ValueReading = new() { MaxDepth = SessionArguments.MaxPayloadDepth };

    /// <summary>The names of the members, in the order of the record. The cookie and other facts about the session are not among them.</summary>
    public IReadOnlyCollection<string> Keys => _data.Names();

    /// <summary>Whether there is a member of this name.</summary>
    public bool ContainsKey(string name) => Find(name) is not null;

    /// <summary>Reads a member; one that is not there is the default of its type.</summary>
    /// <remarks>The type is looked up in <see cref="SessionStoresOptions.Json"/>.</remarks>
    /// <exception cref="JsonException">The value cannot be read as this type.</exception>
    public T? Get<T>(string name) => Get(name, _runtime.TypeInfo<T>());

    /// <summary>Reads a member; one that is not there is the default of its type.</summary>
    /// <exception cref="JsonException">The value cannot be read as this type.</exception>
    public T? Get<T>(string name, JsonTypeInfo<T> typeInfo)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        return Find(name) is { } json ? JsonSerializer.Deserialize(json.Span, typeInfo) : default;
    }

    /// <summary>Reads a member; answers false when it is not there or null.</summary>
    /// <exception cref="JsonException">The value cannot be read as this type.</exception>
    public bool TryGet<T>(string name, [NotNullWhen(true)] out T? value) => TryGet(name, _runtime.TypeInfo<T>(), out value);

    /// <summary>Reads a member; answers false when it is not there or null.</summary>
    /// <exception cref="JsonException">The value cannot be read as this type.</exception>
    public bool TryGet<T>(string name, JsonTypeInfo<T> typeInfo, [NotNullWhen(true)] out T? value)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        if (Find(name) is { } json && !json.Span.SequenceEqual("null"u8))
        {
            value = JsonSerializer.Deserialize(json.Span, typeInfo);
            return value is not null;
        }

        value = default;
        return false;
    }

    /// <summary>Assigns a member. When another request assigns it too, the later save wins unless the options say otherwise; to change a
    /// value by what it is, use <see cref="Update{T}(string, Func{T, T})"/>.</summary>
    /// <exception cref="ArgumentException">The name is reserved.</exception>
    /// <exception cref="InvalidOperationException">The session is new and the response has started, or the endpoint reads only.</exception>
    /// <exception cref="SessionDestroyedException">The session is gone.</exception>
    public void Set<T>(string name, T value) => Set(name, value, _runtime.TypeInfo<T>());

    /// <inheritdoc cref="Set{T}(string, T)"/>
    public void Set<T>(string name, T value, JsonTypeInfo<T> typeInfo)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        MemberNames.ThrowIfReserved(name);
        ThrowIfNotChangeable();
        _data.Assign(name, Serialize(value, typeInfo));
    }

    /// <summary>Changes a member by a function of its current value, so that counters and lists lose nothing: when another request changed
    /// the member meanwhile, the function runs again on that value.</summary>
    /// <param name="name">The name of the member.</param>
    /// <param name="update">Gets the current value, or the default of its type when there is none. May run several times, so it does
    /// nothing but compute.</param>
    /// <exception cref="ArgumentException">The name is reserved.</exception>
    /// <exception cref="InvalidOperationException">The session is new and the response has started, or the endpoint reads only.</exception>
    /// <exception cref="SessionDestroyedException">The session is gone.</exception>
    public void Update<T>(string name, Func<T?, T> update) => Update(name, update, _runtime.TypeInfo<T>());

    /// <inheritdoc cref="Update{T}(string, Func{T, T})"/>
    public void Update<T>(string name, Func<T?, T> update, JsonTypeInfo<T> typeInfo)
    {
        ArgumentNullException.ThrowIfNull(update);
        ArgumentNullException.ThrowIfNull(typeInfo);
        MemberNames.ThrowIfReserved(name);
        ThrowIfNotChangeable();
        _data.Update(name, current => Serialize(update(current is { } json ? JsonSerializer.Deserialize(json.Span, typeInfo) : default), typeInfo));
    }

    /// <summary>Removes a member.</summary>
    /// <returns>True when it was there.</returns>
    /// <exception cref="SessionDestroyedException">The session is gone.</exception>
    public bool Remove(string name)
    {
        ThrowIfNotChangeable();
        if (Find(name) is null)
            return false;

        _data.Assign(name, null);
        return true;
    }

    /// <summary>Removes every member that is there. A member that another request adds meanwhile stays.</summary>
    /// <exception cref="SessionDestroyedException">The session is gone.</exception>
    public void Clear()
    {
        ThrowIfNotChangeable();
        _data.Clear();
    }

    /// <summary>The JSON text of a member; empty when it is not there.</summary>
    public ReadOnlyMemory<byte> GetRaw(string name) => Find(name) ?? default;

    /// <summary>Assigns the JSON text of a member, stored byte for byte.</summary>
    /// <exception cref="ArgumentException">The name is reserved, or the text is not one JSON value.</exception>
    public void SetRaw(string name, ReadOnlySpan<byte> json)
    {
        MemberNames.ThrowIfReserved(name);
        ThrowIfNotChangeable();
        var reader = new Utf8JsonReader(json, ValueReading);
        var isValue = false;
        try
        {
            isValue = reader.Read() && reader.TrySkip() && !reader.Read();
        }
        catch (JsonException)
        {
            // Its text would quote the value.
        }

        if (!isValue)
            throw new ArgumentException("The text must be one JSON value of at most 1,000 levels.", nameof(json));

        _data.Assign(name, json.ToArray());
    }

    private static ReadOnlyMemory<byte> Serialize<T>(T value, JsonTypeInfo<T> typeInfo)
    {
        var scratch = JsonScratch.Take();
        JsonSerializer.Serialize(scratch.Writer, value, typeInfo);
        return scratch.Finish();
    }

    private ReadOnlyMemory<byte>? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name is ReservedMembers.Cookie or ReservedMembers.Absolute ? null : _data.Get(name);
    }
}
