using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

internal static class Wrapped
{
    /// <summary>The instant that 32 bits of seconds hold.</summary>
    public static DateTimeOffset In32Bits(DateTimeOffset instant) =>
        instant == SessionExpiry.Never ? instant : DateTimeOffset.FromUnixTimeSeconds(unchecked((int)instant.ToUnixTimeSeconds()));

    public static SessionLifetime YearForNever(SessionLifetime lifetime, DateTimeOffset now) => lifetime == SessionLifetime.Never ? now.AddDays(365) : lifetime;

    public static SessionRecord With(this SessionRecord record, DateTimeOffset expiresAt) =>
        new(record.Id, record.Payload, expiresAt, record.Remaining, record.Subject, record.Version);

    public static SessionRecord Seconds(this SessionRecord record) => record.ExpiresAt == SessionExpiry.Never
        ? record
        : record.With(DateTimeOffset.FromUnixTimeSeconds(record.ExpiresAt.ToUnixTimeSeconds()));
}

[CaughtBy("Expiry.Far_ends_are_kept_on_every_path")]
public sealed class TouchWrapsIn2038(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Touch(ReferenceTable table, string id, DateTimeOffset expiresAt) => base.Touch(table, id, Wrapped.In32Bits(expiresAt));
}

[CaughtBy("Expiry.Far_ends_are_kept_on_every_path")]
public sealed class SlideWrapsIn2038(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool TryExtend(SlidingExpiry slide, ReferenceRow row, out DateTimeOffset extended) =>
        base.TryExtend(new SlidingExpiry(slide.WhenRemainingBelow, Wrapped.In32Bits(slide.ExtendTo.ExpiryAt(Now))), row, out extended);
}

[CaughtBy("Expiry.Far_ends_are_kept_on_every_path")]
public sealed class ReplaceWrapsIn2038(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content) =>
        base.Replace(table, id, version, new SessionContent(content.Payload, Wrapped.In32Bits(base.ExpiryOf(content)), content.Subject));
}

[CaughtBy("Expiry.Endless_lives_are_kept_on_every_path")]
public sealed class ReplaceTakesNeverForAYear(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content) =>
        base.Replace(table, id, version, new SessionContent(content.Payload, Wrapped.YearForNever(content.Lifetime, Now), content.Subject));
}

[CaughtBy("Expiry.Endless_lives_are_kept_on_every_path")]
public sealed class RotateTakesNeverForAYear(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content) =>
        base.Rotate(table, id, newId, version, new SessionContent(content.Payload, Wrapped.YearForNever(content.Lifetime, Now), content.Subject));
}

[CaughtBy("Expiry.Endless_lives_are_kept_on_every_path")]
public sealed class SetTakesNeverForAYear(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Set(ReferenceTable table, string id, SessionContent content) =>
        base.Set(table, id, new SessionContent(content.Payload, Wrapped.YearForNever(content.Lifetime, Now), content.Subject));
}

[CaughtBy("Expiry.Endless_lives_are_kept_on_every_path")]
public sealed class ListsNeverAsTheLastDay(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Readable(ReferenceTable table, string key) =>
        base.Readable(table, key) is { } record ? record.ExpiresAt == SessionExpiry.Never ? record.With(new DateTimeOffset(9999, 12, 31, 0, 0, 0, TimeSpan.Zero)) : record : null;
}

[CaughtBy("Expiry.Ends_in_summer_and_winter_are_kept_on_every_path")]
public sealed class AddsAnHourInSummer(ReferenceServer server, string name, StoreSettings settings) : LifetimeMutant(server, name, settings)
{
    protected override DateTimeOffset Turn(SessionLifetime lifetime) =>
        lifetime.ExpiryAt(Now) is { Month: > 3 and < 11 } summer && summer != SessionExpiry.Never ? summer.AddHours(1) : lifetime.ExpiryAt(Now);
}

[CaughtBy("Expiry.Ends_in_summer_and_winter_are_kept_on_every_path")]
public sealed class ListsAnHourLessInSummer(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Readable(ReferenceTable table, string key) =>
        base.Readable(table, key) is { } record ? record.ExpiresAt is { Month: > 3 and < 11 } summer ? record.With(summer.AddHours(-1)) : record : null;
}

[CaughtBy("Expiry.Ends_in_summer_and_winter_are_kept_on_every_path")]
public sealed class KnowsNoLeapDay(ReferenceServer server, string name, StoreSettings settings) : LifetimeMutant(server, name, settings)
{
    protected override DateTimeOffset Turn(SessionLifetime lifetime) =>
        lifetime.ExpiryAt(Now) is { Month: 2, Day: 29 } leap ? leap.AddDays(-1) : lifetime.ExpiryAt(Now);
}

[CaughtBy("Expiry.Ends_in_summer_and_winter_are_kept_on_every_path")]
public sealed class ListsWholeSeconds(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Readable(ReferenceTable table, string key) => base.Readable(table, key)?.Seconds();
}

[CaughtBy("Expiry.Ends_in_summer_and_winter_are_kept_on_every_path")]
public sealed class ListsOfASubjectHaveWholeSeconds(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionPage Page(ReferenceTable table, string subject, int size, string? position, bool withPayloads)
    {
        var page = base.Page(table, subject, size, position, withPayloads);
        return new SessionPage([.. page.Sessions.Select(record => record.Seconds())], page.Continuation);
    }
}

[CaughtBy("Expiry.Ends_in_summer_and_winter_are_kept_on_every_path")]
public sealed class SlideRoundsDown(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool TryExtend(SlidingExpiry slide, ReferenceRow row, out DateTimeOffset extended)
    {
        var isDue = base.TryExtend(slide, row, out extended);
        if (isDue && extended != SessionExpiry.Never)
            extended = DateTimeOffset.FromUnixTimeSeconds(extended.ToUnixTimeSeconds());

        return isDue;
    }
}

[CaughtBy("Expiry.Long_idle_times_are_kept_on_every_path")]
public sealed class CountsMillisecondsInAnInt(ReferenceServer server, string name, StoreSettings settings) : LifetimeMutant(server, name, settings)
{
    protected override DateTimeOffset Turn(SessionLifetime lifetime) => lifetime.Idle is { } idle
        ? new SessionLifetime(TimeSpan.FromMilliseconds(Math.Min((long)idle.TotalMilliseconds, int.MaxValue)), lifetime.End ?? SessionExpiry.Never).ExpiryAt(Now)
        : lifetime.ExpiryAt(Now);
}

[CaughtBy("Expiry.Long_idle_times_are_kept_on_every_path")]
public sealed class TouchTakesFiftyDaysAtMost(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Touch(ReferenceTable table, string id, SessionLifetime lifetime) =>
        base.Touch(table, id, lifetime.Idle is { TotalMilliseconds: > uint.MaxValue } ? TimeSpan.FromMilliseconds(uint.MaxValue) : lifetime);
}

[CaughtBy("Expiry.Long_idle_times_are_kept_on_every_path")]
public sealed class SaysSomethingRemainsFor25DaysAtMost(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord ToRecord(ReferenceRow row) => base.ToRecord(row) is { Remaining: { TotalMilliseconds: > int.MaxValue } } record
        ? new SessionRecord(record.Id, record.Payload, record.ExpiresAt, TimeSpan.FromMilliseconds(int.MaxValue), record.Subject, record.Version)
        : base.ToRecord(row);
}

[CaughtBy("Expiry.Idle_times_of_fractions_of_a_second_are_kept_on_every_path")]
public sealed class CountsIdleTimesInSeconds(ReferenceServer server, string name, StoreSettings settings) : LifetimeMutant(server, name, settings)
{
    protected override DateTimeOffset Turn(SessionLifetime lifetime) => lifetime.Idle is { } idle && idle < TimeSpan.FromSeconds(10)
        ? Now.AddSeconds(Math.Ceiling(idle.TotalSeconds))
        : lifetime.ExpiryAt(Now);
}

[CaughtBy("Expiry.Idle_times_of_fractions_of_a_second_are_kept_on_every_path")]
public sealed class TakesLessThanASecondForNothing(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content)
    {
        var result = base.Replace(table, id, version, content);
        if (content.Lifetime.Idle is { TotalSeconds: < 1 })
            Remove(table, Key(id));

        return result;
    }
}

[CaughtBy("Expiry.A_session_of_a_far_or_endless_life_is_live_for_every_operation")]
public sealed class CreatesOverWhatNeverExpires(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Create(ReferenceTable table, string id, SessionContent content)
    {
        if (Find(table, id)?.ExpiresAt == SessionExpiry.Never)
            Remove(table, Key(id));

        return base.Create(table, id, content);
    }
}

[CaughtBy("Expiry.A_session_of_a_far_or_endless_life_is_live_for_every_operation")]
public sealed class RotatesOverWhatNeverExpires(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content)
    {
        if (Find(table, id) is not null && Find(table, newId)?.ExpiresAt == SessionExpiry.Never)
            Remove(table, Key(newId));

        return base.Rotate(table, id, newId, version, content);
    }
}

[CaughtBy("Expiry.A_session_of_a_far_or_endless_life_is_live_for_every_operation")]
public sealed class CountsOnlyWhatExpires(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> LengthAsync(CancellationToken cancellationToken = default) =>
        await SendAsync("Length", false, table => table.Rows.Values.LongCount(row => IsLive(row) && row.ExpiresAt != SessionExpiry.Never), cancellationToken);
}

[CaughtBy("Expiry.A_session_of_a_far_or_endless_life_is_live_for_every_operation")]
public sealed class DestroysOfASubjectOnlyWhatExpires(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds) => base.DestroyBySubject(
        table, subject, exceptIds.Concat(table.Rows.Where(pair => pair.Value.ExpiresAt == SessionExpiry.Never).Select(pair => pair.Key)).ToHashSet());
}

[CaughtBy("Expiry.A_session_of_a_far_or_endless_life_is_live_for_every_operation")]
public sealed class PrunesTheFarFuture(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long Prune(ReferenceTable table, int batchSize)
    {
        var far = table.Rows.Where(pair => pair.Value.ExpiresAt.Year is > 2262 and < 9999).Select(pair => pair.Key).Take(batchSize).ToList();
        far.ForEach(key => Remove(table, key));
        return far.Count == batchSize ? far.Count : far.Count + base.Prune(table, batchSize - far.Count);
    }
}

[CaughtBy("Expiry.A_session_of_a_far_or_endless_life_is_live_for_every_operation")]
public sealed class SaysOfWhatNeverExpiresThatItWasNotThere(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Destroy(ReferenceTable table, string id) => Find(table, id)?.ExpiresAt != SessionExpiry.Never & base.Destroy(table, id);
}

[CaughtBy("Touch.Touch_goes_past_the_limits_of_the_record")]
public sealed class TouchStopsAtTheLimitsOfTheRecord(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Touch(ReferenceTable table, string id, DateTimeOffset expiresAt)
    {
        if (Find(table, id) is not { } row)
            return false;

        if (new SlidingExpiry(TimeSpan.MaxValue, expiresAt).TryExtend(row.ExpiresAt, Now, row.Payload, out var extended))
            row.ExpiresAt = extended;

        return true;
    }
}

[CaughtBy("Expiry.Equal_content_moves_the_expiry_on_every_path")]
public sealed class RotateOfTheSameContentKeepsTheExpiry(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content) => base.Rotate(
        table, id, newId, version, Find(table, id) is { } row && row.Payload.AsSpan().SequenceEqual(content.Payload.Span) ? new SessionContent(content.Payload, row.ExpiresAt, content.Subject) : content);
}

[CaughtBy("Expiry.Equal_content_moves_the_expiry_on_every_path")]
public sealed class SetOfTheSamePayloadNeverShortens(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Set(ReferenceTable table, string id, SessionContent content) => base.Set(
        table, id, Find(table, id) is { } row && row.Payload.AsSpan().SequenceEqual(content.Payload.Span) && row.ExpiresAt > base.ExpiryOf(content) ? new SessionContent(content.Payload, row.ExpiresAt, content.Subject) : content);
}

[CaughtBy("Subject.The_same_payload_can_change_its_subject_on_every_path")]
public sealed class ReplaceOfTheSamePayloadKeepsTheSubject(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content) => base.Replace(
        table, id, version, Find(table, id) is { } row && row.Payload.AsSpan().SequenceEqual(content.Payload.Span) ? new SessionContent(content.Payload, content.Lifetime, row.Subject) : content);
}

[CaughtBy("Subject.The_same_payload_can_change_its_subject_on_every_path")]
public sealed class SetOfTheSamePayloadIndexesNothing(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Set(ReferenceTable table, string id, SessionContent content)
    {
        if (Find(table, id) is not { } row || row.Subject is null || content.Subject is null || !row.Payload.AsSpan().SequenceEqual(content.Payload.Span))
            return base.Set(table, id, content);

        (row.ExpiresAt, row.Subject) = (base.ExpiryOf(content), content.Subject);
        return true;
    }
}

[CaughtBy("Expiry.Writes_of_content_that_has_expired_return_what_they_did")]
public sealed class ReplaceOfPastContentIsGone(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content)
    {
        var result = base.Replace(table, id, version, content);
        return result.Status == SessionWriteStatus.Written && base.ExpiryOf(content) <= Now ? SessionWriteResult.NotWritten(SessionWriteStatus.Gone) : result;
    }
}

[CaughtBy("Expiry.Writes_of_content_that_has_expired_return_what_they_did")]
public sealed class CreateOfPastContentIsTaken(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Create(ReferenceTable table, string id, SessionContent content) =>
        base.ExpiryOf(content) <= Now ? SessionWriteResult.NotWritten(SessionWriteStatus.Taken) : base.Create(table, id, content);
}

[CaughtBy("Expiry.Writes_of_content_that_has_expired_return_what_they_did")]
public sealed class RotateOfPastContentIsGone(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content)
    {
        var result = base.Rotate(table, id, newId, version, content);
        return result.Status == SessionWriteStatus.Written && base.ExpiryOf(content) <= Now ? SessionWriteResult.NotWritten(SessionWriteStatus.Gone) : result;
    }
}

[CaughtBy("Expiry.Writes_of_content_that_has_expired_return_what_they_did")]
public sealed class RefusesPastContent(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Set(ReferenceTable table, string id, SessionContent content) =>
        base.ExpiryOf(content) <= Now ? throw new ArgumentOutOfRangeException(nameof(content), "The expiry has passed.") : base.Set(table, id, content);
}
