using Microsoft.AspNetCore.Authentication.Cookies;

namespace SessionStores.AspNetCore;

/// <summary>Where the sign-ins of a scheme were kept before.</summary>
internal sealed record FormerTickets(ITicketStore Store, MovedKeys Moved, SessionMetrics Metrics);
