using System.Runtime.CompilerServices;
using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Enumeration.A_batch_of_records_that_cannot_be_read_ends_no_listing")]
public sealed class EndsAtABatchWithoutSessions(ReferenceServer server, string name, StoreSettings settings) : BatchMutant(server, name, settings)
{
    protected override bool IsEnd(ReferenceTable table, List<string> batch) => batch.TrueForAll(key => Readable(table, key) is null);
}

[CaughtBy("Enumeration.A_listing_continues_when_what_it_has_listed_has_ended")]
public sealed class EndsWhenTheLastOfABatchHasEnded(ReferenceServer server, string name, StoreSettings settings) : BatchMutant(server, name, settings)
{
    protected override bool IsEnd(ReferenceTable table, List<string> batch) => !table.Rows.ContainsKey(batch[^1]);
}

[CaughtBy("Enumeration.Sessions_whose_ids_look_alike_are_listed_once_each")]
public sealed class WalksIdsWithoutTheirCase(ReferenceServer server, string name, StoreSettings settings) : BatchMutant(server, name, settings)
{
    protected override StringComparer Order => StringComparer.OrdinalIgnoreCase;
}

[CaughtBy("Enumeration.The_store_can_be_used_while_it_is_listed")]
public sealed class ASetMovesASessionToTheEnd(ReferenceServer server, string name, StoreSettings settings) : BatchMutant(server, name, settings)
{
    protected override string PlaceOf(ReferenceTable table, string key) => $"{table.Rows[key].Counter:D10}{key}";
}

[CaughtBy("Enumeration.A_batch_of_records_that_cannot_be_read_ends_no_listing")]
public sealed class LogsThatRecordsWereSkippedButNotHowMany(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void LogSkipped(long count) => base.LogSkipped(1);
}

[CaughtBy("Enumeration.A_batch_of_records_that_cannot_be_read_ends_no_listing")]
public sealed class SkipsRecordsSilently(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void LogSkipped(long count)
    {
    }
}

[CaughtBy("Subject.A_page_of_records_that_cannot_be_read_ends_no_listing")]
public sealed class EndsAtAPageWithoutSessions(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionPage Page(ReferenceTable table, string subject, int size, string? position, bool withPayloads)
    {
        var keys = KeysOf(table, subject).Order(StringComparer.Ordinal).Where(key => string.CompareOrdinal(key, position) > 0).Take(size).ToList();
        var records = keys.Select(key => Readable(table, key)).OfType<SessionRecord>().Select(record => Listed(record, withPayloads)).ToList();
        return new SessionPage(records, records.Count == 0 ? null : SessionPage.ContinuationAfter(subject, keys[^1]));
    }
}

[CaughtBy("Subject.Pages_of_sessions_whose_ids_look_alike_list_each_once")]
public sealed class PagesIdsWithoutTheirCase(ReferenceServer server, string name, StoreSettings settings) : OrderedPageMutant(server, name, settings)
{
    protected override string PlaceOf(ReferenceRow row) => row.Id.ToUpperInvariant();
}

[CaughtBy("Subject.Pages_of_sessions_whose_ids_look_alike_list_each_once")]
public sealed class PagesIdsWithoutBlanksAtTheirEnd(ReferenceServer server, string name, StoreSettings settings) : OrderedPageMutant(server, name, settings)
{
    protected override string PlaceOf(ReferenceRow row) => row.Id.TrimEnd();
}

[CaughtBy("Subject.A_session_that_is_written_between_two_pages_is_listed_once")]
public sealed class PagesByTheNumberOfWrites(ReferenceServer server, string name, StoreSettings settings) : OrderedPageMutant(server, name, settings)
{
    protected override string PlaceOf(ReferenceRow row) => $"{row.Counter:D10}{row.Id}";
}

[CaughtBy("Subject.Subjects_are_taken_literally")]
public sealed class CountsSubjectsWithoutTheirCase(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long CountBySubject(ReferenceTable table, string subject) =>
        table.Subjects.Keys.Where(each => each.Equals(subject, StringComparison.OrdinalIgnoreCase)).Sum(each => base.CountBySubject(table, each));
}

[CaughtBy("Subject.Subjects_are_taken_literally")]
public sealed class CountsSubjectsWithoutBlanksAtTheirEnd(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long CountBySubject(ReferenceTable table, string subject) =>
        table.Subjects.Keys.Where(each => each.TrimEnd() == subject.TrimEnd()).Sum(each => base.CountBySubject(table, each));
}

[CaughtBy("Subject.Subjects_are_taken_literally")]
public sealed class ComposesAccentsOfSubjects(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    // Written out, since text is not normalized where the program runs without the data of ICU.
    protected override string SubjectKey(string subject) => subject.Replace("a\u0308", "\u00E4", StringComparison.Ordinal);
}

[CaughtBy("Subject.A_subject_can_have_many_sessions")]
public sealed class DestroysFiveThousandOfASubject(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds) => base.DestroyBySubject(
        table, subject, exceptIds.Concat(KeysOf(table, subject).Where(key => !exceptIds.Contains(key)).Skip(5000)).ToHashSet());
}

[CaughtBy("Subject.A_subject_can_have_many_sessions")]
public sealed class KeepsTwoThousandIdsAtMost(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds) =>
        base.DestroyBySubject(table, subject, exceptIds.Take(2000).ToHashSet());
}

/// <summary>Lists in batches of a hundred, in an order of its own.</summary>
public abstract class BatchMutant(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private const int Size = 100;

    protected virtual StringComparer Order => StringComparer.Ordinal;

    protected virtual string PlaceOf(ReferenceTable table, string key) => key;

    /// <summary>Whether nothing follows a batch that has been listed.</summary>
    protected virtual bool IsEnd(ReferenceTable table, List<string> batch) => false;

    public override async IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (place, more) = ("", true);
        while (more)
        {
            var batch = await SendAsync("All", false, table => table.Rows.Keys.Select(key => (Key: key, Place: PlaceOf(table, key)))
                .Where(each => Order.Compare(each.Place, place) > 0).OrderBy(each => each.Place, Order).Take(Size).ToList(), cancellationToken);
            foreach (var (key, _) in batch)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (await SendAsync("All", false, table => Readable(table, key), cancellationToken) is { } record)
                    yield return Listed(record, withPayloads);
            }

            place = batch.Count > 0 ? batch[^1].Place : place;
            more = batch.Count == Size && !await SendAsync("All", false, table => IsEnd(table, batch.ConvertAll(each => each.Key)), cancellationToken);
        }
    }
}

/// <summary>Pages in an order of its own.</summary>
public abstract class OrderedPageMutant(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected abstract string PlaceOf(ReferenceRow row);

    protected override SessionPage Page(ReferenceTable table, string subject, int size, string? position, bool withPayloads)
    {
        var rows = KeysOf(table, subject).Select(key => table.Rows[key]).OrderBy(PlaceOf, StringComparer.Ordinal).Where(row => string.CompareOrdinal(PlaceOf(row), position) > 0).Take(size).ToList();
        return new SessionPage([.. rows.Select(row => Listed(ToRecord(row), withPayloads))], rows.Count < size ? null : SessionPage.ContinuationAfter(subject, PlaceOf(rows[^1])));
    }
}
