using System.Collections.Frozen;
using System.Text;

namespace SessionStores.AspNetCore;

/// <summary>The names that members cannot have: ours, and those that express-session drops when it loads a record.</summary>
internal static class MemberNames
{
    private static readonly FrozenSet<string> Reserved = new[]
    {
        ReservedMembers.Cookie, ReservedMembers.Absolute, ReservedMembers.Subject, ReservedMembers.Key,
        ReservedMembers.Created, ReservedMembers.Authenticated, ReservedMembers.Label, ReservedMembers.Renewed, ReservedMembers.Device,
        "req", "id", "touch", "resetMaxAge", "save", "reload", "destroy", "regenerate",
        "constructor", "toString", "valueOf", "toLocaleString", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable",
        "__proto__", "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly byte[] Cookie = Encoding.UTF8.GetBytes(ReservedMembers.Cookie);
    private static readonly byte[] Absolute = Encoding.UTF8.GetBytes(ReservedMembers.Absolute);
    private static readonly byte[] Created = Encoding.UTF8.GetBytes(ReservedMembers.Created);
    private static readonly byte[] Authenticated = Encoding.UTF8.GetBytes(ReservedMembers.Authenticated);
    private static readonly byte[] Label = Encoding.UTF8.GetBytes(ReservedMembers.Label);
    private static readonly byte[] Renewed = Encoding.UTF8.GetBytes(ReservedMembers.Renewed);
    private static readonly byte[] Device = Encoding.UTF8.GetBytes(ReservedMembers.Device);

    /// <summary>Whether members of the application cannot have this name.</summary>
    public static bool IsReserved(string name) => Reserved.Contains(name);

    /// <summary>Checks the name of a member to write.</summary>
    /// <exception cref="ArgumentException">The name is null, reserved, or not well-formed UTF-16.</exception>
    public static void ThrowIfInvalid(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsWellFormed(name))
            throw new ArgumentException($"A session member cannot be named \"{Escape(name)}\": a name must be well-formed UTF-16, but this one has half of a surrogate pair, which no record can hold. Choose another name.", nameof(name));

        if (Reserved.Contains(name))
            throw new ArgumentException($"A session member cannot be named '{name}': the name is reserved in the record that is shared with express-session. Choose another name.", nameof(name));
    }

    public static bool IsWellFormed(string name) =>
        !name.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') || ToWellFormed(name) == name;

    /// <summary>Replaces halves of surrogate pairs by U+FFFD, as the encoding of the framework's session does.</summary>
    public static string ToWellFormed(string name) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name));

    private static string Escape(string name) =>
        string.Concat(name.Select(character => char.IsSurrogate(character) ? $"\\u{(int)character:x4}" : $"{character}"));

    /// <summary>Whether a stored member belongs to the session itself and not to the application.</summary>
    public static bool IsOurs(ReadOnlySpan<byte> name) => IsCookie(name) ||
        (name.StartsWith("__"u8) && (IsAbsolute(name) || name.SequenceEqual(Created) || name.SequenceEqual(Authenticated) || name.SequenceEqual(Label) || name.SequenceEqual(Renewed) || name.SequenceEqual(Device)));

    /// <summary>Whether a member belongs to the session itself and not to the application.</summary>
    public static bool IsOurs(string name) => name is ReservedMembers.Cookie or ReservedMembers.Absolute || IsFact(name);

    /// <summary>Whether a member says something about the session: for people to see (<see cref="SessionFacts"/>), or how it got its id.</summary>
    public static bool IsFact(string name) => name is ReservedMembers.Created or ReservedMembers.Authenticated or ReservedMembers.Label or ReservedMembers.Renewed or ReservedMembers.Device;

    public static bool IsCookie(ReadOnlySpan<byte> name) => name.SequenceEqual(Cookie);

    public static bool IsAbsolute(ReadOnlySpan<byte> name) => name.SequenceEqual(Absolute);
}
