using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Pruning.One_confirmation_removes_all_of_its_sessions")]
public sealed class ConfirmsTheFirstOnly(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask ConfirmExpiredAsync(IReadOnlyCollection<ExpiredSession> sessions, CancellationToken cancellationToken = default) =>
        await base.ConfirmExpiredAsync([.. sessions.Take(1)], cancellationToken);
}

[CaughtBy("Pruning.A_claim_of_old_and_new_sessions_has_at_most_its_size")]
public sealed class ClaimsOldAndNewOfItsSize(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override IReadOnlyList<ExpiredSession> Claim(ReferenceTable table, int size, TimeSpan lease)
    {
        var old = table.Claims.Values.Count(IsOver);
        return base.Claim(table, Math.Min(old, size) + size, lease);
    }
}

[CaughtBy("Pruning.A_lease_is_as_long_as_was_asked")]
public sealed class LeasesForWholeSeconds(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override IReadOnlyList<ExpiredSession> Claim(ReferenceTable table, int size, TimeSpan lease) =>
        base.Claim(table, size, TimeSpan.FromSeconds(Math.Ceiling(lease.TotalSeconds)));
}

[CaughtBy("Pruning.A_lease_is_as_long_as_was_asked")]
public sealed class LeasesForTheSecondsOfALease(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override IReadOnlyList<ExpiredSession> Claim(ReferenceTable table, int size, TimeSpan lease) =>
        base.Claim(table, size, TimeSpan.FromSeconds(lease.Seconds));
}

[CaughtBy("Pruning.A_lease_is_as_long_as_was_asked")]
public sealed class LeaseEndsATickLate(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool IsOver(ReferenceClaim claim) => claim.Until < Now;
}

[CaughtBy("Pruning.Clear_ends_claims")]
public sealed class ClearLeavesClaims(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Clear(ReferenceTable table)
    {
        var claims = table.Claims.ToList();
        base.Clear(table);
        foreach (var (claim, claimed) in claims)
            table.Claims[claim] = claimed;

        return true;
    }
}

[CaughtBy("Pruning.A_claimed_session_is_gone_and_its_id_is_free")]
public sealed class CountsClaimedSessionsOfASubject(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long CountBySubject(ReferenceTable table, string subject) =>
        base.CountBySubject(table, subject) + table.Claims.Values.Count(claim => claim.Row.Subject == subject);
}

[CaughtBy("Pruning.A_claimed_session_is_gone_and_its_id_is_free")]
public sealed class SaysThatItDestroysAClaimedSession(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Destroy(ReferenceTable table, string id) => base.Destroy(table, id) | table.Claims.Values.Any(claim => claim.Row.Id == id);
}

[CaughtBy("Pruning.A_claimed_session_is_gone_and_its_id_is_free")]
public sealed class CountsClaimedSessionsAsDestroyed(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds) =>
        base.DestroyBySubject(table, subject, exceptIds) + table.Claims.Values.Count(claim => claim.Row.Subject == subject);
}
