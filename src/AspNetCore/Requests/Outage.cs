using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore;

/// <summary>The failures that <see cref="OutagePolicy"/> covers, and the response to them.</summary>
internal static class Outage
{
    /// <summary>Whether a failure is an outage. Mistakes in the set-up are never one.</summary>
    public static bool IsOutage(this SessionStoreException failure) =>
        failure.Fault is SessionStoreFault.Unavailable or SessionStoreFault.Timeout or SessionStoreFault.ReadOnly or SessionStoreFault.Failed;

    /// <summary>Turns a response that has not started into 503. A handler that is about to write a body fails there, because the length is zero.</summary>
    public static void Write503(HttpResponse response, TimeSpan retryAfter)
    {
        response.Headers.Clear();
        response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        response.Headers.RetryAfter = ((long)Math.Ceiling(retryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        response.ContentLength = 0;
    }
}
