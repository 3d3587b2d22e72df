namespace Spa;

internal sealed record LogIn(string Name);

internal sealed record User(string Name);

internal sealed record Item(string Name);

internal static class Api
{
    /// <summary>Refuses changes that another site could have sent.</summary>
    /// <remarks>A form or an image of another site cannot set a header. A script of another site can try, and the browser first asks this
    /// site, which has no CORS and so does not allow it.</remarks>
    public static RouteGroupBuilder RequireOwnScript(this RouteGroupBuilder api) => api.AddEndpointFilter(async (call, next) =>
        HttpMethods.IsGet(call.HttpContext.Request.Method) || call.HttpContext.Request.Headers.ContainsKey("X-Requested-With")
            ? await next(call)
            : Results.Problem("The header X-Requested-With is missing.", statusCode: StatusCodes.Status403Forbidden));
}
