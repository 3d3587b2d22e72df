using System.Text;
using System.Text.Json;
using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Slide.A_slide_that_is_due_extends_the_session", "Slide.A_slid_session_lives_past_its_first_expiry")]
public sealed class NeverSlides(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Get(ReferenceTable table, string id, SlidingExpiry? slide) => base.Get(table, id, null);
}

[CaughtBy("Slide.A_slide_that_is_not_due_changes_nothing", "Slide.A_slide_that_is_never_due_changes_nothing")]
public sealed class AlwaysSlides(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool TryExtend(SlidingExpiry slide, ReferenceRow row, out DateTimeOffset extended) =>
        base.TryExtend(new SlidingExpiry(TimeSpan.MaxValue, slide.ExtendTo), row, out extended);
}

[CaughtBy("Slide.A_slide_is_due_when_less_than_the_threshold_is_left_and_not_before")]
public sealed class SlidesWithTheWholeThresholdLeft(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool TryExtend(SlidingExpiry slide, ReferenceRow row, out DateTimeOffset extended) =>
        base.TryExtend(new SlidingExpiry(slide.WhenRemainingBelow + TimeSpan.FromTicks(1), slide.ExtendTo), row, out extended);
}

[CaughtBy("Slide.A_slide_never_shortens", "Expiry.A_shorter_idle_time_shortens_nothing_in_a_touch_or_slide")]
public sealed class SlideShortens(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool TryExtend(SlidingExpiry slide, ReferenceRow row, out DateTimeOffset extended)
    {
        extended = slide.ExtendTo.ExpiryAt(Now);
        return row.ExpiresAt - Now < slide.WhenRemainingBelow;
    }
}

[CaughtBy("Slide.A_slide_stops_at_the_absolute_limit_of_the_record", "Slide.The_earlier_of_idle_time_and_absolute_limit_counts", "Slide.A_slide_stops_at_the_idle_time_of_the_record")]
public sealed class SlidesPastTheLimits(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool TryExtend(SlidingExpiry slide, ReferenceRow row, out DateTimeOffset extended) => slide.TryExtend(row.ExpiresAt, Now, "{}"u8, out extended);
}

[CaughtBy("Slide.A_limit_earlier_than_the_expiry_does_not_shorten", "Slide.An_absolute_limit_that_has_passed_stops_every_slide")]
public sealed class SlideGoesBackToTheLimit(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool TryExtend(SlidingExpiry slide, ReferenceRow row, out DateTimeOffset extended)
    {
        new SlidingExpiry(TimeSpan.MaxValue, SessionExpiry.Never).TryExtend(DateTimeOffset.UnixEpoch, Now, row.Payload, out var limit);
        if (!base.TryExtend(slide, row, out extended) && limit >= row.ExpiresAt)
            return false;

        var wanted = slide.ExtendTo.ExpiryAt(Now);
        extended = limit < wanted ? limit : wanted;
        return true;
    }
}

[CaughtBy("Slide.A_slide_that_is_due_extends_the_session")]
public sealed class SlideAnswersTheOldExpiry(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Get(ReferenceTable table, string id, SlidingExpiry? slide)
    {
        var record = base.Get(table, id, null);
        base.Get(table, id, slide);
        return record;
    }
}

[CaughtBy("Slide.A_slide_that_is_due_extends_the_session")]
public sealed class SlideIsNotStored(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Get(ReferenceTable table, string id, SlidingExpiry? slide)
    {
        var before = Find(table, id)?.ExpiresAt;
        var record = base.Get(table, id, slide);
        if (Find(table, id) is { } row)
            row.ExpiresAt = before!.Value;

        return record;
    }
}

[CaughtBy("Slide.Of_duplicate_limits_the_last_counts")]
public sealed class FirstOfDuplicateLimitsCounts(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool TryExtend(SlidingExpiry slide, ReferenceRow row, out DateTimeOffset extended)
    {
        using var document = JsonDocument.Parse(row.Payload);
        var absolute = document.RootElement.EnumerateObject().FirstOrDefault(member => member.Name == ReservedMembers.Absolute);
        var payload = absolute.Value.ValueKind == JsonValueKind.Undefined ? row.Payload : Encoding.UTF8.GetBytes($"{{\"__absolute\":{absolute.Value.GetRawText()}}}");
        return slide.TryExtend(row.ExpiresAt, Now, payload, out extended);
    }
}

[CaughtBy("Slide.Limits_that_are_not_numbers_or_are_elsewhere_do_not_count")]
public sealed class FindsLimitsByTheirText(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool TryExtend(SlidingExpiry slide, ReferenceRow row, out DateTimeOffset extended)
    {
        extended = row.ExpiresAt;
        var text = Encoding.UTF8.GetString(row.Payload);
        return !text.Contains("\"originalMaxAge\":60000", StringComparison.Ordinal) && base.TryExtend(slide, row, out extended);
    }
}

[CaughtBy("Slide.Limits_written_as_any_json_number_count")]
public sealed class ReadsLimitsAsIntegersOnly(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool TryExtend(SlidingExpiry slide, ReferenceRow row, out DateTimeOffset extended)
    {
        var text = Encoding.UTF8.GetString(row.Payload);
        return slide.TryExtend(row.ExpiresAt, Now, text.Contains("1.2e6", StringComparison.Ordinal) ? "{}"u8 : row.Payload, out extended);
    }
}

[CaughtBy("Resurrection.Destroy_against_a_sliding_read", "Race.A_slide_that_meets_a_replace_neither_fails_it_nor_undoes_it", "Slide.A_slide_of_an_absent_id_returns_null_and_creates_nothing")]
public sealed class SlideReadsThenSets(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
    {
        var record = await base.GetAsync(id, null, cancellationToken);
        if (slide is not { } wanted)
            return record;

        var content = new SessionContent(record?.Payload ?? "{}"u8.ToArray(), wanted.ExtendTo, record?.Subject);
        await SetAsync(id, content, cancellationToken);
        return record is null ? null : new SessionRecord(id, record.Payload, wanted.ExtendTo.ExpiryAt(Now), wanted.ExtendTo.ExpiryAt(Now) - Now, record.Subject, record.Version);
    }
}

[CaughtBy("Slide.A_slide_gives_no_expiry_to_a_session_that_has_none")]
public sealed class SlideGivesAnExpiry(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool TryExtend(SlidingExpiry slide, ReferenceRow row, out DateTimeOffset extended)
    {
        extended = slide.ExtendTo.ExpiryAt(Now);
        return row.ExpiresAt == SessionExpiry.Never || base.TryExtend(slide, row, out extended);
    }
}
