using System.Security.Cryptography;
using System.Text;

namespace SessionStores;

/// <summary>The public name of a session: half of the SHA-256 digest of its id. An id has 192 random bits, so that a digest leads to no id.</summary>
internal static class SessionHandle
{
    private const int Bytes = 16;

    public static string Of(string id) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, Bytes));
}
