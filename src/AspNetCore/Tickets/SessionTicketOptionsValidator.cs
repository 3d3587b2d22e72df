using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Options;

namespace SessionStores.AspNetCore;

/// <summary>Refuses sign-ins for a scheme or a set of sessions that does not exist: they would silently stay in the cookie, or fail.</summary>
internal sealed class SessionTicketOptionsValidator(IOptions<AuthenticationOptions> authentication, IEnumerable<SessionSetName> sets) : IValidateOptions<SessionTicketOptions>
{
    public ValidateOptionsResult Validate(string? name, SessionTicketOptions options)
    {
        var problems = new List<string>();
        var scheme = name ?? "";
        if (!authentication.Value.SchemeMap.TryGetValue(scheme, out var known))
            problems.Add($"AddSessionTickets(\"{scheme}\"): there is no authentication scheme '{scheme}'. {Hint(scheme, authentication.Value.SchemeMap.Keys, "AddCookie")}");
        else if (!typeof(CookieAuthenticationHandler).IsAssignableFrom(known.HandlerType))
            problems.Add($"AddSessionTickets(\"{scheme}\"): the authentication scheme '{scheme}' is not one of cookie authentication. Use the scheme that was given to AddCookie.");

        if (options.SessionsName is null || !sets.Any(set => set.Name == options.SessionsName))
            problems.Add($"SessionTicketOptions.SessionsName of the scheme '{scheme}' must be the name of a set of sessions, but is '{options.SessionsName}'. {Hint(options.SessionsName ?? "", sets.Select(set => set.Name), "AddSessionStores")}");

        if (options.Subject is null)
            problems.Add($"SessionTicketOptions.Subject of the scheme '{scheme}' must not be null. Return null from it for sign-ins without an owner.");

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static string Hint(string name, IEnumerable<string> known, string call) => NearestName.Find(name, known) is { Length: > 0 } nearest
        ? $"Did you mean '{nearest}'?"
        : $"Known are {(known.Any() ? string.Join(", ", known.Order(StringComparer.Ordinal).Select(each => $"'{each}'")) : "none")}; {call} adds one.";
}
