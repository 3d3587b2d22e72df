using System.Collections.Frozen;
using System.Text;

namespace SessionStores.AspNetCore;

/// <summary>The names that members cannot have: ours, and those that express-session drops when it loads a record.</summary>
internal static class MemberNames
{
    private static readonly FrozenSet<string> Reserved = new[]
    {
        ReservedMembers.Cookie, ReservedMembers.Absolute, ReservedMembers.Subject,
        "req", "id", "touch", "resetMaxAge", "save", "reload", "destroy", "regenerate",
        "constructor", "toString", "valueOf", "toLocaleString", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable",
        "__proto__", "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly byte[] Cookie = Encoding.UTF8.GetBytes(ReservedMembers.Cookie);
    private static readonly byte[] Absolute = Encoding.UTF8.GetBytes(ReservedMembers.Absolute);

    /// <summary>Whether members of the application cannot have this name.</summary>
    public static bool IsReserved(string name) => Reserved.Contains(name);

    /// <summary>Checks the name of a member to write.</summary>
    /// <exception cref="ArgumentException">The name is null or reserved.</exception>
    public static void ThrowIfReserved(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Reserved.Contains(name))
            throw new ArgumentException($"A session member cannot be named '{name}': the name is reserved in the record that is shared with express-session. Choose another name.", nameof(name));
    }

    /// <summary>Whether a stored member belongs to the session itself and not to the application.</summary>
    public static bool IsOurs(ReadOnlySpan<byte> name) => name.SequenceEqual(Cookie) || name.SequenceEqual(Absolute);
}
