using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Pruning.A_claim_that_is_not_confirmed_is_made_again_after_its_lease")]
public sealed class ClaimsForGood(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool IsOver(ReferenceClaim claim) => false;
}

[CaughtBy("Pruning.An_expired_session_is_claimed_with_its_content_and_not_again")]
public sealed class ClaimsWithoutALease(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly HashSet<string> _again = [];

    protected override bool IsOver(ReferenceClaim claim) => _again.Add(claim.Row.Id);
}

[CaughtBy("Pruning.An_expired_session_is_claimed_with_its_content_and_not_again")]
public sealed class ConfirmsNothing(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly HashSet<string> _confirmed = [];

    protected override bool Confirm(ReferenceTable table, ExpiredSession session) => _confirmed.Add(session.Session.Id);

    protected override bool IsOver(ReferenceClaim claim) => _confirmed.Remove(claim.Row.Id) || base.IsOver(claim);
}

[CaughtBy("Pruning.What_lives_or_ended_before_its_expiry_is_not_claimed")]
public sealed class ClaimsByTheFirstExpiry(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly Dictionary<string, DateTimeOffset> _first = [];

    protected override ReferenceRow Put(ReferenceTable table, string id, SessionContent content)
    {
        var row = base.Put(table, id, content);
        _first.TryAdd(id, row.ExpiresAt);
        return row;
    }

    protected override bool IsClaimable(ReferenceRow row) => base.IsClaimable(row) || (_first.TryGetValue(row.Id, out var end) && end <= Now);

    protected override IReadOnlyList<ExpiredSession> Claim(ReferenceTable table, int size, TimeSpan lease)
    {
        foreach (var row in table.Rows.Values.Where(IsClaimable).Where(IsLive))
            row.ExpiresAt = _first[row.Id];

        return base.Claim(table, size, lease);
    }
}

[CaughtBy("Pruning.What_lives_or_ended_before_its_expiry_is_not_claimed")]
public sealed class ClaimsWhatWasRotated(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly List<ReferenceRow> _former = [];

    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content)
    {
        var former = Find(table, id);
        var result = base.Rotate(table, id, newId, version, content);
        if (former is not null && result.Status == SessionWriteStatus.Written)
            _former.Add(former);

        return result;
    }

    protected override IReadOnlyList<ExpiredSession> Claim(ReferenceTable table, int size, TimeSpan lease)
    {
        foreach (var row in _former.Where(IsClaimable).ToList())
        {
            table.Rows[row.Id] = row;
            _former.Remove(row);
        }

        return base.Claim(table, size, lease);
    }
}

[CaughtBy("Pruning.A_late_confirmation_does_not_end_the_claim_of_another")]
public sealed class ConfirmsBySession(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string NameOf(ReferenceRow row, int claims) => row.Id;
}

[CaughtBy("Pruning.A_claimed_session_is_gone_and_its_id_is_free")]
public sealed class ConfirmRemovesTheId(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Confirm(ReferenceTable table, ExpiredSession session) => base.Confirm(table, session) | table.Rows.Remove(Key(session.Session.Id));
}

[CaughtBy("Pruning.Claimers_at_once_get_each_session_once")]
public sealed class ClaimsByAStaleList(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<IReadOnlyList<ExpiredSession>> ClaimExpiredAsync(int size, TimeSpan lease, CancellationToken cancellationToken = default)
    {
        CheckClaim(size, lease);
        var rows = await SendAsync("ClaimExpired", false, table => table.Rows.Values.Where(IsClaimable).Take(size).ToList(), cancellationToken);
        await Task.Yield();
        foreach (var row in rows)
            await SendAsync("ClaimExpired", true, table => { Remove(table, Key(row.Id)); return true; }, cancellationToken);

        return [.. rows.Select(row => new ExpiredSession(new SessionRecord(row.Id, row.Payload, row.ExpiresAt, TimeSpan.Zero, row.Subject, default), 1, row.Id))];
    }
}

[CaughtBy("Pruning.An_expired_session_is_claimed_with_its_content_and_not_again")]
public sealed class ClaimsWithoutTheSubject(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override IReadOnlyList<ExpiredSession> Claim(ReferenceTable table, int size, TimeSpan lease) =>
        [.. base.Claim(table, size, lease).Select(each => new ExpiredSession(
            new SessionRecord(each.Session.Id, each.Session.Payload, each.Session.ExpiresAt, TimeSpan.Zero, null, default), each.Claims, each.Claim))];
}

[CaughtBy("Pruning.A_claim_out_of_range_is_refused")]
public sealed class ClaimsAnySize(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void CheckClaim(int size, TimeSpan lease)
    {
    }
}
