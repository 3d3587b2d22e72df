using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Caching.Distributed;

namespace SessionStores.AspNetCore.IntegrationTests.Tickets;

/// <summary>Keeps sign-ins in a distributed cache, as applications do without this collection.</summary>
internal sealed class CacheTicketStore(IDistributedCache cache) : ITicketStore
{
    public async Task<string> StoreAsync(AuthenticationTicket ticket)
    {
        var key = "AuthSessionStore-" + RandomNumberGenerator.GetHexString(32);
        await RenewAsync(key, ticket);
        return key;
    }

    public Task RenewAsync(string key, AuthenticationTicket ticket) =>
        cache.SetAsync(key, TicketSerializer.Default.Serialize(ticket), new DistributedCacheEntryOptions { AbsoluteExpiration = ticket.Properties.ExpiresUtc });

    public async Task<AuthenticationTicket?> RetrieveAsync(string key) =>
        await cache.GetAsync(key) is { } record ? TicketSerializer.Default.Deserialize(record) : null;

    public Task RemoveAsync(string key) => cache.RemoveAsync(key);
}
