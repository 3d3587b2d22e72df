using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Subject.Writes_over_an_expired_session_take_its_id_from_its_subject")]
public sealed class SetOverAnExpiredIdKeepsItsIndex(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Set(ReferenceTable table, string id, SessionContent content)
    {
        var subject = Find(table, id) is null ? table.Rows.GetValueOrDefault(Key(id))?.Subject : null;
        var result = base.Set(table, id, content);
        if (subject is not null)
            table.Index(SubjectKey(subject), Key(id));

        return result;
    }
}

[CaughtBy("Subject.Writes_over_an_expired_session_take_its_id_from_its_subject")]
public sealed class RotateToAnExpiredIdKeepsItsIndex(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content)
    {
        var subject = Find(table, newId) is null ? table.Rows.GetValueOrDefault(Key(newId))?.Subject : null;
        var result = base.Rotate(table, id, newId, version, content);
        if (result.Status == SessionWriteStatus.Written && subject is not null)
            table.Index(SubjectKey(subject), Key(newId));

        return result;
    }
}

[CaughtBy("Subject.Writes_over_an_expired_session_take_its_id_from_its_subject")]
public sealed class SetOverAnExpiredIdIndexesNothing(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Set(ReferenceTable table, string id, SessionContent content)
    {
        var wasExpired = Find(table, id) is null && table.Rows.ContainsKey(Key(id));
        base.Set(table, id, content);
        if (wasExpired && content.Subject is not null)
            table.Unindex(SubjectKey(content.Subject), Key(id));

        return true;
    }
}

[CaughtBy("Race.Of_many_creates_of_an_expired_id_exactly_one_wins")]
public sealed class LooksThenCreatesOverTheExpired(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        CheckId(id);
        CheckContent(content);
        var isExpired = await SendAsync("Create", false, table => Find(table, id) is null && table.Rows.ContainsKey(Key(id)), cancellationToken);
        if (!isExpired)
            return await base.CreateAsync(id, content, cancellationToken);

        return await SendAsync("Create", true, table => SessionWriteResult.Written(VersionOf(Put(table, id, content))), cancellationToken);
    }
}

[CaughtBy("Race.Of_many_creates_of_an_expired_id_exactly_one_wins")]
public sealed class RemovesTheExpiredThenCreates(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        CheckId(id);
        CheckContent(content);
        var expired = await SendAsync("Create", false, table => Find(table, id) is null && table.Rows.ContainsKey(Key(id)), cancellationToken);
        if (expired)
            await SendAsync("Create", true, table => table.Rows.Remove(Key(id)), cancellationToken);

        return await base.CreateAsync(id, content, cancellationToken);
    }
}

[CaughtBy("Race.Of_rotations_to_an_expired_id_exactly_one_wins")]
public sealed class RotatesOverTheExpiredInTwoSteps(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        CheckDiffer(id, newId);
        var expired = await SendAsync("Rotate", false, table => Find(table, newId) is null && table.Rows.ContainsKey(Key(newId)), cancellationToken);
        if (expired)
            await SendAsync("Rotate", true, table => table.Rows.Remove(Key(newId)), cancellationToken);

        return await base.RotateAsync(id, newId, version, content, cancellationToken);
    }
}

[CaughtBy("Expiry.Destroying_an_expired_session_removes_it")]
public sealed class DestroyLeavesTheExpired(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Destroy(ReferenceTable table, string id) => Find(table, Follow(table, Key(id))) is not null && base.Destroy(table, id);
}

[CaughtBy("Enumeration.Clear_removes_what_has_expired")]
public sealed class ClearLeavesTheExpired(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Clear(ReferenceTable table)
    {
        foreach (var key in table.Rows.Where(pair => IsLive(pair.Value)).Select(pair => pair.Key).ToList())
            Remove(table, key);

        table.Links.Clear();
        return true;
    }
}

[CaughtBy("Enumeration.Clear_removes_a_record_that_cannot_be_read")]
public sealed class ClearLeavesTheUnreadable(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Clear(ReferenceTable table)
    {
        foreach (var key in table.Rows.Where(pair => !pair.Value.IsUnreadable).Select(pair => pair.Key).ToList())
            Remove(table, key);

        table.Links.Clear();
        return true;
    }
}

[CaughtBy("Enumeration.A_record_that_cannot_be_read_is_skipped")]
public sealed class CannotCountTheUnreadable(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> LengthAsync(CancellationToken cancellationToken = default) =>
        await SendAsync("Length", false, table => table.Rows.Values.LongCount(row => IsLive(row) && ToRecord(row) is not null), cancellationToken);
}

[CaughtBy("Enumeration.A_record_that_cannot_be_read_is_skipped")]
public sealed class EndsAListingAtTheUnreadable(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private bool _met;

    public override IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, CancellationToken cancellationToken = default)
    {
        _met = false;
        return base.AllAsync(withPayloads, cancellationToken);
    }

    protected override SessionRecord? Readable(ReferenceTable table, string key)
    {
        _met |= table.Rows.GetValueOrDefault(key)?.IsUnreadable == true;
        return _met ? null : base.Readable(table, key);
    }
}

[CaughtBy("Pruning.Prune_keeps_a_record_that_cannot_be_read")]
public sealed class PrunesTheUnreadable(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long Prune(ReferenceTable table, int batchSize)
    {
        foreach (var key in table.Rows.Where(pair => pair.Value.IsUnreadable).Select(pair => pair.Key).ToList())
            Remove(table, key);

        return base.Prune(table, batchSize);
    }
}

[CaughtBy("Pruning.Prune_keeps_a_record_that_cannot_be_read")]
public sealed class PruneStopsAtTheUnreadable(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long Prune(ReferenceTable table, int batchSize) =>
        table.Rows.Values.Any(row => row.IsUnreadable) ? throw new ReferenceServerException("unreadable", "the record cannot be read") : base.Prune(table, batchSize);
}

[CaughtBy("Version.A_record_that_cannot_be_read_is_a_typed_fault_and_stays")]
public sealed class ASlideTakesTheUnreadableForAbsent(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Get(ReferenceTable table, string id, SlidingExpiry? slide) =>
        slide is not null && Find(table, id) is { IsUnreadable: true } ? null : base.Get(table, id, slide);
}

[CaughtBy("Version.A_rotation_without_a_version_moves_a_record_that_cannot_be_read_or_refuses")]
public sealed class RotateTakesTheUnreadableForGone(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content) =>
        Find(table, id) is { IsUnreadable: true } ? SessionWriteResult.NotWritten(SessionWriteStatus.Gone) : base.Rotate(table, id, newId, version, content);
}

[CaughtBy("Version.A_rotation_without_a_version_moves_a_record_that_cannot_be_read_or_refuses")]
public sealed class RotateLosesTheUnreadable(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content)
    {
        if (Find(table, id) is not { IsUnreadable: true } || !version.IsAny)
            return base.Rotate(table, id, newId, version, content);

        Remove(table, Key(id));
        throw new ReferenceServerException("unreadable", "the record cannot be read");
    }
}

[CaughtBy("Subject.A_record_that_cannot_be_read_stops_no_work_by_subject")]
public sealed class ListBySubjectStopsAtTheUnreadable(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override IEnumerable<string> KeysOf(ReferenceTable table, string subject)
    {
        foreach (var key in base.KeysOf(table, subject))
        {
            if (table.Rows.GetValueOrDefault(key)?.IsUnreadable == true)
                throw new ReferenceServerException("unreadable", "the record cannot be read");

            yield return key;
        }
    }
}

[CaughtBy("Subject.A_record_that_cannot_be_read_stops_no_work_by_subject")]
public sealed class DestroyBySubjectStopsAtTheUnreadable(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds)
    {
        var destroyed = 0L;
        foreach (var key in KeysOf(table, subject).TakeWhile(key => !table.Rows[key].IsUnreadable))
        {
            Remove(table, key);
            destroyed++;
        }

        return destroyed;
    }
}

[CaughtBy("Subject.Nothing_is_left_of_a_subject_when_a_rotated_id_was_destroyed")]
public sealed class DestroyThroughALinkLeavesTheIndex(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Destroy(ReferenceTable table, string id)
    {
        var key = Follow(table, Key(id));
        if (key == Key(id))
            return base.Destroy(table, id);

        return table.Rows.Remove(key, out var row) && IsLive(row);
    }

    protected override IEnumerable<string> KeysOf(ReferenceTable table, string subject) => base.KeysOf(table, subject).Where(table.Rows.ContainsKey);
}

[CaughtBy("Pruning.Prune_keeps_live_sessions_among_expired_ones")]
public sealed class PruneDropsTheIndexOfTheSubject(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long Prune(ReferenceTable table, int batchSize)
    {
        foreach (var row in table.Rows.Values.Where(row => !IsLive(row) && row.Subject is not null).ToList())
            table.Subjects.Remove(SubjectKey(row.Subject!));

        return base.Prune(table, batchSize);
    }
}
