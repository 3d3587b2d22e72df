using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Cap.Sessions_of_others_and_of_no_subject_do_not_count")]
public sealed class CapsCountSessionsWithoutASubject(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override List<ReferenceRow> MembersOf(ReferenceTable table, string subject) =>
        [.. table.Rows.Values.Where(row => row.Subject is null || row.Subject == subject).Where(IsLive)];
}

[CaughtBy("Cap.Sessions_of_others_and_of_no_subject_do_not_count")]
public sealed class CapsCountSubjectsThatBeginAlike(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override List<ReferenceRow> MembersOf(ReferenceTable table, string subject) =>
        [.. table.Rows.Values.Where(row => row.Subject?.StartsWith(subject, StringComparison.Ordinal) == true).Where(IsLive)];
}

[CaughtBy("Cap.Sessions_of_others_and_of_no_subject_do_not_count")]
public sealed class CapsCountSubjectsWithoutTheirCase(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override List<ReferenceRow> MembersOf(ReferenceTable table, string subject) =>
        [.. table.Rows.Values.Where(row => string.Equals(row.Subject, subject, StringComparison.OrdinalIgnoreCase)).Where(IsLive)];
}

[CaughtBy("Cap.A_session_of_a_subject_in_another_case_has_no_place")]
public sealed class KeepsThePlaceOfASubjectInAnotherCase(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool IsMember(ReferenceRow? row, SessionContent content) => string.Equals(row?.Subject, content.Subject, StringComparison.OrdinalIgnoreCase);
}

[CaughtBy("Cap.An_expired_session_does_not_end_in_place_of_a_live_one")]
public sealed class EndsTheExpiredInPlaceOfTheLive(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override IEnumerable<ReferenceRow> InOrder(List<ReferenceRow> members) =>
        base.InOrder([.. members[0].Table!.Rows.Values.Where(row => row.Subject == members[0].Subject)]);
}

[CaughtBy("Cap.Of_sessions_that_joined_at_once_the_order_of_their_ids_decides")]
public sealed class EndsTheFirstWrittenOfThoseThatJoinedAtOnce(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override IEnumerable<ReferenceRow> InOrder(List<ReferenceRow> members) => members.OrderBy(row => row.JoinedAt);
}

[CaughtBy("Cap.Rotations_changes_and_touches_do_not_make_a_session_newer")]
public sealed class JoinsAnewByASlide(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool TryExtend(SlidingExpiry slide, ReferenceRow row, out DateTimeOffset extended)
    {
        if (!base.TryExtend(slide, row, out extended))
            return false;

        row.JoinedAt = JoinNow;
        return true;
    }
}

[CaughtBy("Cap.Rotations_changes_and_touches_do_not_make_a_session_newer")]
public sealed class JoinsAnewByATouch(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Touch(ReferenceTable table, string id, DateTimeOffset expiresAt)
    {
        if (Find(table, id) is { } row)
            row.JoinedAt = JoinNow;

        return base.Touch(table, id, expiresAt);
    }
}

[CaughtBy("Epoch.An_epoch_voids_more_than_a_thousand_sessions")]
public sealed class VoidsAThousandSessions(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Void(ReferenceTable table, string subject)
    {
        foreach (var key in KeysOf(table, subject).Take(1000))
            Remove(table, key);

        return true;
    }
}
