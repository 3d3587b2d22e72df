using Microsoft.AspNetCore.Diagnostics;
using SessionStores;

namespace LoginDemo;

/// <summary>What a visitor is shown when a request fails, such as a log-out that could not reach its store.</summary>
internal static class Failure
{
    public static async Task ShowAsync(HttpContext context)
    {
        var failure = context.Features.Get<IExceptionHandlerFeature>();
        var isOfStore = failure?.Error is SessionStoreException;
        var text = (isOfStore, failure?.Path) switch
        {
            (true, "/logout") => "The log-out failed, because the sessions cannot be reached. You may still be logged in: try again.",
            (true, _) => "The sessions cannot be reached at the moment. Try again.",
            _ => "Something went wrong.",
        };
        context.Response.StatusCode = isOfStore ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError;
        context.Response.ContentType = context.Request.WantsPage() ? Pages.Html : "text/plain; charset=utf-8";
        await context.Response.WriteAsync(context.Request.WantsPage() ? Pages.Failure(text) : text);
    }

    /// <summary>Whether the answer is shown by the browser itself. A script asks for anything.</summary>
    public static bool WantsPage(this HttpRequest request) => request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}
