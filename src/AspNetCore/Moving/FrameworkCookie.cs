using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Session;
using Microsoft.Extensions.Logging;

namespace SessionStores.AspNetCore;

/// <summary>The cookie of ASP.NET Core's own session: the key of a record in the distributed cache, protected with Data Protection.</summary>
internal sealed class FrameworkCookie(SessionOptions options, IDataProtectionProvider protection, ILogger logger)
{
    private const int KeyLength = 36;
    private readonly IDataProtector _protector = protection.CreateProtector(nameof(SessionMiddleware));

    private string Name => options.Cookie.Name!;

    /// <summary>Reads the key; returns null if the request has no such cookie, or one that is not protected with the keys of this application.</summary>
    public string? Read(HttpContext context)
    {
        // With one name for both, it may be a cookie of ours, which Base64 cannot begin like.
        if (context.Request.Cookies[Name] is not { Length: > 0 } value || value.StartsWith("s:", StringComparison.Ordinal))
            return null;

        try
        {
            var key = Encoding.UTF8.GetString(_protector.Unprotect(Convert.FromBase64String(Padded(value))));
            return key.Length == KeyLength ? key : null;
        }
        catch (Exception failure) when (failure is FormatException or CryptographicException)
        {
            Log.FrameworkCookieUnreadable(logger);
            return null;
        }
    }

    /// <summary>Deletes the cookie in the browser.</summary>
    public void Delete(HttpContext context) => context.Response.Cookies.Delete(Name, options.Cookie.Build(context));

    /// <summary>Whether a cookie of ours takes the place of this one in the browser.</summary>
    public bool IsReplacedBy(string name, SessionCookie cookie, HttpContext context)
    {
        var own = options.Cookie.Build(context);
        return name == Name && (own.Path ?? "/") == (cookie.Path ?? "/") &&
            string.Equals(own.Domain ?? "", cookie.Domain ?? "", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The framework leaves out the padding.</summary>
    private static string Padded(string value) => value.PadRight((value.Length + 3) / 4 * 4, '=');
}
