using System.Collections;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace SessionStores.AspNetCore;

/// <summary>Finds values whose own type has more than the type that they are declared as. The serializer writes only what the declared type has,
/// without an error.</summary>
internal static class DerivedValues
{
    /// <summary>The serializer itself refuses what is deeper or has cycles.</summary>
    private const int MaxDepth = 64;

    private static readonly ConditionalWeakTable<JsonTypeInfo, object> Open = [];

    /// <summary>Describes the first such value in a value; null if there is none.</summary>
    public static string? ProblemOf(object? value, JsonTypeInfo declared, int depth = 0)
    {
        if (value is null || depth > MaxDepth || !IsOpen(declared))
            return null;

        return declared.Kind switch
        {
            JsonTypeInfoKind.Object => ProblemOfObject(value, declared, depth),
            JsonTypeInfoKind.Enumerable => ProblemOfItems((IEnumerable)value, declared, depth),
            JsonTypeInfoKind.Dictionary when value is IDictionary dictionary => ProblemOfItems(dictionary.Values, declared, depth),
            _ => null,
        };
    }

    private static string? ProblemOfObject(object value, JsonTypeInfo declared, int depth)
    {
        var type = value.GetType();
        if (type != declared.Type && declared.PolymorphismOptions is null && Extra(type, declared) is { } extra)
            return $"a {type} as {declared.Type} loses {extra}";

        foreach (var property in declared.Properties)
        {
            if (property is { Get: { } get, CustomConverter: null } && InfoOf(property.PropertyType, declared) is { } info && IsOpen(info)
                && ProblemOf(get(value), info, depth + 1) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static string? ProblemOfItems(IEnumerable items, JsonTypeInfo declared, int depth)
    {
        var info = InfoOf(declared.ElementType, declared)!;
        foreach (var item in items)
        {
            if (ProblemOf(item, info, depth + 1) is { } problem)
                return problem;
        }

        return null;
    }

    /// <summary>What the serializer would write of the type itself and does not write of the declared one.</summary>
    private static string? Extra(Type type, JsonTypeInfo declared)
    {
        if (InfoOf(type, declared) is not { Kind: JsonTypeInfoKind.Object } own)
            return "what the serializer does not know of it";

        var written = declared.Properties.Select(static property => property.Name).ToHashSet(StringComparer.Ordinal);
        return own.Properties.FirstOrDefault(property => property.Get is not null && !written.Contains(property.Name))?.Name;
    }

    /// <summary>Whether a value of this type can have a value in it whose own type is another one.</summary>
    private static bool IsOpen(JsonTypeInfo info) => (bool)Open.GetValue(info, static info => FindOpen(info, []));

    private static bool FindOpen(JsonTypeInfo? info, HashSet<Type> seen)
    {
        if (info is null || !seen.Add(info.Type))
            return false;

        return info.Kind switch
        {
            JsonTypeInfoKind.Object => !info.Type.IsSealed || info.Properties.Any(property => property.Get is not null && FindOpen(InfoOf(property.PropertyType, info), seen)),
            JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary => FindOpen(InfoOf(info.ElementType, info), seen),
            _ => false,
        };
    }

    private static JsonTypeInfo? InfoOf(Type? type, JsonTypeInfo owner) => type is not null && owner.Options.TryGetTypeInfo(type, out var info) ? info : null;
}
