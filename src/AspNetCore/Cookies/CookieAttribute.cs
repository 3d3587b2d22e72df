using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SessionStores.AspNetCore;

/// <summary>One attribute of a session cookie: its name in the stored record, and how it is read, written and merged.</summary>
internal sealed class CookieAttribute
{
    public static readonly CookieAttribute OriginalMaxAge = new(0, "originalMaxAge",
        static (ref reader, ref cookie) => CookieJson.TryReadMilliseconds(ref reader, out cookie.OriginalMaxAge),
        static (in cookie) => cookie.OriginalMaxAge?.ToString("0", CultureInfo.InvariantCulture) ?? "null",
        static (ref ours, in theirs) => ours.OriginalMaxAge = theirs.OriginalMaxAge);

    public static readonly CookieAttribute Partitioned = new(1, "partitioned",
        static (ref reader, ref cookie) => CookieJson.TryReadFlag(ref reader, ref cookie.Partitioned),
        static (in cookie) => cookie.Partitioned ? "true" : null,
        static (ref ours, in theirs) => ours.Partitioned = theirs.Partitioned);

    public static readonly CookieAttribute Priority = new(2, "priority",
        static (ref reader, ref cookie) => CookieJson.TryReadPriority(ref reader, ref cookie.Priority),
        static (in cookie) => CookieJson.Word(cookie.Priority, SessionCookiePriority.Unset),
        static (ref ours, in theirs) => ours.Priority = theirs.Priority);

    public static readonly CookieAttribute Expires = new(3, "expires",
        static (ref reader, ref cookie) => CookieJson.TryReadInstant(ref reader, out cookie.Expires),
        static (in cookie) => cookie.Expires is { } expires ? $"\"{SessionDate.ToString(expires)}\"" : "null",
        static (ref ours, in theirs) => ours.Expires = theirs.Expires);

    public static readonly CookieAttribute Secure = new(4, "secure",
        static (ref reader, ref cookie) => CookieJson.TryReadFlag(ref reader, ref cookie.Secure),
        static (in cookie) => cookie.Secure ? "true" : cookie.StoresSecure ? "false" : null,
        static (ref ours, in theirs) => ours.Secure = theirs.Secure);

    public static readonly CookieAttribute HttpOnly = new(5, "httpOnly",
        static (ref reader, ref cookie) => CookieJson.TryReadFlag(ref reader, ref cookie.HttpOnly),
        static (in cookie) => cookie.HttpOnly ? "true" : "false",
        static (ref ours, in theirs) => ours.HttpOnly = theirs.HttpOnly);

    public static readonly CookieAttribute Domain = new(6, "domain",
        static (ref reader, ref cookie) => CookieJson.TryReadText(ref reader, out cookie.Domain),
        static (in cookie) => CookieJson.Text(cookie.Domain),
        static (ref ours, in theirs) => ours.Domain = theirs.Domain);

    public static readonly CookieAttribute Path = new(7, "path",
        static (ref reader, ref cookie) => CookieJson.TryReadText(ref reader, out cookie.Path),
        static (in cookie) => CookieJson.Text(cookie.Path),
        static (ref ours, in theirs) => ours.Path = theirs.Path);

    public static readonly CookieAttribute SameSite = new(8, "sameSite",
        static (ref reader, ref cookie) => CookieJson.TryReadSameSite(ref reader, ref cookie.SameSite),
        static (in cookie) => CookieJson.Word(cookie.SameSite, SessionSameSite.Unset),
        static (ref ours, in theirs) => ours.SameSite = theirs.SameSite);

    /// <summary>All attributes, in the order in which express-session stores them.</summary>
    private static readonly CookieAttribute[] Table = [OriginalMaxAge, Partitioned, Priority, Expires, Secure, HttpOnly, Domain, Path, SameSite];

    private readonly byte[] _utf8Name;

    private CookieAttribute(int index, string name, Reader tryRead, Writer write, Merger merge)
    {
        Bit = 1 << index;
        Name = name;
        _utf8Name = Encoding.UTF8.GetBytes(name);
        TryRead = tryRead;
        Write = write;
        Merge = merge;
    }

    /// <summary>Reads the value behind a property name. Returns false for a type that express-session could not use.</summary>
    internal delegate bool Reader(ref Utf8JsonReader reader, ref CookieValues cookie);

    /// <summary>Returns the value as JSON; null if the attribute is omitted.</summary>
    internal delegate string? Writer(in CookieValues cookie);

    /// <summary>Copies the value of another cookie.</summary>
    internal delegate void Merger(ref CookieValues ours, in CookieValues theirs);

    public static ReadOnlySpan<CookieAttribute> All => Table;

    /// <summary>The bit of this attribute in a set of attributes.</summary>
    public int Bit { get; }

    public string Name { get; }

    public ReadOnlySpan<byte> Utf8Name => _utf8Name;

    public Reader TryRead { get; }

    public Writer Write { get; }

    public Merger Merge { get; }

    /// <summary>Finds the attribute at the property name of a reader.</summary>
    public static CookieAttribute? Find(ref Utf8JsonReader reader)
    {
        foreach (var attribute in Table)
        {
            if (JsonMembers.IsNamed(ref reader, attribute.Utf8Name))
                return attribute;
        }

        return null;
    }

    /// <summary>Whether a stored member is written from the table, and not copied as an unknown one.</summary>
    public static bool IsKnown(ReadOnlySpan<byte> name)
    {
        foreach (var attribute in Table)
        {
            if (name.SequenceEqual(attribute.Utf8Name))
                return true;
        }

        // A member of this name would run a setter of express-session and change the lifetime.
        return name.SequenceEqual("maxAge"u8);
    }
}
