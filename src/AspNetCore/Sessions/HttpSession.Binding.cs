using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore;

/// <content>A session as a parameter of a minimal API.</content>
public sealed partial class HttpSession : IBindableFromHttpContext<HttpSession>
{
    /// <summary>Binds the session to a parameter of a minimal API. If the request has none, <c>HttpSession?</c> is null, and the framework
    /// responds with 400 where the parameter is <c>HttpSession</c>.</summary>
    /// <exception cref="InvalidOperationException">The middleware did not run; or the endpoint has <see cref="SessionMode.None"/>, and the parameter is not
    /// <c>HttpSession?</c>.</exception>
    public static ValueTask<HttpSession?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.GetSessionLoadResult() switch
        {
            SessionLoadResult.NotRun => throw new InvalidOperationException("The session middleware did not run. Call app.UseSessionStores() before the endpoints."),
            SessionLoadResult.OptedOut when IsRequired(parameter) => throw new InvalidOperationException(
                $"The endpoint has SessionMode.None, so that its parameter '{parameter.Name}' never has a session. Remove the parameter, or the mode."),
            _ => ValueTask.FromResult(context.GetHttpSession()),
        };
    }

    /// <summary>Whether the parameter is <c>HttpSession</c>, as far as the application knows: a trimmed one has no nullability at run time.</summary>
    private static bool IsRequired(ParameterInfo parameter) =>
        !(AppContext.TryGetSwitch("System.Reflection.NullabilityInfoContext.IsSupported", out var isSupported) && !isSupported)
        && new NullabilityInfoContext().Create(parameter).ReadState == NullabilityState.NotNull;
}
