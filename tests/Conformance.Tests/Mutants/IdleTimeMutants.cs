using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Expiry.An_idle_time_counts_from_the_create", "Expiry.An_idle_time_counts_from_the_set", "Expiry.An_idle_time_counts_from_the_replace", "Expiry.An_idle_time_counts_from_the_rotation", "Expiry.An_idle_time_counts_from_the_touch", "Expiry.An_idle_time_counts_from_the_slide", "Expiry.A_session_whose_idle_time_has_passed_has_expired", "Expiry.Of_an_idle_time_and_an_end_the_first_counts")]
public sealed class IgnoresIdleTimes(ReferenceServer server, string name, StoreSettings settings) : LifetimeMutant(server, name, settings)
{
    protected override DateTimeOffset Turn(SessionLifetime lifetime) => lifetime.End ?? SessionExpiry.Never;
}

[CaughtBy("Expiry.An_idle_time_counts_from_the_create", "Expiry.An_idle_time_counts_from_the_set", "Expiry.An_idle_time_counts_from_the_replace", "Expiry.An_idle_time_counts_from_the_rotation", "Expiry.An_idle_time_counts_from_the_touch", "Expiry.An_idle_time_counts_from_the_slide")]
public sealed class CountsFromWhenItWasOpened(ReferenceServer server, string name, StoreSettings settings) : LifetimeMutant(server, name, settings)
{
    private readonly DateTimeOffset _opened = (settings.Clock ?? TimeProvider.System).GetUtcNow();

    protected override DateTimeOffset Turn(SessionLifetime lifetime) => lifetime.ExpiryAt(_opened);
}

[CaughtBy("Expiry.A_session_whose_idle_time_has_passed_has_expired", "Expiry.An_idle_time_counts_from_the_create")]
public sealed class TakesSecondsForMinutes(ReferenceServer server, string name, StoreSettings settings) : LifetimeMutant(server, name, settings)
{
    protected override DateTimeOffset Turn(SessionLifetime lifetime) => new SessionLifetime((lifetime.Idle ?? TimeSpan.MaxValue / 100) * 60, lifetime.End ?? SessionExpiry.Never).ExpiryAt(Now);
}

[CaughtBy("Expiry.Of_an_idle_time_and_an_end_the_first_counts")]
public sealed class PrefersTheEnd(ReferenceServer server, string name, StoreSettings settings) : LifetimeMutant(server, name, settings)
{
    protected override DateTimeOffset Turn(SessionLifetime lifetime) => lifetime.End ?? lifetime.ExpiryAt(Now);
}

[CaughtBy("Expiry.Of_an_idle_time_and_an_end_the_first_counts")]
public sealed class PrefersTheIdleTime(ReferenceServer server, string name, StoreSettings settings) : LifetimeMutant(server, name, settings)
{
    protected override DateTimeOffset Turn(SessionLifetime lifetime) => lifetime.Idle is { } idle ? SessionExpiry.Add(Now, idle) : lifetime.ExpiryAt(Now);
}

[CaughtBy("Expiry.A_session_with_neither_idle_time_nor_end_never_expires")]
public sealed class GivesTwoWeeksByDefault(ReferenceServer server, string name, StoreSettings settings) : LifetimeMutant(server, name, settings)
{
    protected override DateTimeOffset Turn(SessionLifetime lifetime) => lifetime == default ? Now.AddDays(14) : lifetime.ExpiryAt(Now);
}

[CaughtBy("Expiry.An_end_is_the_same_instant_whenever_it_is_written")]
public sealed class MovesAnEndWithTheClock(ReferenceServer server, string name, StoreSettings settings) : LifetimeMutant(server, name, settings)
{
    private readonly DateTimeOffset _opened = (settings.Clock ?? TimeProvider.System).GetUtcNow();

    protected override DateTimeOffset Turn(SessionLifetime lifetime) => lifetime.End is { } end && end != SessionExpiry.Never ? Now + (end - _opened) : lifetime.ExpiryAt(Now);
}

[CaughtBy("Expiry.An_end_is_the_same_instant_whenever_it_is_written")]
public sealed class KeepsEndsInMinutes(ReferenceServer server, string name, StoreSettings settings) : LifetimeMutant(server, name, settings)
{
    protected override DateTimeOffset Turn(SessionLifetime lifetime) => lifetime.End is { } end ? end.AddSeconds(-end.Second) : lifetime.ExpiryAt(Now);
}

[CaughtBy("Expiry.An_idle_time_of_nothing_leaves_nothing_readable")]
public sealed class TakesNoIdleTimeForNever(ReferenceServer server, string name, StoreSettings settings) : LifetimeMutant(server, name, settings)
{
    protected override DateTimeOffset Turn(SessionLifetime lifetime) => lifetime.Idle == TimeSpan.Zero ? SessionExpiry.Never : lifetime.ExpiryAt(Now);
}

[CaughtBy("Expiry.What_remains_is_returned_by_reads_with_and_without_a_slide", "Expiry.What_remains_is_returned_by_a_listing", "Expiry.What_remains_is_returned_by_a_listing_of_a_subject")]
public sealed class TellsNotWhatRemains(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord ToRecord(ReferenceRow row)
    {
        var record = base.ToRecord(row);
        return new SessionRecord(record.Id, record.Payload, record.ExpiresAt, null, record.Subject, record.Version);
    }
}

[CaughtBy("Expiry.What_remains_is_returned_by_reads_with_and_without_a_slide", "Expiry.What_remains_is_returned_by_a_listing", "Expiry.What_remains_is_returned_by_a_listing_of_a_subject")]
public sealed class TellsWhatRemainedAtFirst(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly DateTimeOffset _opened = (settings.Clock ?? TimeProvider.System).GetUtcNow();

    protected override SessionRecord ToRecord(ReferenceRow row)
    {
        var record = base.ToRecord(row);
        return new SessionRecord(record.Id, record.Payload, record.ExpiresAt, SessionExpiry.Remaining(row.ExpiresAt, _opened), record.Subject, record.Version);
    }
}

[CaughtBy("Expiry.The_same_content_with_another_lifetime_moves_the_expiry")]
public sealed class ReplaceOfTheSameContentWritesNothing(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content) =>
        Find(table, id) is { } row && VersionOf(row) == version && row.Payload.AsSpan().SequenceEqual(content.Payload.Span) && row.Subject == content.Subject
            ? SessionWriteResult.Written(version)
            : base.Replace(table, id, version, content);
}

[CaughtBy("Expiry.The_same_content_with_another_lifetime_moves_the_expiry")]
public sealed class SetOfTheSameContentWritesNothing(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Set(ReferenceTable table, string id, SessionContent content) =>
        (Find(table, id) is { } row && row.Payload.AsSpan().SequenceEqual(content.Payload.Span) && row.Subject == content.Subject) || base.Set(table, id, content);
}
