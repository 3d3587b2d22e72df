using System.Net;
using System.Text.Json;
using SessionStores.Interop.Tests.Running;

namespace SessionStores.Interop.Tests.Sites;

/// <summary>The answer to one request.</summary>
internal sealed class Answer(HttpStatusCode status, string body, string? setCookie)
{
    public HttpStatusCode Status { get; } = status;

    public string Body { get; } = body;

    /// <summary>The Set-Cookie header of the session, or null.</summary>
    public string? SetCookie { get; } = setCookie;

    /// <summary>The id in the Set-Cookie header, also of a cookie that is over.</summary>
    public string Id => SetCookie is null
        ? throw new CheckFailedException("Expected: the response sets the session cookie.")
        : Signed.IdIn(SetCookie[(SetCookie.IndexOf('=', StringComparison.Ordinal) + 1)..].Split(';')[0]);

    /// <summary>The attributes of the Set-Cookie header, that is, all of it but the value and the date.</summary>
    public string? Attributes => SetCookie is null ? null : string.Join("; ", SetCookie.Split("; ").Skip(1)
        .Select(attribute => attribute.StartsWith("Expires=", StringComparison.Ordinal) ? "Expires" : attribute));

    /// <summary>What the step with the index answered.</summary>
    public JsonElement this[int step]
    {
        get
        {
            using var document = JsonDocument.Parse(Body, new JsonDocumentOptions { MaxDepth = 2000 });
            return document.RootElement.GetProperty("results")[step].Clone();
        }
    }
}
