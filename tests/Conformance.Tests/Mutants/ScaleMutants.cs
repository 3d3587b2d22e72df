using System.Runtime.CompilerServices;
using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Subject.A_subject_can_have_many_sessions")]
public sealed class ListsAThousandOfASubject(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private int _listed;

    public override async ValueTask<SessionPage> PageBySubjectAsync(
        string subject, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default)
    {
        var page = await base.PageBySubjectAsync(subject, size, continuation, withPayloads, cancellationToken);
        _listed = continuation is null ? page.Sessions.Count : _listed + page.Sessions.Count;
        return _listed < 1000 ? page : new SessionPage(page.Sessions, null);
    }
}

[CaughtBy("Subject.A_subject_can_have_many_sessions")]
public sealed class DestroysAThousandOfASubject(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds) => base.DestroyBySubject(
        table, subject, exceptIds.Concat(KeysOf(table, subject).Where(key => !exceptIds.Contains(key)).Skip(1000)).ToHashSet());
}

[CaughtBy("Subject.A_subject_can_have_many_sessions")]
public sealed class KeepsAThousandIdsAtMost(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds) =>
        base.DestroyBySubject(table, subject, exceptIds.Take(1000).ToHashSet());
}

[CaughtBy("Subject.A_subject_can_have_many_sessions")]
public sealed class FailsOverAThousandParameters(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds) =>
        exceptIds.Count > 999 ? throw new ReferenceServerException("parameters", "too many SQL variables") : base.DestroyBySubject(table, subject, exceptIds);
}

[CaughtBy("Identifier.Ids_that_look_like_escapes_are_taken_literally")]
public sealed class JoinsTheIdsToKeepByCommas(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds) =>
        base.DestroyBySubject(table, subject, string.Join(',', exceptIds).Split(',').ToHashSet());
}

[CaughtBy("Pruning.Prune_ends_no_earlier_than_the_expired_records")]
public sealed class PrunesAHundredBatches(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batchSize, 100_000);
        var removed = 0L;
        for (var batch = 0; batch < 100; batch++)
            removed += await SendAsync("Prune", true, table => Prune(table, batchSize), cancellationToken);

        return removed;
    }
}

[CaughtBy("Pruning.Prune_ends_no_earlier_than_the_expired_records")]
public sealed class PrunesAThousandAtMost(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batchSize, 100_000);
        return batchSize < 1000 ? await base.PruneAsync(batchSize, cancellationToken) : await SendAsync("Prune", true, table => Prune(table, 1000), cancellationToken);
    }
}

[CaughtBy("Enumeration.Thousands_of_sessions_are_listed_once_each")]
public sealed class ClearsAThousand(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Clear(ReferenceTable table)
    {
        foreach (var key in table.Rows.Keys.Take(1000).ToList())
            Remove(table, key);

        return true;
    }
}

[CaughtBy("Cancellation.A_prune_that_is_cancelled_on_the_way_throws_or_is_complete")]
public sealed class PruneEndsWhenItIsCancelled(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        long removed = 0, batch;
        do
        {
            batch = await SendAsync("Prune", true, table => Prune(table, batchSize), CancellationToken.None);
            removed += batch;

            // The first batch takes as long as it takes the case to cancel.
            if (cancellationToken.CanBeCanceled && removed == batch)
                await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        while (batch == batchSize && !cancellationToken.IsCancellationRequested);

        return removed;
    }
}

[CaughtBy("Cancellation.A_write_that_is_cancelled_on_the_way_is_complete_or_absent")]
public sealed class ACancelledCreateLeavesNoExpiry(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        CheckContent(content);
        var result = await SendAsync("Create", true, table => Create(table, id, new SessionContent(content.Payload, SessionLifetime.Never, content.Subject)), cancellationToken);
        if (result.Status == SessionWriteStatus.Written)
            await SendAsync("Create", true, table => Find(table, id) is { } row ? row.ExpiresAt = ExpiryOf(content) : default, cancellationToken);

        return result;
    }
}

[CaughtBy("Disposal.A_listing_of_a_store_that_is_disposed_ends_complete_or_throws")]
public sealed class EndsAListingWhenItIsDisposed(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        var records = await base.AllAsync(withPayloads, cancellationToken).ToListAsync(cancellationToken);
        foreach (var record in records.TakeWhile(_ => !IsDisposed))
            yield return record;
    }
}

[CaughtBy("Disposal.A_listing_of_a_store_that_is_disposed_ends_complete_or_throws")]
public sealed class AListingOfADisposedStoreFails(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private List<SessionRecord>? _page = [];

    public override async IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        _page?.Clear();
        foreach (var record in await base.AllAsync(withPayloads, cancellationToken).ToListAsync(cancellationToken))
        {
            _page!.Add(record);
            yield return record;
        }
    }

    public override ValueTask DisposeAsync()
    {
        _page = null;
        return base.DisposeAsync();
    }
}

[CaughtBy("Disposal.A_call_that_meets_the_disposal_returns_or_throws_what_is_documented")]
public sealed class DisposalPullsTheConnectionAway(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private StoreSettings? _connection = settings;

    protected override async Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken)
    {
        var result = await base.SendAsync(operation, writes, command, cancellationToken);
        return _connection!.MaxPayloadBytes is null ? result : result;
    }

    public override ValueTask DisposeAsync()
    {
        _connection = null;
        return base.DisposeAsync();
    }
}
