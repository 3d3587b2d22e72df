using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore;

/// <content>A session as a parameter of a minimal API.</content>
public sealed partial class HttpSession : IBindableFromHttpContext<HttpSession>
{
    /// <summary>Gives the session to a parameter of a minimal API. Where there is none, <c>HttpSession?</c> is null, and a request to an
    /// endpoint that asks for <c>HttpSession</c> is answered 400 by the framework.</summary>
    /// <exception cref="InvalidOperationException">The middleware did not run.</exception>
    public static ValueTask<HttpSession?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.GetSessionLoadResult() == SessionLoadResult.NotRun
            ? throw new InvalidOperationException("There is no session: call app.UseSessionStores() before the endpoints.")
            : ValueTask.FromResult(context.GetHttpSession());
    }
}
