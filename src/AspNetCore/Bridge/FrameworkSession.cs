using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore;

/// <summary>The session of a request as <c>HttpContext.Session</c> and TempData see it. Loading is already done, so only
/// <see cref="CommitAsync"/> does I/O.</summary>
internal sealed class FrameworkSession(SessionRequest request) : ISession
{
    private bool _hasWarned;

    public bool IsAvailable => request.Session is not null;

    /// <summary>The handle, a digest of the session's id: code that uses the framework's session often logs this.</summary>
    public string Id => request.Session?.Handle ?? "";

    public IEnumerable<string> Keys => request.Session?.Keys.Select(FrameworkValue.KeyOf) ?? [];

    public Task LoadAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.CompletedTask;
    }

    public Task CommitAsync(CancellationToken cancellationToken = default) =>
        request is { IsSuperseded: false, State.NeedsSave: true } && request.Session is { } session ? session.SaveAsync(cancellationToken) : Task.CompletedTask;

    public bool TryGetValue(string key, [NotNullWhen(true)] out byte[]? value)
    {
        value = request.Session is { } session && session.GetRaw(ExistingMemberOf(key)) is { IsEmpty: false } json
            ? FrameworkValue.FromJson(json.Span)
            : null;
        return value is not null;
    }

    public void Set(string key, byte[] value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (Changeable() is { } session)
            session.SetRaw(FrameworkValue.MemberOf(key), FrameworkValue.ToJson(value).Span);
    }

    /// <summary>Removing a member that does not exist is not a change, so that it works on endpoints that only read and after the response has
    /// started; TempData does this on every request.</summary>
    public void Remove(string key)
    {
        var member = ExistingMemberOf(key);
        if (request.Session?.ContainsKey(member) != false)
            Changeable()?.Remove(member);
    }

    public void Clear()
    {
        if (request.Session is not { Keys.Count: 0 })
            Changeable()?.Clear();
    }

    /// <summary>The name of the member for a key. A peer may have stored a name that this interface cannot write.</summary>
    private string ExistingMemberOf(string key)
    {
        var member = FrameworkValue.MemberOf(key);
        return !MemberNames.IsWellFormed(key) && request.Session?.ContainsKey(key) == true ? key : member;
    }

    /// <summary>Returns the session; null if the request has none: during an outage in which the policy continues, and after log-out. As with the
    /// framework's own session a change is then discarded, because code such as TempData makes changes without checking.</summary>
    private HttpSession? Changeable()
    {
        var session = request.Session;
        if (session is null && !_hasWarned)
        {
            _hasWarned = true;
            request.WarnOfDroppedChange();
        }

        return session;
    }
}
