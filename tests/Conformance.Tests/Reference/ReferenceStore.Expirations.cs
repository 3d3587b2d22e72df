namespace SessionStores.Conformance.Tests.Reference;

public partial class ReferenceStore : ISessionExpirations
{
    public virtual async ValueTask<IReadOnlyList<ExpiredSession>> ClaimExpiredAsync(int size, TimeSpan lease, CancellationToken cancellationToken = default)
    {
        CheckClaim(size, lease);
        return await SendAsync("ClaimExpired", true, table => Claim(table, size, lease), cancellationToken);
    }

    public virtual async ValueTask ConfirmExpiredAsync(IReadOnlyCollection<ExpiredSession> sessions, CancellationToken cancellationToken = default) =>
        await SendAsync("ConfirmExpired", true, table => sessions.Count(each => Confirm(table, each)), cancellationToken);

    protected virtual void CheckClaim(int size, TimeSpan lease) => ExpiredSession.ThrowIfInvalid(size, lease);

    protected virtual bool IsOver(ReferenceClaim claim) => claim.Until <= Now;

    protected virtual bool IsClaimable(ReferenceRow row) => !IsLive(row) && !IsVoid(row);

    protected virtual IReadOnlyList<ExpiredSession> Claim(ReferenceTable table, int size, TimeSpan lease)
    {
        var again = table.Claims.Where(pair => IsOver(pair.Value)).Take(size).ToList();
        foreach (var (name, _) in again)
            table.Claims.Remove(name);

        var fresh = table.Rows.Where(pair => IsClaimable(pair.Value)).Take(size - again.Count).ToList();
        foreach (var (key, _) in fresh)
            Remove(table, key);

        return [.. again.Select(pair => (pair.Value.Row, pair.Value.Claims)).Concat(fresh.Select(pair => (pair.Value, 0))).Select(each => Claim(table, each.Item1, each.Item2 + 1, lease))];
    }

    protected virtual bool Confirm(ReferenceTable table, ExpiredSession session) => table.Claims.Remove(session.Claim);

    private ExpiredSession Claim(ReferenceTable table, ReferenceRow row, int claims, TimeSpan lease)
    {
        var name = NameOf(row, claims);
        table.Claims[name] = new ReferenceClaim(row, claims, Now + lease);
        return new ExpiredSession(new SessionRecord(row.Id, row.Payload, row.ExpiresAt, TimeSpan.Zero, row.Subject, default, row.Key), claims, name);
    }

    protected virtual string NameOf(ReferenceRow row, int claims) => Guid.NewGuid().ToString();
}
