using Microsoft.AspNetCore.Components.Authorization;
using SessionStores.AspNetCore;

namespace Blazor;

/// <summary>The session of the user of a circuit. The same in the prerendered page and in the circuit that continues it.</summary>
internal sealed class CircuitSession(AuthenticationStateProvider users, SessionAccess sessions)
{
    public const string IdClaim = "session";

    /// <summary>Loads the session as it is now; null after a log-out. Nothing is kept between events: a circuit lives for hours.</summary>
    public async Task<HttpSession?> LoadAsync()
    {
        var state = await users.GetAuthenticationStateAsync();
        return state.User.FindFirst(IdClaim) is { Value: var id } ? await sessions.LoadAsync(id) : null;
    }
}
