using System.Security.Cryptography;
using System.Text;

namespace SessionStores.Moving;

/// <summary>Names a session where its id must not be (L21).</summary>
internal static class SessionDigest
{
    /// <summary>The first 16 bytes of the SHA-256 of an id in hexadecimal, as <c>HttpContext.Session.Id</c> shows it.</summary>
    public static string Of(string id) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, 16));
}
