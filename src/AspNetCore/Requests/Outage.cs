using System.Collections.Frozen;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace SessionStores.AspNetCore;

/// <summary>The failures that <see cref="OutagePolicy"/> covers, and the response to them.</summary>
internal static class Outage
{
    private static readonly FrozenSet<string> OfBody = new[]
    {
        HeaderNames.AcceptRanges, HeaderNames.Age, HeaderNames.CacheControl, HeaderNames.ETag, HeaderNames.Expires, HeaderNames.LastModified,
        HeaderNames.Location, HeaderNames.Trailer, HeaderNames.TransferEncoding,
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a failure is an outage. Mistakes in the set-up are never one.</summary>
    public static bool IsOutage(this SessionStoreException failure) =>
        failure.Fault is SessionStoreFault.Unavailable or SessionStoreFault.Timeout or SessionStoreFault.ReadOnly or SessionStoreFault.Failed;

    /// <summary>Turns a response that has not started into 503. What describes its body goes; other headers, such as those of CORS and security,
    /// stay. A handler that is about to write a body fails there, because the length is zero.</summary>
    public static void Write503(HttpResponse response, TimeSpan retryAfter)
    {
        foreach (var name in response.Headers.Keys.Where(IsOfBody).ToList())
            response.Headers.Remove(name);

        response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        response.Headers.CacheControl = "no-store";
        response.Headers.RetryAfter = ((long)Math.Ceiling(retryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        response.ContentLength = 0;
    }

    private static bool IsOfBody(string name) =>
        (name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) && !name.StartsWith("Content-Security-Policy", StringComparison.OrdinalIgnoreCase)) || OfBody.Contains(name);
}
