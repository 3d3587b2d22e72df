using Microsoft.AspNetCore.Components.Authorization;
using SessionStores.AspNetCore;

namespace Blazor;

/// <summary>The session of the user of a circuit. The same in the prerendered page and in the circuit that continues it.</summary>
internal sealed class CircuitSession(AuthenticationStateProvider users, SessionAccess sessions)
{
    public const string IdClaim = "session";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Loads the session as it is now; null after a log-out. Nothing is kept between events: a circuit lives for hours.</summary>
    public async Task<HttpSession?> LoadAsync() => await FindIdAsync() is { } id ? await sessions.LoadAsync(id) : null;

    /// <summary>Completes when the session has ended, here or on another node.</summary>
    public async Task WhenEndedAsync(CancellationToken cancellationToken)
    {
        if (await FindIdAsync() is { } id)
            await sessions.WhenEndedAsync(id, Interval, cancellationToken);
    }

    private async Task<string?> FindIdAsync() => (await users.GetAuthenticationStateAsync()).User.FindFirst(IdClaim)?.Value;
}
