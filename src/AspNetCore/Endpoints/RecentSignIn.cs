using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace SessionStores.AspNetCore;

/// <summary>Runs an endpoint only if the user has been authenticated recently, by the session or by a sign-in that <c>AddSessionTickets</c> keeps.</summary>
/// <remarks>It is part of the endpoint and not of the pipeline, so that it holds wherever the middleware are.</remarks>
internal sealed class RecentSignIn(RequestDelegate next, TimeSpan maxAge)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetSessionLoadResult() == SessionLoadResult.NotRun)
            throw new InvalidOperationException("The session middleware did not run, so it is not known when the user was authenticated. Call app.UseSessionStores() before the endpoints.");

        if (await IsRecentAsync(context))
            await next(context);
        else
            await ChallengeAsync(context);
    }

    private async Task<bool> IsRecentAsync(HttpContext context)
    {
        if (context.GetHttpSession() is { Subject: not null, AuthenticatedAt: { } at } && IsRecent(context, "", at))
            return true;

        foreach (var scheme in context.RequestServices.GetServices<SessionTicketScheme>())
        {
            if (await scheme.AuthenticatedAtAsync(context) is { } signedIn && IsRecent(context, signedIn.SessionsName, signedIn.At))
                return true;
        }

        return false;
    }

    private bool IsRecent(HttpContext context, string sessionsName, DateTimeOffset authenticatedAt) =>
        context.RequestServices.GetRequiredKeyedService<SessionRuntime>(sessionsName).Set.StoreClock.Now - authenticatedAt <= maxAge;

    /// <summary>Sends the user to the log-in, as the scheme for challenges does; 401 where the application has none.</summary>
    private static async Task ChallengeAsync(HttpContext context)
    {
        if (context.RequestServices.GetService<IAuthenticationSchemeProvider>() is { } schemes && await schemes.GetDefaultChallengeSchemeAsync() is not null)
            await context.ChallengeAsync();
        else
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
    }
}
