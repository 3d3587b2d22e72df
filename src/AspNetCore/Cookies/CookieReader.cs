using System.Text;
using System.Text.Unicode;
using Microsoft.Extensions.Primitives;

namespace SessionStores.AspNetCore;

/// <summary>Finds the id of a session in the Cookie header as express-session does. Never throws: an invalid cookie has no id.</summary>
/// <param name="name">The name of the cookie.</param>
/// <param name="secrets">Any of them can have signed the cookie.</param>
internal sealed class CookieReader(string name, SessionSecret[] secrets)
{
    /// <summary>The length of an id of 256 characters with every byte escaped, and its signature; longer values are not valid.</summary>
    private const int MaxValueLength = 4096;

    /// <summary>How many cookies of the name are looked at.</summary>
    private const int MaxCookies = 16;

    private readonly VerifiedCookies _verified = new();

    /// <summary>Reads the id. Returns <see cref="SessionLoadResult.Loaded"/> if there is one with a valid signature, otherwise
    /// <see cref="SessionLoadResult.NoCookie"/> or <see cref="SessionLoadResult.BadSignature"/>.</summary>
    /// <param name="headers">The Cookie headers.</param>
    /// <param name="id">The id, or null.</param>
    /// <param name="skip">How many cookies with a valid signature to skip. A browser sends several after a change of path or domain, and
    /// cookies of other applications on a parent domain; the one that is looked for need not be the first.</param>
    public SessionLoadResult Read(in StringValues headers, out string? id, int skip = 0)
    {
        var result = SessionLoadResult.NoCookie;
        var (header, offset) = (0, 0);
        for (var cookies = 0; cookies < MaxCookies && TryFindNext(headers, ref header, ref offset, out var value); cookies++)
        {
            if (value.IsEmpty)
                continue;

            id = Identify(value);
            if (id is null)
                result = SessionLoadResult.BadSignature;
            else if (skip-- == 0)
                return SessionLoadResult.Loaded;
        }

        id = null;
        return result;
    }

    /// <summary>Whether all cookies of this name have a valid signature.</summary>
    public bool AreAllValid(in StringValues headers)
    {
        var (header, offset) = (0, 0);
        for (var cookies = 0; TryFindNext(headers, ref header, ref offset, out var value); cookies++)
        {
            if (cookies == MaxCookies || Identify(value) is null)
                return false;
        }

        return true;
    }

    private string? Identify(ReadOnlySpan<char> value)
    {
        if (_verified.Find(value) is { } known)
            return known;

        var id = Verify(value);
        if (id is not null)
            _verified.Add(value, id);

        return id;
    }

    /// <summary>Returns the id in the value of a cookie; null if its signature is invalid.</summary>
    private string? Verify(ReadOnlySpan<char> value)
    {
        // Encoded cookies are ASCII.
        if (value.Length > MaxValueLength || !Ascii.IsValid(value))
            return null;

        Span<byte> decoded = stackalloc byte[value.Length];
        var length = Decode(value, decoded);
        decoded = decoded[..length];
        if (!decoded.StartsWith("s:"u8) || !CookieSignature.TryVerify(decoded[2..], secrets, out var signedId) || !Utf8.IsValid(signedId))
            return null;

        var id = Encoding.UTF8.GetString(signedId);
        return SessionIds.IsValid(id) ? id : null;
    }

    /// <summary>Finds the next cookie of this name; ASP.NET Core's own parser returns only the last.</summary>
    private bool TryFindNext(in StringValues headers, ref int header, ref int offset, out ReadOnlySpan<char> value)
    {
        for (; header < headers.Count; header++, offset = 0)
        {
            var text = headers[header].AsSpan();
            while (offset < text.Length)
            {
                var rest = text[offset..];
                var end = rest.IndexOf(';');
                var pair = end < 0 ? rest : rest[..end];
                offset += pair.Length + 1;
                var equals = pair.IndexOf('=');
                if (equals < 0 || !pair[..equals].Trim(" \t").SequenceEqual(name))
                    continue;

                value = pair[(equals + 1)..].Trim(" \t");
                if (value is ['"', .., '"'])
                    value = value[1..^1];

                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>decodeURIComponent; if that would throw, the value is not decoded.</summary>
    private static int Decode(ReadOnlySpan<char> value, Span<byte> decoded)
    {
        var length = 0;
        var escaped = false;
        for (var index = 0; index < value.Length; index++)
        {
            if (value[index] != '%')
            {
                decoded[length++] = (byte)value[index];
                continue;
            }

            if (index + 2 >= value.Length || !char.IsAsciiHexDigit(value[index + 1]) || !char.IsAsciiHexDigit(value[index + 2]))
                return CopyRaw(value, decoded);

            decoded[length++] = (byte)((FromHex(value[index + 1]) << 4) | FromHex(value[index + 2]));
            escaped = true;
            index += 2;
        }

        return escaped && !Utf8.IsValid(decoded[..length]) ? CopyRaw(value, decoded) : length;
    }

    private static int CopyRaw(ReadOnlySpan<char> value, Span<byte> decoded) => Encoding.ASCII.GetBytes(value, decoded);

    private static int FromHex(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
