using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Expiry.A_session_lives_to_the_last_millisecond_and_no_longer", "Expiry.Every_operation_takes_the_same_side_of_the_boundary")]
public sealed class ExpiresOneTickLate(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool IsLive(ReferenceRow row) => row.ExpiresAt >= Now;
}

[CaughtBy("Expiry.A_session_lives_to_the_last_millisecond_and_no_longer")]
public sealed class ExpiresOneMillisecondEarly(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool IsLive(ReferenceRow row) => row.ExpiresAt.AddMilliseconds(-1) > Now;
}

[CaughtBy("Expiry.An_expired_session_is_not_read", "Expiry.Expiry_ends_one_session_and_no_other", "Expiry.A_session_of_less_than_a_second_expires")]
public sealed class ExpiresWhenSweptOnly(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool IsLive(ReferenceRow row) => true;
}

[CaughtBy("Expiry.An_expired_session_is_not_read")]
public sealed class ReadsTheWallClock(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override DateTimeOffset Now => TimeProvider.System.GetUtcNow();
}

[CaughtBy("Expiry.An_expiry_is_kept_to_the_step_of_the_store_and_rounded_up")]
public sealed class KeepsWholeSeconds(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override DateTimeOffset ExpiryOf(SessionContent content) =>
        base.ExpiryOf(content) == SessionExpiry.Never ? base.ExpiryOf(content) : DateTimeOffset.FromUnixTimeSeconds(base.ExpiryOf(content).ToUnixTimeSeconds());
}

[CaughtBy("Expiry.A_session_can_live_to_a_far_future")]
public sealed class CountsSecondsInAnInt(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override DateTimeOffset ExpiryOf(SessionContent content) =>
        base.ExpiryOf(content).ToUnixTimeSeconds() > int.MaxValue ? DateTimeOffset.FromUnixTimeSeconds(int.MaxValue) : base.ExpiryOf(content);
}

[CaughtBy("Expiry.A_session_can_live_for_ever", "Expiry.A_session_with_neither_idle_time_nor_end_never_expires")]
public sealed class TakesNeverForAYear(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override DateTimeOffset ExpiryOf(SessionContent content) =>
        base.ExpiryOf(content) == SessionExpiry.Never ? Now.AddDays(365) : base.ExpiryOf(content);
}

[CaughtBy("Expiry.The_latest_instant_of_the_calendar_is_kept")]
public sealed class OverflowsAtTheEndOfTheCalendar(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override DateTimeOffset ExpiryOf(SessionContent content) => base.ExpiryOf(content).Year == 9999 ? base.ExpiryOf(content).AddMinutes(1) : base.ExpiryOf(content);
}

[CaughtBy(
    "Expiry.Create_with_an_expiry_that_has_passed_leaves_nothing_readable",
    "Expiry.Set_with_an_expiry_that_has_passed_leaves_nothing_readable",
    "Expiry.Replace_with_an_expiry_that_has_passed_leaves_nothing_readable",
    "Expiry.Rotate_with_an_expiry_that_has_passed_leaves_nothing_readable", "Expiry.An_idle_time_of_nothing_leaves_nothing_readable")]
public sealed class GivesPastContentAMinute(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override DateTimeOffset ExpiryOf(SessionContent content) => base.ExpiryOf(content) <= Now ? Now.AddMinutes(1) : base.ExpiryOf(content);
}

[CaughtBy("Expiry.Set_with_an_expiry_that_has_passed_leaves_nothing_readable")]
public sealed class IgnoresASetOfPastContent(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Set(ReferenceTable table, string id, SessionContent content) => base.ExpiryOf(content) <= Now || base.Set(table, id, content);
}

[CaughtBy("Touch.Touch_of_an_expired_session_returns_false_and_does_not_bring_it_back")]
public sealed class TouchesTheExpired(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Touch(ReferenceTable table, string id, DateTimeOffset expiresAt)
    {
        if (!table.Rows.TryGetValue(id, out var row))
            return false;

        row.ExpiresAt = expiresAt > row.ExpiresAt ? expiresAt : row.ExpiresAt;
        return true;
    }
}

[CaughtBy("Expiry.Destroying_an_expired_session_returns_false")]
public sealed class CountsTheExpiredAsDestroyed(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Destroy(ReferenceTable table, string id)
    {
        var wasThere = table.Rows.ContainsKey(id);
        Remove(table, id);
        return wasThere;
    }
}

[CaughtBy("Lifecycle.An_expired_session_does_not_hold_its_id")]
public sealed class ExpiredSessionsHoldTheirIds(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Create(ReferenceTable table, string id, SessionContent content) =>
        table.Rows.ContainsKey(id) ? SessionWriteResult.NotWritten(SessionWriteStatus.Taken) : base.Create(table, id, content);
}

[CaughtBy("Replacement.Replace_of_an_expired_session_is_gone_and_does_not_bring_it_back")]
public sealed class ReplacesTheExpired(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content) =>
        table.Rows.TryGetValue(id, out var row) && VersionOf(row) == version
            ? SessionWriteResult.Written(VersionOf(Put(table, id, content)))
            : base.Replace(table, id, version, content);
}

[CaughtBy("Rotation.Rotate_of_an_expired_session_is_gone_and_does_not_bring_it_back")]
public sealed class RotatesTheExpired(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content)
    {
        if (Find(table, id) is null && table.Rows.ContainsKey(id))
        {
            Remove(table, id);
            return SessionWriteResult.Written(VersionOf(Put(table, newId, content)));
        }

        return base.Rotate(table, id, newId, version, content);
    }
}

[CaughtBy("Rotation.Rotate_to_the_id_of_an_expired_session_is_rotated")]
public sealed class RotationFindsExpiredIdsTaken(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content) =>
        Find(table, id) is not null && table.Rows.ContainsKey(newId)
            ? SessionWriteResult.NotWritten(SessionWriteStatus.Taken)
            : base.Rotate(table, id, newId, version, content);
}
