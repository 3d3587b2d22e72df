using System.Buffers;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SessionStores.AspNetCore;

/// <summary>Keeps the tickets of cookie authentication in a session store, protected, with the user's id as subject.</summary>
/// <remarks>
/// <para>The browser's cookie contains only a key. A ticket is protected with Data Protection under its own key as purpose, so that a copy under
/// another key cannot be opened. A renewal replaces and never creates: a sign-in that was ended stays ended. A ticket that cannot be read is
/// not changed, and its request is not signed in; the next sign-in or sign-out of its browser ends it by its key.</para>
/// <para>A sign-in always gets a new key and ends every ticket that the browser brought (<see cref="SessionTicketRequest"/>).</para>
/// <para>The token of the request is not used: a sign-out must end the ticket even if the browser does not wait for the response, and the
/// calls are limited in time anyway.</para>
/// </remarks>
internal sealed partial class SessionTicketStore(
    StoreCalls calls, SessionTicketKeys keys, IDataProtectionProvider protection, TimeProvider clock, SessionTicketOptions options, SessionSet set) : ITicketStore
{
    private const string KeyPrefix = "ticket-";
    private const int MaxAttempts = 32;

    /// <summary>The lifetime of a sign-in without an end: the default of cookie authentication.</summary>
    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromDays(14);

    /// <summary>The instants in a ticket have whole seconds.</summary>
    private static readonly TimeSpan Precision = TimeSpan.FromSeconds(1);

    private readonly SessionEnder _ender = new(set, calls);
    private readonly ILogger _logger = set.Logger;
    private int _subjectsMissed;

    /// <summary>The set of sessions whose store keeps the sign-ins.</summary>
    public SessionSet Set => set;

    /// <summary>Whether an id is that of a sign-in.</summary>
    public static bool IsKey(string id) => id.StartsWith(KeyPrefix, StringComparison.Ordinal);

    public Task<string> StoreAsync(AuthenticationTicket ticket) => StoreAsync(ticket, SignedIn(label: null, device: null));

    public async Task<string> StoreAsync(AuthenticationTicket ticket, HttpContext httpContext, CancellationToken cancellationToken)
    {
        var request = SessionTicketRequest.Of(httpContext, this);
        await RemoveAsync(request.TakeBrought(keys.Of(httpContext)), httpContext);
        var owner = options.Subject(ticket.Principal);
        var facts = SignedIn(LabelOf(httpContext), DeviceOf(httpContext, owner));
        var key = await StoreAsync(ticket, facts);
        request.Take(key, owner, facts);
        return key;
    }

    public async Task RenewAsync(string key, AuthenticationTicket ticket)
    {
        for (var attempt = 1; await GetAsync(key) is { } record; attempt++)
        {
            var result = await calls.ReplaceAsync(key, record.Version, ContentOf(key, ticket, SessionFacts.Of(record)), CancellationToken.None);
            if (result.Status == SessionWriteStatus.Written)
                return;

            if (result.Status == SessionWriteStatus.Gone)
                break;

            if (attempt == MaxAttempts)
                throw new SessionConflictException(attempt);
        }

        Log.TicketGone(_logger);
    }

    /// <summary>Called for a renewal, and also for a sign-in when the request brought a valid ticket.</summary>
    public async Task RenewAsync(string key, AuthenticationTicket ticket, HttpContext httpContext, CancellationToken cancellationToken)
    {
        var request = SessionTicketRequest.Of(httpContext, this);
        var owner = options.Subject(ticket.Principal);
        if (request.IsRenewal(owner))
        {
            // The handler sends its cookie again, which has only the key.
            if (SessionModeAttribute.Of(httpContext) == SessionMode.Peek)
                return;

            await RenewAsync(request.LiveKeyOf(key), ticket);
            return;
        }

        var facts = SignedIn(LabelOf(httpContext), DeviceOf(httpContext, owner));
        if (request.End(key) is { } live)
            await RemoveAsync(live, SessionEndReason.SignIn);

        await RemoveAsync(request.TakeBrought(keys.Of(httpContext)), httpContext);
        request.Replace(key, await StoreAsync(ticket, facts), owner, facts);
    }

    public async Task<AuthenticationTicket?> RetrieveAsync(string key) => (await ReadAsync(key)).Ticket;

    public async Task<AuthenticationTicket?> RetrieveAsync(string key, HttpContext httpContext, CancellationToken cancellationToken)
    {
        var (ticket, facts) = await ReadAsync(key);
        if (ticket is null)
            return Former is null ? null : await MoveAsync(Former, key, httpContext);

        SessionTicketRequest.Of(httpContext, this).Take(key, options.Subject(ticket.Principal), facts);
        return ticket;
    }

    public Task RemoveAsync(string key) => RemoveAsync(key, SessionEndReason.Request);

    public async Task RemoveAsync(IReadOnlyList<string> brought, HttpContext httpContext)
    {
        foreach (var key in brought)
        {
            await RemoveAsync(key, SessionEndReason.SignIn);
            if (Former is not null)
                await EndAsync(Former, key, httpContext);
        }
    }

    public async Task RemoveAsync(string key, HttpContext httpContext, CancellationToken cancellationToken)
    {
        if (SessionTicketRequest.Of(httpContext, this).End(key) is { } live)
            await RemoveAsync(live);
    }

    private async Task RemoveAsync(string key, SessionEndReason reason)
    {
        if (SessionIds.IsValid(key))
            await _ender.EndAsync(key, reason, CancellationToken.None);
    }

    private SessionFacts SignedIn(string? label, string? device)
    {
        var now = set.StoreClock.Now;
        return new SessionFacts(now, now, label, device);
    }

    /// <summary>What a new sign-in has in common with the session of its browser, or with the sign-in that it takes the place of, if these have the same owner.</summary>
    private string DeviceOf(HttpContext context, string? owner)
    {
        if (string.IsNullOrEmpty(owner))
            return SessionFacts.NewDevice();

        var subject = SessionSubject.Of(owner);
        var session = SessionRequest.Find(context, set.Name)?.State is { IsDestroyed: false } state && state.Data.Subject == subject ? state.Data.Device : null;
        return session ?? SessionTicketRequest.DeviceOf(context, set, subject, null) ?? SessionFacts.NewDevice();
    }

    private async Task<string> StoreAsync(AuthenticationTicket ticket, SessionFacts facts)
    {
        while (true)
        {
            var key = KeyPrefix + SessionIds.Generate();
            var content = ContentOf(key, ticket, facts);
            var result = await calls.CreateAsync(key, content, CancellationToken.None);
            if (result.Status != SessionWriteStatus.Written)
                continue;

            await set.Events.CreatedAsync(key, content.Subject, facts.Label);
            return key;
        }
    }

    private async Task<(AuthenticationTicket? Ticket, SessionFacts Facts)> ReadAsync(string key)
    {
        if (await GetAsync(key) is not { } record)
            return default;

        try
        {
            using var document = JsonDocument.Parse(record.Payload);
            var ticket = TicketSerializer.Default.Deserialize(Protector(key).Unprotect(document.RootElement.GetProperty("ticket").GetBytesFromBase64()));
            if (ticket is not null)
                MoveToThisClock(ticket.Properties, record);

            return (ticket, SessionFacts.Of(record));
        }
        catch (Exception failure) when (failure is CryptographicException or JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            Log.TicketUnreadable(_logger, failure);
            return default;
        }
    }

    private string? LabelOf(HttpContext context) => SessionFacts.LabelOf(options.Label?.Invoke(context));

    /// <summary>Reads a record. One that the store cannot read signs no one in, and is not an outage: the browser must be able to sign in again.</summary>
    private async Task<SessionRecord?> GetAsync(string key)
    {
        if (!SessionIds.IsValid(key))
            return null;

        try
        {
            var record = await calls.GetAsync(key, null, CancellationToken.None);
            if (record is not null)
                set.StoreClock.Learn(record);

            return record;
        }
        catch (SessionStoreException failure) when (failure.Fault == SessionStoreFault.Unreadable)
        {
            Log.TicketRecordUnreadable(_logger, failure);
            return null;
        }
    }

    private SessionContent ContentOf(string key, AuthenticationTicket ticket, SessionFacts facts)
    {
        var lifetime = LifetimeOf(ticket);
        var output = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();

            // Complete, so that an Express application that lists the sessions of the store can read it; and with its lifetime, so that a list can tell
            // when the sign-in was renewed last.
            writer.WriteStartObject("cookie"u8);
            writer.WriteNumber("originalMaxAge"u8, (long)lifetime.TotalMilliseconds);
            writer.WriteString("expires"u8, SessionDate.ToString(clock.GetUtcNow() + lifetime));
            writer.WriteBoolean("httpOnly"u8, true);
            writer.WriteString("path"u8, "/"u8);
            writer.WriteEndObject();
            if (facts.CreatedAt is { } created)
                writer.WriteNumber(ReservedMembers.Created, created.ToUnixTimeMilliseconds());

            if (facts.AuthenticatedAt is { } authenticated)
                writer.WriteNumber(ReservedMembers.Authenticated, authenticated.ToUnixTimeMilliseconds());

            if (facts.Label is { } label)
                writer.WriteString(ReservedMembers.Label, label);

            if (facts.Device is { } device)
                writer.WriteString(ReservedMembers.Device, device);

            writer.WriteBase64String("ticket"u8, Protector(key).Protect(TicketSerializer.Default.Serialize(ticket)));
            writer.WriteEndObject();
        }

        var second = options.Key?.Invoke(ticket) is { Length: > 0 } text ? SessionSubject.Of(text) : null;
        return new SessionContent(output.WrittenMemory, lifetime, SubjectOf(ticket.Principal), second);
    }

    /// <summary>The end of a ticket was computed with the clock of this node. What is left of it is counted by the clock of the store.</summary>
    private TimeSpan LifetimeOf(AuthenticationTicket ticket) => ticket.Properties.ExpiresUtc - clock.GetUtcNow() ?? DefaultLifetime;

    /// <summary>The instants in a ticket are those of the node that wrote it, and the handler compares them with the clock of this node: it would end
    /// a sign-in whose life is not over. What the store says is left counts.</summary>
    private void MoveToThisClock(AuthenticationProperties ticket, SessionRecord record)
    {
        if (ticket.ExpiresUtc is not { } end || record.Remaining is not { } remaining)
            return;

        var ahead = clock.GetUtcNow() + remaining - end;
        if (ahead.Duration() <= Precision)
            return;

        ticket.ExpiresUtc = end + ahead;
        ticket.IssuedUtc += ahead;
    }

    private string? SubjectOf(ClaimsPrincipal principal)
    {
        if (options.Subject(principal) is { Length: > 0 } subject)
            return SessionSubject.Of(subject);

        if (Interlocked.Exchange(ref _subjectsMissed, 1) == 0)
            Log.TicketWithoutSubject(_logger);

        return null;
    }

    private IDataProtector Protector(string key) => protection.CreateProtector("SessionStores.AspNetCore.Ticket", "v1", key);
}
