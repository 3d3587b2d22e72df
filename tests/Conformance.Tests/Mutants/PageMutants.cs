using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Subject.Pages_of_any_size_list_each_session_once", "Subject.Pages_list_more_than_a_thousand_sessions_once_each")]
public sealed class SkipsOneBetweenPages(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionPage Page(ReferenceTable table, string subject, int size, string? position, bool withPayloads)
    {
        var page = base.Page(table, subject, size, position, withPayloads);
        return position is null ? page : new SessionPage([.. page.Sessions.Skip(1)], page.Continuation);
    }
}

[CaughtBy("Subject.Pages_of_any_size_list_each_session_once")]
public sealed class RepeatsTheLastOfThePageBefore(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionPage Page(ReferenceTable table, string subject, int size, string? position, bool withPayloads)
    {
        var page = base.Page(table, subject, size, position, withPayloads);
        return position is not null && Readable(table, position) is { } last && page.Sessions.Count < size ? new SessionPage([last, .. page.Sessions], page.Continuation) : page;
    }
}

[CaughtBy("Subject.Pages_of_any_size_list_each_session_once")]
public sealed class EndsAfterAFullPage(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionPage Page(ReferenceTable table, string subject, int size, string? position, bool withPayloads) =>
        new(base.Page(table, subject, size, position, withPayloads).Sessions, null);
}

[CaughtBy("Subject.Pages_list_more_than_a_thousand_sessions_once_each")]
public sealed class SeesTheFirstThousandOnly(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionPage Page(ReferenceTable table, string subject, int size, string? position, bool withPayloads) =>
        size == SessionPage.MaxSize ? new(base.Page(table, subject, size, position, withPayloads).Sessions, null) : base.Page(table, subject, size, position, withPayloads);
}

[CaughtBy("Subject.Pages_of_any_size_list_each_session_once")]
public sealed class ReturnsMoreThanAsked(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionPage Page(ReferenceTable table, string subject, int size, string? position, bool withPayloads) =>
        base.Page(table, subject, size + 1, position, withPayloads);
}

[CaughtBy("Subject.A_session_that_stays_is_on_one_page_while_others_come_and_go")]
public sealed class PagesByNumber(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionPage Page(ReferenceTable table, string subject, int size, string? position, bool withPayloads)
    {
        var skipped = position is null ? 0 : int.Parse(position, System.Globalization.CultureInfo.InvariantCulture);
        var records = KeysOf(table, subject).Order(StringComparer.Ordinal).Select(key => Readable(table, key)).OfType<SessionRecord>().Skip(skipped).Take(size).ToList();
        return new SessionPage(records, records.Count < size ? null : SessionPage.ContinuationAfter(subject, $"{skipped + size}"));
    }
}

[CaughtBy("Subject.A_session_that_stays_is_on_one_page_while_others_come_and_go")]
public sealed class PagesByExpiry(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionPage Page(ReferenceTable table, string subject, int size, string? position, bool withPayloads)
    {
        var records = KeysOf(table, subject).Select(key => Readable(table, key)).OfType<SessionRecord>().OrderBy(PlaceOf, StringComparer.Ordinal)
            .Where(record => string.CompareOrdinal(PlaceOf(record), position) > 0).Take(size).ToList();
        return new SessionPage(records, records.Count < size ? null : SessionPage.ContinuationAfter(subject, PlaceOf(records[^1])));
    }

    private static string PlaceOf(SessionRecord record) => $"{record.ExpiresAt.UtcTicks:D20}{record.Id}";
}

[CaughtBy("Subject.Another_store_on_the_same_data_continues_a_listing")]
public sealed class KeepsContinuationsToItself(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly string _mark = Guid.NewGuid().ToString();

    protected override string? PositionOf(string subject, string? continuation)
    {
        var position = base.PositionOf(subject, continuation);
        return position is null || position.StartsWith(_mark, StringComparison.Ordinal) ? position?[_mark.Length..] : throw new ArgumentException("The continuation is unknown.", nameof(continuation));
    }

    protected override SessionPage Page(ReferenceTable table, string subject, int size, string? position, bool withPayloads)
    {
        var page = base.Page(table, subject, size, position, withPayloads);
        return page.Continuation is { } next ? new SessionPage(page.Sessions, SessionPage.ContinuationAfter(subject, _mark + base.PositionOf(subject, next))) : page;
    }
}

[CaughtBy("Subject.A_continuation_of_another_subject_and_a_size_out_of_range_are_refused")]
public sealed class TakesAContinuationOfAnotherSubject(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string? PositionOf(string subject, string? continuation)
    {
        try
        {
            return base.PositionOf(subject, continuation);
        }
        catch (ArgumentException) when (continuation!.Length > 20)
        {
            return "";
        }
    }
}

[CaughtBy("Subject.A_continuation_of_another_subject_and_a_size_out_of_range_are_refused")]
public sealed class TakesPagesOfAnySize(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void CheckPage(int size)
    {
    }
}

[CaughtBy("Subject.Only_live_sessions_of_the_subject_are_counted")]
public sealed class CountsTheExpiredOfASubject(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long CountBySubject(ReferenceTable table, string subject) => KeysOf(table, subject).LongCount();
}

[CaughtBy("Subject.Pages_list_more_than_a_thousand_sessions_once_each")]
public sealed class CountsUpToAThousand(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long CountBySubject(ReferenceTable table, string subject) => Math.Min(SessionPage.MaxSize, base.CountBySubject(table, subject));
}

[CaughtBy("Subject.A_page_without_payloads_has_everything_else", "Enumeration.A_listing_without_payloads_has_everything_else")]
public sealed class ListsPayloadsAnyway(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord Listed(SessionRecord record, bool withPayloads) => record;
}

[CaughtBy("Subject.A_page_without_payloads_has_everything_else", "Enumeration.A_listing_without_payloads_has_everything_else")]
public sealed class LeavesOutTheSubjectToo(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord Listed(SessionRecord record, bool withPayloads) =>
        withPayloads ? record : new SessionRecord(record.Id, default, record.ExpiresAt, record.Remaining, null, default);
}
