using System.Runtime.CompilerServices;
using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Enumeration.An_expired_session_is_not_counted")]
public sealed class CountsTheExpired(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> LengthAsync(CancellationToken cancellationToken = default) =>
        await SendAsync("Length", false, table => table.Rows.Count, cancellationToken);
}

[CaughtBy("Enumeration.An_expired_session_is_not_listed")]
public sealed class ListsTheExpired(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Readable(ReferenceTable table, string key) => table.Rows.TryGetValue(key, out var row) ? ToRecord(row) : null;
}

[CaughtBy("Enumeration.Every_live_session_is_listed_once", "Enumeration.Thousands_of_sessions_are_listed_once_each")]
public sealed class ListsOnePage(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, CancellationToken cancellationToken = default) => base.AllAsync(withPayloads, cancellationToken).Take(100);
}

[CaughtBy("Enumeration.Every_live_session_is_listed_once")]
public sealed class RepeatsTheEndOfAPage(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var seen = 0;
        await foreach (var record in base.AllAsync(withPayloads, cancellationToken))
        {
            yield return record;
            if (++seen % 100 == 0)
                yield return record;
        }
    }
}

[CaughtBy("Enumeration.The_store_can_be_used_while_it_is_listed")]
public sealed class ListsOnlyWhatIsAsItWas(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // Looks again before each, as a store does that leaves out what has ended in the meantime, but at the version and not at the id.
        foreach (var record in await base.AllAsync(true, cancellationToken).ToListAsync(cancellationToken))
        {
            if (await GetAsync(record.Id, null, cancellationToken) is { } now && now.Version == record.Version)
                yield return withPayloads ? now : now.WithoutPayload();
        }
    }
}

[CaughtBy("Enumeration.A_session_that_stays_is_seen_exactly_once_while_others_come_and_go")]
public sealed class PagesByOffset(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var offset = 0; ; offset += 20)
        {
            // Last written first, as a table without an order answers: every write moves what has not been seen yet.
            var page = await SendAsync("All", false, table => table.Rows.Keys.Reverse().Skip(offset).Take(20).Select(key => Readable(table, key)).ToList(), cancellationToken);
            if (page.Count == 0)
                yield break;

            foreach (var record in page)
            {
                if (record is not null)
                    yield return record;
            }
        }
    }
}

[CaughtBy("Enumeration.The_store_can_be_used_while_it_is_listed")]
public sealed class CannotBeUsedWhileListed(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private int _listings;

    public override async IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        _listings++;
        try
        {
            await foreach (var record in base.AllAsync(withPayloads, cancellationToken))
                yield return record;
        }
        finally
        {
            _listings--;
        }
    }

    protected override bool Set(ReferenceTable table, string id, SessionContent content) => InvalidWhileListed() && base.Set(table, id, content);

    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content)
    {
        InvalidWhileListed();
        return base.Replace(table, id, version, content);
    }

    private bool InvalidWhileListed() => _listings == 0 ? true : throw new InvalidOperationException("A command is already in progress.");
}

[CaughtBy("Enumeration.One_listing_can_be_walked_twice")]
public sealed class ListsOnce(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, CancellationToken cancellationToken = default) => Once(base.AllAsync(withPayloads, cancellationToken).GetAsyncEnumerator(cancellationToken));

    private static async IAsyncEnumerable<SessionRecord> Once(IAsyncEnumerator<SessionRecord> records)
    {
        while (await records.MoveNextAsync())
            yield return records.Current;
    }
}

[CaughtBy("Enumeration.A_record_that_cannot_be_read_is_skipped")]
public sealed class StopsAtTheUnreadable(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Readable(ReferenceTable table, string key) => table.Rows.TryGetValue(key, out var row) && IsLive(row) ? ToRecord(row) : null;
}

[CaughtBy("Enumeration.Listed_sessions_are_those_that_get_returns")]
public sealed class ListsWithoutSubjects(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Readable(ReferenceTable table, string key) =>
        base.Readable(table, key) is { } record ? new SessionRecord(record.Id, record.Payload, record.ExpiresAt, record.Remaining, null, record.Version) : null;
}

[CaughtBy("Isolation.Clear_removes_one_namespace_and_nothing_else")]
public sealed class ClearsTheWholeServer(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask ClearAsync(CancellationToken cancellationToken = default)
    {
        await base.ClearAsync(cancellationToken);

        // Only what is near, or the mutant would disturb the cases that run beside it.
        foreach (var other in Server.Names().Where(other => other.StartsWith(Name, StringComparison.Ordinal)))
            Server.Drop(other);
    }
}

[CaughtBy("Isolation.Listing_and_counting_see_one_namespace")]
public sealed class ScansByPrefix(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> LengthAsync(CancellationToken cancellationToken = default)
    {
        var length = 0L;
        foreach (var other in Server.Names().Where(other => other.StartsWith(Name, StringComparison.Ordinal)))
            length += await Server.ExecuteAsync(other, false, table => table.Rows.Values.LongCount(IsLive), cancellationToken);

        return length;
    }
}

[CaughtBy("Enumeration.Clear_empties_the_index_of_subjects_too", "Enumeration.Clear_leaves_nothing_behind", "Rotation.Clear_forgets_links")]
public sealed class ClearLeavesTheIndex(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Clear(ReferenceTable table)
    {
        table.Rows.Clear();
        return true;
    }
}

[CaughtBy("Enumeration.Clear_removes_every_session")]
public sealed class ClearsOneBatch(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Clear(ReferenceTable table)
    {
        foreach (var key in table.Rows.Keys.Take(100).ToList())
            Remove(table, key);

        return true;
    }
}

[CaughtBy("Isolation.Ids_cannot_reach_into_another_namespace")]
public sealed class JoinsNamespaceAndId(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name[..14], settings)
{
    private readonly string _prefix = name;

    protected override string Key(string id) => _prefix + id;
}

[CaughtBy("Isolation.One_id_is_a_session_of_its_own_in_each_namespace", "Isolation.Writes_in_one_namespace_change_nothing_in_the_other", "Isolation.A_subject_has_its_sessions_in_each_namespace")]
public sealed class HasOneNamespaceOnly(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name[..1], settings);

[CaughtBy("Isolation.Prune_removes_what_expired_in_its_own_namespace")]
public sealed class PrunesAnotherNamespace(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default) =>
        await Server.ExecuteAsync(Name + "x1", true, table => Clear(table) ? 1L : 0L, cancellationToken);
}
