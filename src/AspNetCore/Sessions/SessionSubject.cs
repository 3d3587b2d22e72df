using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace SessionStores.AspNetCore;

/// <summary>Makes a valid subject of any text that names an owner, the same one each time.</summary>
internal static class SessionSubject
{
    private const string HashPrefix = "sha256:";

    /// <summary>The text, or its hash if it cannot be a subject: identity providers use names of any length.</summary>
    public static string Of(string owner) => SessionIds.IsValid(owner) // ids and subjects have the same rules (L16)
        ? owner
        : HashPrefix + Base64Url.EncodeToString(SHA256.HashData(MemoryMarshal.AsBytes(owner.AsSpan())));
}
