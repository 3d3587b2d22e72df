using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace SessionStores.AspNetCore;

/// <content>The members of a session: typed values over JSON.</content>
public sealed partial class HttpSession
{
    private static readonly JsonReaderOptions ValueReading = new() { MaxDepth = SessionJsonDefaults.MaxValueDepth };

    /// <summary>The names of the members, in the order of the record. The cookie and other facts about the session are not included.</summary>
    public IReadOnlyCollection<string> Keys => _state.Data.Names();

    /// <summary>Whether there is a member of this name.</summary>
    public bool ContainsKey(string name) => _state.Data.Get(name) is not null;

    /// <summary>Reads a member; returns the default of the type if it does not exist or is null.</summary>
    /// <remarks>The type is looked up in <see cref="SessionStoresOptions.Json"/>.</remarks>
    /// <exception cref="JsonException">The value cannot be read as this type.</exception>
    public T? Get<T>(string name) => Get(name, _state.Set.TypeInfo<T>());

    /// <summary>Reads a member; returns the default of the type if it does not exist or is null.</summary>
    /// <exception cref="JsonException">The value cannot be read as this type.</exception>
    public T? Get<T>(string name, JsonTypeInfo<T> typeInfo)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        return Read(_state.Data.Get(name), typeInfo);
    }

    /// <summary>Reads a member; returns false if it does not exist or is null.</summary>
    /// <exception cref="JsonException">The value cannot be read as this type.</exception>
    public bool TryGet<T>(string name, [NotNullWhen(true)] out T? value) => TryGet(name, _state.Set.TypeInfo<T>(), out value);

    /// <summary>Reads a member; returns false if it does not exist or is null.</summary>
    /// <exception cref="JsonException">The value cannot be read as this type.</exception>
    public bool TryGet<T>(string name, JsonTypeInfo<T> typeInfo, [NotNullWhen(true)] out T? value)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        var json = _state.Data.Get(name);
        value = Read(json, typeInfo);
        return value is not null && !IsAbsent(json);
    }

    /// <summary>Assigns a member. If another request assigns it too, the later save wins unless the options say otherwise; to compute a
    /// value from the current one, use <see cref="Update{T}(string, Func{T, T})"/>.</summary>
    /// <exception cref="ArgumentException">The name is reserved, or not well-formed UTF-16.</exception>
    /// <exception cref="NotSupportedException">JSON does not carry the value back: its type is one such as a tuple, or is derived from the declared type and has more than it.</exception>
    /// <exception cref="InvalidOperationException">The session is new and the response has started, or the endpoint only reads.</exception>
    /// <exception cref="SessionDestroyedException">The session is gone.</exception>
    public void Set<T>(string name, T value) => Set(name, value, _state.Set.TypeInfo<T>());

    /// <inheritdoc cref="Set{T}(string, T)"/>
    public void Set<T>(string name, T value, JsonTypeInfo<T> typeInfo)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        MemberNames.ThrowIfInvalid(name);
        SerializableTypes.ThrowIfLost(value, typeInfo);
        _state.DataToChange().Assign(name, JsonScratch.Serialize(value, typeInfo));
    }

    /// <summary>Changes a member by a function of its current value, so that counters and lists lose nothing: if another request has changed
    /// the member in the meantime, the function runs again on that value.</summary>
    /// <param name="name">The name of the member.</param>
    /// <param name="update">Takes the current value, or the default of the type if the member does not exist or is null. It can run several times, so it must have
    /// no side effects.</param>
    /// <exception cref="ArgumentException">The name is reserved, or not well-formed UTF-16.</exception>
    /// <exception cref="NotSupportedException">JSON does not carry the value back: its type is one such as a tuple, or is derived from the declared type and has more than it.</exception>
    /// <exception cref="InvalidOperationException">The session is new and the response has started, or the endpoint only reads.</exception>
    /// <exception cref="SessionDestroyedException">The session is gone.</exception>
    public void Update<T>(string name, Func<T?, T> update) => Update(name, update, _state.Set.TypeInfo<T>());

    /// <inheritdoc cref="Update{T}(string, Func{T, T})"/>
    public void Update<T>(string name, Func<T?, T> update, JsonTypeInfo<T> typeInfo)
    {
        ArgumentNullException.ThrowIfNull(update);
        ArgumentNullException.ThrowIfNull(typeInfo);
        MemberNames.ThrowIfInvalid(name);
        _state.DataToChange().Update(name, current =>
        {
            var value = update(Read(current, typeInfo));
            SerializableTypes.ThrowIfLost(value, typeInfo);
            return JsonScratch.Serialize(value, typeInfo);
        });
    }

    /// <summary>Removes a member.</summary>
    /// <returns>True if it existed.</returns>
    /// <exception cref="SessionDestroyedException">The session is gone.</exception>
    public bool Remove(string name)
    {
        var data = _state.DataToChange();
        if (data.Get(name) is null)
            return false;

        data.Assign(name, null);
        return true;
    }

    /// <summary>Removes every existing member. A member that another request adds in the meantime is kept.</summary>
    /// <exception cref="SessionDestroyedException">The session is gone.</exception>
    public void Clear() => _state.DataToChange().Clear();

    /// <summary>The JSON text of a member; empty if it does not exist.</summary>
    public ReadOnlyMemory<byte> GetRaw(string name) => _state.Data.Get(name) ?? default;

    /// <summary>Assigns the JSON text of a member, stored byte for byte.</summary>
    /// <exception cref="ArgumentException">The name is reserved or not well-formed UTF-16, or the text is not one JSON value in UTF-8.</exception>
    public void SetRaw(string name, ReadOnlySpan<byte> json)
    {
        MemberNames.ThrowIfInvalid(name);
        var data = _state.DataToChange();
        if (!IsOneValue(json))
            throw new ArgumentException("The text must be one JSON value in UTF-8 of at most 999 levels.", nameof(json));

        data.Assign(name, json.ToArray());
    }

    private static T? Read<T>(ReadOnlyMemory<byte>? json, JsonTypeInfo<T> typeInfo) =>
        IsAbsent(json) ? default : JsonSerializer.Deserialize(json!.Value.Span, typeInfo);

    private static bool IsAbsent(ReadOnlyMemory<byte>? json) => json is not { } text || text.Span.Trim(" \t\r\n"u8).SequenceEqual("null"u8);

    private static bool IsOneValue(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
            return false;

        var reader = new Utf8JsonReader(json, ValueReading);
        try
        {
            return reader.Read() && reader.TrySkip() && !reader.Read();
        }
        catch (JsonException)
        {
            // Not rethrown, because its message quotes the value.
            return false;
        }
    }
}
