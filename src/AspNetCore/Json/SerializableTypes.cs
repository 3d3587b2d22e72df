using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace SessionStores.AspNetCore;

/// <summary>Finds types that the serializer writes without an error and cannot carry back, such as tuples and <c>BigInteger</c>.</summary>
internal static class SerializableTypes
{
    private static readonly ConditionalWeakTable<JsonTypeInfo, string> Problems = [];

    /// <summary>Checks a value to store.</summary>
    /// <exception cref="NotSupportedException">Its type, or a value or type in it, would lose what it holds.</exception>
    public static void ThrowIfLost<T>(T value, JsonTypeInfo<T> typeInfo)
    {
        if (typeof(T).IsPrimitive || typeof(T) == typeof(string) || value is null)
            return;

        JsonTypeInfo written = typeInfo;
        if (typeof(T) == typeof(object) && value.GetType() != typeof(object))
            written = typeInfo.Options.GetTypeInfo(value.GetType());

        var problem = Problems.GetValue(written, static info => Problem(info, []) ?? "");
        if (problem.Length == 0)
            problem = DerivedValues.ProblemOf(value, written) ?? "";

        if (problem.Length > 0)
            throw new NotSupportedException($"A session member cannot hold a {written.Type}: {problem}. Use a type with properties that can be set, name derived types with [JsonDerivedType], add a converter to SessionStoresOptions.Json, or store it as text.");
    }

    private static string? Problem(JsonTypeInfo info, HashSet<Type> seen)
    {
        if (!seen.Add(info.Type))
            return null;

        return info.Kind switch
        {
            JsonTypeInfoKind.Object => ProblemOfObject(info, seen),
            JsonTypeInfoKind.Enumerable => ProblemOfCollection(info, "[]"u8) ?? ProblemOf(info.ElementType, info, seen),
            JsonTypeInfoKind.Dictionary => ProblemOfCollection(info, "{}"u8) ?? ProblemOf(info.ElementType, info, seen),
            _ => ProblemOf(Nullable.GetUnderlyingType(info.Type), info, seen),
        };
    }

    private static string? ProblemOf(Type? type, JsonTypeInfo owner, HashSet<Type> seen) =>
        type is not null && owner.Options.TryGetTypeInfo(type, out var info) ? Problem(info, seen) : null;

    private static string? ProblemOfCollection(JsonTypeInfo info, ReadOnlySpan<byte> empty)
    {
        if (info.Type.IsGenericType && info.Type.Name.Contains("Stack`", StringComparison.Ordinal))
            return "a stack comes back in the reverse order";

        try
        {
            JsonSerializer.Deserialize(empty, info);
            return null;
        }
        catch (NotSupportedException)
        {
            return $"{info.Type} cannot be read back";
        }
    }

    private static string? ProblemOfObject(JsonTypeInfo info, HashSet<Type> seen)
    {
        if (info.Type.IsAbstract)
            return info.PolymorphismOptions is null ? $"{info.Type} is abstract, so it cannot be read back" : null;

        var isWritten = false;
        var isRead = false;
        foreach (var property in info.Properties)
        {
            if (property.Get is null)
                continue;

            isWritten = true;
            if (property.Set is null && property.AssociatedParameter is null && property.ObjectCreationHandling != JsonObjectCreationHandling.Populate)
                continue;

            isRead = true;
            if (ProblemOf(property.PropertyType, info, seen) is { } problem)
                return problem;
        }

        if (isWritten && !isRead)
            return $"none of the properties of {info.Type} can be set";

        var lost = FieldsOf(info.Type).FirstOrDefault(field => (field.IsPublic || !isWritten) && IsLost(field, info));
        return lost is null ? null : $"the field {lost.Name} of {info.Type} is not written";
    }

    private static bool IsLost(FieldInfo field, JsonTypeInfo info) =>
        field.GetCustomAttribute<JsonIgnoreAttribute>() is null && !info.Properties.Any(property => property.AttributeProvider is FieldInfo written && written.Name == field.Name);

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "A field that was trimmed away holds nothing that could be lost.")]
    private static FieldInfo[] FieldsOf(Type type) => type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
}
