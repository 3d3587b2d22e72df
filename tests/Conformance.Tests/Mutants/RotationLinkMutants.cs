using System.Runtime.CompilerServices;
using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Rotation.Destroy_of_a_rotated_id_ends_what_it_became", "Rotation.Destroy_follows_any_number_of_rotations", "Rotation.Destroy_of_each_id_that_a_session_had_ends_it", "Rotation.A_second_destroy_of_a_rotated_id_returns_false", "Rotation.A_link_is_kept_for_five_minutes", "Rotation.Destroy_against_rotations_one_after_the_other", "Rotation.An_id_to_keep_includes_what_it_became", "Resurrection.Destroy_against_rotate", "Rotation.A_successor_is_the_session_that_an_id_became")]
public sealed class RemembersNoRotation(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void Link(ReferenceTable table, string id, string newId)
    {
    }
}

[CaughtBy("Rotation.Destroy_follows_any_number_of_rotations", "Rotation.Destroy_of_each_id_that_a_session_had_ends_it", "Rotation.Destroy_against_rotations_one_after_the_other")]
public sealed class FollowsOneLink(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string Follow(ReferenceTable table, string key) => table.Links.TryGetValue(key, out var link) && link.Until > Now ? link.Key : key;
}

[CaughtBy("Rotation.Destroy_follows_any_number_of_rotations", "Rotation.Destroy_of_each_id_that_a_session_had_ends_it", "Rotation.Another_store_on_the_same_data_follows_a_link", "Rotation.Another_store_on_the_same_data_finds_a_successor")]
public sealed class RemembersTheLastRotationOnly(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void Link(ReferenceTable table, string id, string newId)
    {
        table.Links.Clear();
        base.Link(table, id, newId);
    }
}

[CaughtBy("Rotation.Another_store_on_the_same_data_follows_a_link")]
public sealed class RemembersRotationsInItsProcess(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly HashSet<string> _rotated = [];

    protected override void Link(ReferenceTable table, string id, string newId)
    {
        _rotated.Add(Key(id));
        base.Link(table, id, newId);
    }

    protected override string Follow(ReferenceTable table, string key)
    {
        while (_rotated.Contains(key) && table.Links.TryGetValue(key, out var link) && link.Until > Now)
            key = link.Key;

        return key;
    }
}

[CaughtBy("Rotation.Destroy_of_a_rotated_id_ends_what_it_became", "Rotation.Destroy_follows_any_number_of_rotations", "Rotation.Destroy_of_each_id_that_a_session_had_ends_it")]
public sealed class AnswersForTheLinkAndEndsNothing(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Destroy(ReferenceTable table, string id)
    {
        var wasLive = table.Rows.TryGetValue(Follow(table, Key(id)), out var row) && IsLive(row);
        Remove(table, Key(id));
        return wasLive;
    }
}

[CaughtBy("Rotation.Destroy_of_a_rotated_id_returns_false_when_the_session_is_over", "Rotation.A_second_destroy_of_a_rotated_id_returns_false")]
public sealed class TakesALinkForASession(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Destroy(ReferenceTable table, string id)
    {
        var isLinked = table.Links.TryGetValue(Key(id), out var link) && link.Until > Now;
        return base.Destroy(table, id) || isLinked;
    }
}

[CaughtBy("Rotation.Nothing_but_a_destroy_follows_a_link", "Rotation.The_old_id_of_a_rotated_session_never_works_again")]
public sealed class ReadsFollowLinks(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Get(ReferenceTable table, string id, SlidingExpiry? slide) => base.Get(table, Follow(table, Key(id)), slide);
}

[CaughtBy("Rotation.Nothing_but_a_destroy_follows_a_link")]
public sealed class WritesFollowLinks(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content) =>
        base.Replace(table, Follow(table, Key(id)), version, content);
}

[CaughtBy("Rotation.A_session_under_a_rotated_id_is_on_its_own", "Rotation.A_session_that_is_rotated_back_is_ended_by_either_id", "Rotation.A_session_under_a_rotated_id_has_no_successor")]
public sealed class KeepsTheLinkOfAnIdThatIsTakenAgain(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void Unlink(ReferenceTable table, string id)
    {
    }
}

[CaughtBy("Rotation.A_session_under_a_rotated_id_is_on_its_own", "Rotation.A_session_under_a_rotated_id_has_no_successor")]
public sealed class CreateKeepsTheLink(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Create(ReferenceTable table, string id, SessionContent content)
    {
        var isLinked = table.Links.TryGetValue(Key(id), out var link);
        var result = base.Create(table, id, content);
        if (isLinked)
            table.Links[Key(id)] = link;

        return result;
    }
}

[CaughtBy("Rotation.A_session_under_a_rotated_id_is_on_its_own", "Rotation.A_session_that_is_rotated_back_is_ended_by_either_id", "Rotation.A_session_can_be_rotated_again_and_back")]
public sealed class TakesRotatedIdsForTaken(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content) =>
        table.Links.ContainsKey(Key(newId)) ? SessionWriteResult.NotWritten(SessionWriteStatus.Taken) : base.Rotate(table, id, newId, version, content);
}

[CaughtBy("Rotation.A_rotation_that_was_not_done_links_nothing")]
public sealed class LinksBeforeItRotates(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content)
    {
        Link(table, id, newId);
        return base.Rotate(table, id, newId, version, content);
    }
}

[CaughtBy("Rotation.A_rotation_that_was_not_done_links_nothing")]
public sealed class LinksToATakenId(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content)
    {
        var result = base.Rotate(table, id, newId, version, content);
        if (result.Status == SessionWriteStatus.Taken)
            Link(table, id, newId);

        return result;
    }
}

[CaughtBy("Rotation.A_link_is_kept_for_five_minutes")]
public sealed class ForgetsLinksAfterAMinute(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override TimeSpan LinkLife => TimeSpan.FromMinutes(1);
}

[CaughtBy("Rotation.After_five_minutes_a_link_is_forgotten")]
public sealed class KeepsLinksForAnHour(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override TimeSpan LinkLife => TimeSpan.FromHours(1);
}

[CaughtBy("Rotation.After_five_minutes_a_link_is_forgotten")]
public sealed class FollowsOldLinks(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string Follow(ReferenceTable table, string key) => table.Links.TryGetValue(key, out var link) ? Follow(table, link.Key) : key;
}

[CaughtBy("Rotation.Links_are_neither_listed_nor_counted")]
public sealed class CountsLinks(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> LengthAsync(CancellationToken cancellationToken = default) =>
        await SendAsync("Length", false, table => table.Rows.Values.LongCount(IsLive) + table.Links.Count, cancellationToken);
}

[CaughtBy("Rotation.Links_are_neither_listed_nor_counted", "Rotation.Links_are_not_listed_for_a_subject")]
public sealed class ListsASessionUnderEachOfItsIds(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var record in WithOldIdsAsync(base.AllAsync(withPayloads, cancellationToken), cancellationToken))
            yield return record;
    }

    public override async ValueTask<SessionPage> PageBySubjectAsync(
        string subject, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default)
    {
        var page = await base.PageBySubjectAsync(subject, size, continuation, withPayloads, cancellationToken);
        return new SessionPage(await WithOldIdsAsync(page.Sessions.ToAsyncEnumerable(), cancellationToken).ToListAsync(cancellationToken), page.Continuation);
    }

    private async IAsyncEnumerable<SessionRecord> WithOldIdsAsync(IAsyncEnumerable<SessionRecord> records, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var record in records)
        {
            yield return record;
            var links = await SendAsync("All", false, table => table.Links.Where(pair => pair.Value.Key == record.Id).ToList(), cancellationToken);
            foreach (var (id, _) in links)
                yield return new SessionRecord(id, record.Payload, record.ExpiresAt, record.Remaining, record.Subject, record.Version);
        }
    }
}

[CaughtBy("Rotation.Links_are_not_listed_for_a_subject")]
public sealed class CountsLinksAsDestroyed(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds) =>
        base.DestroyBySubject(table, subject, exceptIds) + table.Links.Count;
}

[CaughtBy("Rotation.Clear_forgets_links")]
public sealed class ClearLeavesLinks(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Clear(ReferenceTable table)
    {
        var links = table.Links.ToList();
        base.Clear(table);
        links.ForEach(pair => table.Links.Add(pair.Key, pair.Value));
        return true;
    }
}

[CaughtBy("Rotation.Prune_counts_no_links_and_leaves_fresh_ones")]
public sealed class PruneCountsLinks(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long Prune(ReferenceTable table, int batchSize)
    {
        var before = table.Links.Count;
        var removed = base.Prune(table, batchSize);
        return removed + before - table.Links.Count;
    }
}

[CaughtBy("Rotation.Prune_counts_no_links_and_leaves_fresh_ones")]
public sealed class PruneRemovesFreshLinks(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long Prune(ReferenceTable table, int batchSize)
    {
        table.Links.Clear();
        return base.Prune(table, batchSize);
    }
}

[CaughtBy("Rotation.Destroy_against_rotations_one_after_the_other", "Resurrection.Destroy_against_rotate")]
public sealed class FollowsThenDestroys(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default)
    {
        CheckId(id);
        var key = await SendAsync("Destroy", false, table => Follow(table, Key(id)), cancellationToken);
        return await SendAsync("Destroy", true, table =>
        {
            var wasLive = table.Rows.TryGetValue(key, out var row) && IsLive(row);
            Remove(table, key);
            return wasLive;
        }, cancellationToken);
    }
}

[CaughtBy("Rotation.Destroy_by_subject_against_rotations")]
public sealed class DestroysTheListedWithoutTheirLinks(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        var keys = await SendAsync("DestroyBySubject", false, table => KeysOf(table, subject).ToList(), cancellationToken);
        var destroyed = 0L;
        foreach (var key in keys)
            destroyed += await SendAsync("DestroyBySubject", true, table => DestroyOne(table, key), cancellationToken);

        return destroyed;
    }

    private long DestroyOne(ReferenceTable table, string key)
    {
        var wasLive = table.Rows.TryGetValue(key, out var row) && IsLive(row);
        Remove(table, key);
        return wasLive ? 1 : 0;
    }
}

[CaughtBy("Rotation.Destroy_by_subject_against_rotations")]
public sealed class StopsWhenNothingWasDestroyed(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        var (destroyed, total) = (0L, 0L);
        do
        {
            destroyed = 0;
            await foreach (var record in this.ListBySubjectAsync(subject, cancellationToken: cancellationToken))
            {
                destroyed += await SendAsync("DestroyBySubject", true, table => Find(table, record.Id) is not null, cancellationToken) ? 1 : 0;
                await SendAsync("DestroyBySubject", true, table => table.Rows.Remove(record.Id), cancellationToken);
            }

            total += destroyed;
        }
        while (destroyed > 0);

        return total;
    }
}

[CaughtBy("Rotation.An_id_to_keep_includes_what_it_became")]
public sealed class KeepsTheIdItselfOnly(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds)
    {
        var gone = KeysOf(table, subject).Where(key => !exceptIds.Contains(key)).ToList();
        gone.ForEach(key => Remove(table, key));
        return gone.Count;
    }
}
