using System.Security.Cryptography;
using System.Text;

namespace SessionStores.Interop.Tests.Sites;

/// <summary>Cookie values made and read independently of both sides, from the description of the format.</summary>
internal static class Signed
{
    /// <summary>The value for an id: <c>s:&lt;id&gt;.&lt;signature&gt;</c>, percent-encoded.</summary>
    public static string Value(string id, string secret = SiteOptions.DefaultSecret) => Uri.EscapeDataString($"s:{id}.{Signature(id, secret)}");

    public static string Signature(string id, string secret = SiteOptions.DefaultSecret) =>
        Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(id))).TrimEnd('=');

    public static string IdIn(string value)
    {
        var text = Uri.UnescapeDataString(value);
        return text[2..text.LastIndexOf('.')];
    }
}
