using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

/// <summary>A store that knows which sessions it has written itself.</summary>
public abstract class ProcessMutant(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly ConcurrentDictionary<string, bool> _written = [];

    protected bool IsOwn(string key) => _written.ContainsKey(key);

    protected override ReferenceRow Put(ReferenceTable table, string id, SessionContent content)
    {
        _written[Key(id)] = true;
        return base.Put(table, id, content);
    }
}

[CaughtBy("Subject.Another_store_on_the_same_data_lists_what_was_written", "Subject.Another_store_on_the_same_data_ends_what_was_written")]
public sealed class IndexesSubjectsInItsProcess(ReferenceServer server, string name, StoreSettings settings) : ProcessMutant(server, name, settings)
{
    protected override IEnumerable<string> KeysOf(ReferenceTable table, string subject) => base.KeysOf(table, subject).Where(IsOwn);
}

[CaughtBy("Subject.Another_store_on_the_same_data_ends_what_was_written")]
public sealed class EndsOfASubjectWhatItWroteItself(ReferenceServer server, string name, StoreSettings settings) : ProcessMutant(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds) =>
        base.DestroyBySubject(table, subject, exceptIds.Concat(KeysOf(table, subject).Where(key => !IsOwn(key))).ToHashSet());
}

[CaughtBy("Subject.Another_store_on_the_same_data_ends_what_was_written")]
public sealed class KeepsIdsThatItRotatedItself(ReferenceServer server, string name, StoreSettings settings) : ProcessMutant(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds)
    {
        var kept = exceptIds.Select(id => Follow(table, Key(id)) is var key && (IsOwn(key) || key == id) ? key : id).ToHashSet();
        var gone = KeysOf(table, subject).Where(key => !kept.Contains(key)).ToList();
        gone.ForEach(key => Remove(table, key));
        return gone.Count;
    }
}

[CaughtBy("Enumeration.Another_store_on_the_same_data_lists_and_counts_the_same")]
public sealed class CountsInItsProcess(ReferenceServer server, string name, StoreSettings settings) : ProcessMutant(server, name, settings)
{
    public override async ValueTask<long> LengthAsync(CancellationToken cancellationToken = default) =>
        await SendAsync("Length", false, table => table.Rows.LongCount(pair => IsLive(pair.Value) && IsOwn(pair.Key)), cancellationToken);
}

[CaughtBy("Enumeration.Another_store_on_the_same_data_lists_and_counts_the_same")]
public sealed class ListsWhatItWroteItself(ReferenceServer server, string name, StoreSettings settings) : ProcessMutant(server, name, settings)
{
    public override IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, CancellationToken cancellationToken = default) => base.AllAsync(withPayloads, cancellationToken).Where(record => IsOwn(record.Id));
}

[CaughtBy("Enumeration.Another_store_on_the_same_data_sees_a_clear")]
public sealed class ClearsWhatItWroteItself(ReferenceServer server, string name, StoreSettings settings) : ProcessMutant(server, name, settings)
{
    protected override bool Clear(ReferenceTable table)
    {
        foreach (var key in table.Rows.Keys.Where(IsOwn).ToList())
            Remove(table, key);

        return true;
    }
}

[CaughtBy("Pruning.Another_store_on_the_same_data_prunes_what_has_expired")]
public sealed class PrunesWhatItWroteItself(ReferenceServer server, string name, StoreSettings settings) : ProcessMutant(server, name, settings)
{
    protected override long Prune(ReferenceTable table, int batchSize)
    {
        var expired = table.Rows.Where(pair => !IsLive(pair.Value) && IsOwn(pair.Key)).Select(pair => pair.Key).Take(batchSize).ToList();
        expired.ForEach(key => Remove(table, key));
        return expired.Count;
    }
}

[CaughtBy("Enumeration.The_length_follows_each_write_at_once")]
public sealed class KeepsItsLengthForASecond(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private (long At, long Length)? _kept;

    public override async ValueTask<long> LengthAsync(CancellationToken cancellationToken = default)
    {
        if (_kept is { } kept && TimeProvider.System.GetElapsedTime(kept.At) < TimeSpan.FromSeconds(1))
            return kept.Length;

        var length = await base.LengthAsync(cancellationToken);
        _kept = (TimeProvider.System.GetTimestamp(), length);
        return length;
    }
}

[CaughtBy("Enumeration.The_length_follows_each_write_at_once")]
public sealed class KeepsItsListingForASecond(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private (long At, List<SessionRecord> Records)? _kept;

    public override async IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (_kept is not { } kept || TimeProvider.System.GetElapsedTime(kept.At) > TimeSpan.FromSeconds(1))
            _kept = kept = (TimeProvider.System.GetTimestamp(), await base.AllAsync(withPayloads, cancellationToken).ToListAsync(cancellationToken));

        foreach (var record in kept.Records)
            yield return record;
    }
}

[CaughtBy("Lifecycle.Another_store_on_the_same_data_sees_a_session_that_was_absent_before")]
public sealed class RemembersAbsentIds(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly ConcurrentDictionary<string, bool> _absent = [];

    protected override SessionRecord? Get(ReferenceTable table, string id, SlidingExpiry? slide)
    {
        if (_absent.ContainsKey(id))
            return null;

        var record = base.Get(table, id, slide);
        if (record is null)
            _absent[id] = true;

        return record;
    }

    protected override ReferenceRow Put(ReferenceTable table, string id, SessionContent content)
    {
        _absent.Clear();
        return base.Put(table, id, content);
    }
}

[CaughtBy("Lifecycle.Another_store_on_the_same_data_sees_a_slide_that_returned")]
public sealed class SlidesInItsProcess(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _slid = [];

    protected override SessionRecord? Get(ReferenceTable table, string id, SlidingExpiry? slide)
    {
        if (Find(table, id) is not { } row)
            return null;

        if (slide is { } wanted && TryExtend(wanted, row, out var extended))
            _slid[id] = extended;

        var record = ToRecord(row);
        return _slid.TryGetValue(id, out var until) && until > row.ExpiresAt
            ? new SessionRecord(id, record.Payload, until, until - Now, record.Subject, record.Version)
            : record;
    }
}

[CaughtBy("Replacement.Replace_after_a_write_of_another_store_is_a_conflict")]
public sealed class ComparesWithTheVersionThatItRead(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly ConcurrentDictionary<string, SessionVersion> _read = [];

    protected override SessionRecord? Get(ReferenceTable table, string id, SlidingExpiry? slide)
    {
        var record = base.Get(table, id, slide);
        if (record is not null)
            _read[id] = record.Version;

        return record;
    }

    protected override bool Set(ReferenceTable table, string id, SessionContent content) => _read.TryRemove(id, out _) | base.Set(table, id, content);

    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content) => base.Replace(
        table, id, _read.TryGetValue(id, out var read) && read == version && Find(table, id) is { } row ? VersionOf(row) : version, content);
}

/// <summary>A store with a cache in front of it, which its single writes clear.</summary>
public abstract class CachingMutant(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly ConcurrentDictionary<string, SessionRecord> _cache = [];

    public override async ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
    {
        if (slide is null && _cache.TryGetValue(id, out var cached) && cached.ExpiresAt > Now)
            return cached;

        var record = await base.GetAsync(id, slide, cancellationToken);
        if (record is not null)
            _cache[id] = record;

        return record;
    }

    protected override async Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken)
    {
        var result = await base.SendAsync(operation, writes, command, cancellationToken);
        if (writes && !Keeps(operation))
            _cache.Clear();

        return result;
    }

    /// <summary>Whether the cache stays as it is after this operation.</summary>
    protected abstract bool Keeps(string operation);
}

[CaughtBy("Subject.A_session_that_was_just_read_is_over_when_those_of_its_subject_are")]
public sealed class ItsCacheSurvivesDestroyBySubject(ReferenceServer server, string name, StoreSettings settings) : CachingMutant(server, name, settings)
{
    protected override bool Keeps(string operation) => operation == "DestroyBySubject";
}

[CaughtBy("Enumeration.A_session_that_was_just_read_is_over_after_a_clear")]
public sealed class ItsCacheSurvivesAClear(ReferenceServer server, string name, StoreSettings settings) : CachingMutant(server, name, settings)
{
    protected override bool Keeps(string operation) => operation == "Clear";
}

[CaughtBy("Rotation.The_old_id_of_a_rotated_session_never_works_again")]
public sealed class ItsCacheSurvivesARotation(ReferenceServer server, string name, StoreSettings settings) : CachingMutant(server, name, settings)
{
    protected override bool Keeps(string operation) => operation == "Rotate";
}

[CaughtBy("Touch.Touch_moves_the_expiry_forward")]
public sealed class ItsCacheSurvivesATouch(ReferenceServer server, string name, StoreSettings settings) : CachingMutant(server, name, settings)
{
    protected override bool Keeps(string operation) => operation == "Touch";
}

[CaughtBy("Subject.Another_store_on_the_same_data_ends_what_was_written")]
public sealed class EveryNodeHasACache(ReferenceServer server, string name, StoreSettings settings) : CachingMutant(server, name, settings)
{
    protected override bool Keeps(string operation) => false;
}

/// <summary>A store that reads and then writes, safe inside of its own process only.</summary>
public abstract class LockingMutant(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly SemaphoreSlim _lock = new(1, 1);

    protected async Task<T> LockedAsync<T>(Func<Task<T>> action)
    {
        await _lock.WaitAsync();
        try
        {
            return await action();
        }
        finally
        {
            _lock.Release();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _lock.Dispose();
        await base.DisposeAsync();
    }
}

[CaughtBy("Race.Of_many_replaces_of_one_version_exactly_one_wins", "Race.Writers_that_load_and_replace_until_they_win_lose_no_increment")]
public sealed class LocksReplacesInItsProcess(ReferenceServer server, string name, StoreSettings settings) : LockingMutant(server, name, settings)
{
    public override async ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default) =>
        await LockedAsync(async () =>
        {
            CheckContent(content);
            var stored = await GetAsync(id, null, cancellationToken);
            if (stored is null || stored.Version != version)
                return SessionWriteResult.NotWritten(stored is null ? SessionWriteStatus.Gone : SessionWriteStatus.Conflict);

            await SetAsync(id, content, cancellationToken);
            return SessionWriteResult.Written(SessionVersion.Of(content.Payload.ToArray(), content.Subject));
        });
}

[CaughtBy("Race.Of_many_creates_of_one_id_exactly_one_wins")]
public sealed class LocksCreatesInItsProcess(ReferenceServer server, string name, StoreSettings settings) : LockingMutant(server, name, settings)
{
    public override async ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default) =>
        await LockedAsync(async () =>
        {
            CheckContent(content);
            if (await GetAsync(id, null, cancellationToken) is not null)
                return SessionWriteResult.NotWritten(SessionWriteStatus.Taken);

            await SetAsync(id, content, cancellationToken);
            return SessionWriteResult.Written(SessionVersion.Of(content.Payload.ToArray(), content.Subject));
        });
}

[CaughtBy("Race.Of_many_rotations_of_one_session_exactly_one_wins")]
public sealed class LocksRotationsInItsProcess(ReferenceServer server, string name, StoreSettings settings) : LockingMutant(server, name, settings)
{
    public override async ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default) =>
        await LockedAsync(async () =>
        {
            CheckContent(content);
            var stored = await GetAsync(id, null, cancellationToken);
            if (stored is null || (!version.IsAny && stored.Version != version))
                return SessionWriteResult.NotWritten(stored is null ? SessionWriteStatus.Gone : SessionWriteStatus.Conflict);

            return await SendAsync("Rotate", true, table =>
            {
                Remove(table, Key(id));
                var row = Put(table, newId, content);
                Link(table, id, newId);
                return SessionWriteResult.Written(VersionOf(row));
            }, cancellationToken);
        });
}

[CaughtBy("Race.Of_many_touches_the_furthest_remains")]
public sealed class LocksTouchesInItsProcess(ReferenceServer server, string name, StoreSettings settings) : LockingMutant(server, name, settings)
{
    public override async ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken = default) =>
        await LockedAsync(async () =>
        {
            if (await GetAsync(id, null, cancellationToken) is not { } stored)
                return false;

            var wanted = lifetime.ExpiryAt(Now);
            return wanted <= stored.ExpiresAt
                || await SendAsync("Touch", true, table => Find(table, id) is { } row && (row.ExpiresAt = wanted) == wanted, cancellationToken);
        });
}

[CaughtBy("Race.Of_many_destroys_exactly_one_returns_true")]
public sealed class LocksDestroysInItsProcess(ReferenceServer server, string name, StoreSettings settings) : LockingMutant(server, name, settings)
{
    public override async ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default) =>
        await LockedAsync(async () =>
        {
            var wasLive = await SendAsync("Destroy", false, table => table.Rows.TryGetValue(Follow(table, Key(id)), out var row) && IsLive(row), cancellationToken);
            await base.DestroyAsync(id, cancellationToken);
            return wasLive;
        });
}

[CaughtBy("Subject.Of_many_destroys_by_subject_each_session_is_counted_once")]
public sealed class LocksSubjectsInItsProcess(ReferenceServer server, string name, StoreSettings settings) : LockingMutant(server, name, settings)
{
    public override async ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default) =>
        await LockedAsync(async () =>
        {
            var count = await SendAsync("DestroyBySubject", false, table => KeysOf(table, subject).LongCount(key => IsLive(table.Rows[key])), cancellationToken);
            await base.DestroyBySubjectAsync(subject, exceptIds, cancellationToken);
            return count;
        });
}
