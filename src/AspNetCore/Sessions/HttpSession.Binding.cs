using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore;

/// <content>A session as a parameter of a minimal API.</content>
public sealed partial class HttpSession : IBindableFromHttpContext<HttpSession>
{
    /// <summary>Binds the session to a parameter of a minimal API. If the request has none, <c>HttpSession?</c> is null, and the framework
    /// responds with 400 where the parameter is <c>HttpSession</c>.</summary>
    /// <exception cref="InvalidOperationException">The middleware did not run.</exception>
    public static ValueTask<HttpSession?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.GetSessionLoadResult() == SessionLoadResult.NotRun
            ? throw new InvalidOperationException("The session middleware did not run. Call app.UseSessionStores() before the endpoints.")
            : ValueTask.FromResult(context.GetHttpSession());
    }
}
