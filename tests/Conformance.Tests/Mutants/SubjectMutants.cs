using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Subject.The_index_follows_a_rotation", "Subject.A_session_that_moves_between_subjects_leaves_nothing_behind")]
public sealed class LosesTheIndexEntryOfARotation(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content)
    {
        var result = base.Rotate(table, id, newId, version, content);
        if (result.Status == SessionWriteStatus.Written && content.Subject is not null)
        {
            table.Unindex(content.Subject, newId);
            table.Index(content.Subject, id);
        }

        return result;
    }
}

[CaughtBy("Subject.The_index_follows_a_set", "Subject.The_index_follows_a_replace", "Subject.A_session_that_moves_between_subjects_leaves_nothing_behind")]
public sealed class LeavesOldIndexEntries(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void Remove(ReferenceTable table, string key) => table.Rows.Remove(key);
}

[CaughtBy("Subject.Nothing_is_left_of_a_subject_whose_sessions_were_destroyed")]
public sealed class LeaksIndexEntriesOfTheDestroyed(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Destroy(ReferenceTable table, string id)
    {
        var wasLive = Find(table, id) is not null;
        table.Rows.Remove(id);
        return wasLive;
    }

    protected override IEnumerable<string> KeysOf(ReferenceTable table, string subject) => base.KeysOf(table, subject).Where(table.Rows.ContainsKey);
}

[CaughtBy("Subject.Nothing_is_left_of_a_subject_whose_sessions_expired_once_pruned", CaseTimeoutSeconds = 10)]
public sealed class LeaksIndexEntriesOfTheExpired(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long Prune(ReferenceTable table, int batchSize)
    {
        var expired = table.Rows.Where(pair => !IsLive(pair.Value)).Select(pair => pair.Key).Take(batchSize).ToList();
        expired.ForEach(key => table.Rows.Remove(key));
        return expired.Count;
    }
}

[CaughtBy("Subject.Destroy_by_subject_can_keep_one")]
public sealed class KeepsNone(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds) => base.DestroyBySubject(table, subject, FrozenSet<string>.Empty);
}

[CaughtBy("Subject.Keeping_a_session_that_is_not_the_subjects_destroys_all")]
public sealed class KeepsAllWhenTheOneIsNotThere(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds) =>
        exceptIds.All(KeysOf(table, subject).Contains) ? base.DestroyBySubject(table, subject, exceptIds) : 0;
}

[CaughtBy("Subject.An_expired_session_is_neither_listed_nor_counted_as_destroyed")]
public sealed class CountsExpiredSessionsOfASubject(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds)
    {
        var keys = KeysOf(table, subject).Where(key => !exceptIds.Contains(key)).ToList();
        keys.ForEach(key => Remove(table, key));
        return keys.Count;
    }
}

[CaughtBy("Resurrection.Destroy_by_subject_spares_a_session_that_has_moved_to_another_subject")]
public sealed class DestroysByAStaleList(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        var destroyed = 0L;
        await foreach (var record in this.ListBySubjectAsync(subject, cancellationToken: cancellationToken))
        {
            if (exceptIds?.Contains(record.Id) != true && await DestroyAsync(record.Id, cancellationToken))
                destroyed++;
        }

        return destroyed;
    }
}

[CaughtBy("Subject.Of_many_destroys_by_subject_each_session_is_counted_once")]
public sealed class CountsTheListedAsDestroyed(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        var listed = await this.ListBySubjectAsync(subject, cancellationToken: cancellationToken).CountAsync(cancellationToken);
        await base.DestroyBySubjectAsync(subject, exceptIds, cancellationToken);
        return listed;
    }
}

[CaughtBy("Subject.Subjects_are_taken_literally")]
public sealed class FoldsTheCaseOfSubjects(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string SubjectKey(string subject) => subject.ToUpperInvariant();
}

[CaughtBy("Subject.A_subject_can_have_many_sessions")]
public sealed class ListsFiveHundredOfASubject(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override IEnumerable<string> KeysOf(ReferenceTable table, string subject) => base.KeysOf(table, subject).Take(500);
}

[CaughtBy("Subject.An_id_that_was_taken_anew_is_not_listed_for_its_old_subject")]
public sealed class ForgetsTheIndexOfAnExpiredId(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Create(ReferenceTable table, string id, SessionContent content)
    {
        var subject = table.Rows.GetValueOrDefault(id)?.Subject;
        var result = base.Create(table, id, content);
        if (result.Status == SessionWriteStatus.Written && subject is not null)
            table.Index(subject, id);

        return result;
    }
}

[CaughtBy("Subject.A_session_that_was_touched_stays_listed_past_its_first_expiry")]
public sealed class IndexKeepsTheFirstExpiry(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly Dictionary<string, DateTimeOffset> _first = [];

    protected override ReferenceRow Put(ReferenceTable table, string id, SessionContent content)
    {
        _first[id] = base.ExpiryOf(content);
        return base.Put(table, id, content);
    }

    protected override IEnumerable<string> KeysOf(ReferenceTable table, string subject) =>
        base.KeysOf(table, subject).Where(key => _first.GetValueOrDefault(key) > Now);
}

[CaughtBy("Subject.Invalid_subjects_and_ids_are_refused")]
public sealed class TakesAnySubject(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default) =>
        await SendAsync("DestroyBySubject", true, table => DestroyBySubject(table, subject, exceptIds?.ToHashSet() ?? []), cancellationToken);
}

[CaughtBy("Subject.A_sign_in_that_meets_a_destroy_by_subject_is_either_listed_or_destroyed")]
public sealed class DropsTheIndexOfASubjectAfterwards(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        var destroyed = await base.DestroyBySubjectAsync(subject, exceptIds, cancellationToken);
        await SendAsync("DestroyBySubject", true, table => table.Subjects.Remove(subject), cancellationToken);
        return destroyed;
    }
}
