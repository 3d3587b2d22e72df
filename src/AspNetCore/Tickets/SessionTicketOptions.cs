using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore;

/// <summary>How sign-ins are kept in a session store.</summary>
public sealed class SessionTicketOptions
{
    /// <summary>The name of the set of sessions whose store keeps the sign-ins.</summary>
    /// <value>Default empty: the default set.</value>
    public string SessionsName { get; set; } = "";

    /// <summary>Returns the owner of a sign-in, so that "log out everywhere" ends it; null for no owner.</summary>
    /// <value>Default the claim <see cref="ClaimTypes.NameIdentifier"/>, or <c>sub</c> without it. An owner that is longer than a subject
    /// may be is stored as a hash; <see cref="SessionAccess"/> finds it by its full text.</value>
    public Func<ClaimsPrincipal, string?> Subject { get; set; } =
        static principal => principal.FindFirstValue(ClaimTypes.NameIdentifier) ?? principal.FindFirstValue("sub");

    /// <summary>Returns the second key of a sign-in (<see cref="HttpSession.Key"/>), such as the claim <c>sid</c> of an identity provider, so that a back-channel
    /// log-out ends it; null for none. A key that is longer than a key may be is stored as a hash; <see cref="SessionAccess"/> finds it by its full text.</summary>
    /// <value>Default null: sign-ins have no key. Needs a store that offers <see cref="ISessionKeys"/>; with another one the first use of the scheme fails, and says so.</value>
    public Func<AuthenticationTicket, string?>? Key { get; set; }

    /// <summary>Returns what a sign-in is called in the list of its user (<see cref="SessionInfo.Label"/>), such as the device that the header
    /// <c>User-Agent</c> names. Called at a sign-in; at most 256 characters are kept.</summary>
    /// <value>Default null: sign-ins have no label.</value>
    public Func<HttpContext, string?>? Label { get; set; }

    /// <summary>Creates the store that kept the sign-ins before, such as one over a distributed cache. Each sign-in is moved from there at the first request that brings
    /// it, and its browser gets a cookie with a new key, so that no user is signed out.</summary>
    /// <value>Default null: nothing is moved. Called once.</value>
    public Func<IServiceProvider, ITicketStore>? MoveFrom { get; set; }
}
