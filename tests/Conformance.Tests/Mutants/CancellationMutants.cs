using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Cancellation.A_cancelled_get_throws", "Cancellation.A_cancelled_create_throws_and_stores_nothing", "Cancellation.A_cancelled_touch_throws_and_changes_nothing", "Cancellation.Cancelled_listing_counting_and_clearing_throw_and_change_nothing", "Cancellation.Cancelled_work_by_subject_throws_and_changes_nothing")]
public sealed class IgnoresCancellation(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken) =>
        base.SendAsync(operation, writes, command, CancellationToken.None);
}

[CaughtBy("Cancellation.A_cancelled_create_throws_and_stores_nothing", "Cancellation.A_cancelled_replace_throws_and_changes_nothing", "Cancellation.A_cancelled_set_throws_and_changes_nothing", "Cancellation.A_cancelled_destroy_throws_and_removes_nothing", "Cancellation.A_cancelled_rotation_throws_and_moves_nothing")]
public sealed class WritesThenLooksAtTheToken(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override async Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(operation, writes, command, CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        return answer;
    }
}

[CaughtBy("Cancellation.A_cancelled_get_throws", "Cancellation.The_store_works_after_cancelled_calls")]
public sealed class WrapsCancellation(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override async Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(operation, writes, command, cancellationToken);
        }
        catch (OperationCanceledException cancelled)
        {
            throw Fault(operation, SessionStoreFault.Failed, cancelled);
        }
    }
}

[CaughtBy("Cancellation.A_write_that_is_cancelled_on_the_way_is_complete_or_absent")]
public sealed class CancellationLeavesHalfAWrite(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        CheckContent(content);
        await SendAsync("Set", true, table => SetPayload(table, id, content), cancellationToken);
        await Task.Delay(1, cancellationToken);
        await base.SetAsync(id, content, cancellationToken);
    }

    private bool SetPayload(ReferenceTable table, string id, SessionContent content)
    {
        if (Find(table, id) is { } row)
            row.Payload = content.Payload.ToArray();

        return true;
    }
}

[CaughtBy("Cancellation.A_listing_that_is_cancelled_on_the_way_throws")]
public sealed class ListingIgnoresItsEnumeratorsToken(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, CancellationToken cancellationToken = default) =>
        new Tokenless(base.AllAsync(withPayloads, cancellationToken), cancellationToken);

    private sealed class Tokenless(IAsyncEnumerable<SessionRecord> records, CancellationToken token) : IAsyncEnumerable<SessionRecord>
    {
        public IAsyncEnumerator<SessionRecord> GetAsyncEnumerator(CancellationToken cancellationToken = default) => records.GetAsyncEnumerator(token);
    }
}

[CaughtBy("Cancellation.A_cancelled_prune_throws")]
public sealed class PruneIgnoresCancellation(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default) => base.PruneAsync(batchSize, CancellationToken.None);
}

[CaughtBy("Cancellation.The_store_works_after_cancelled_calls", CaseTimeoutSeconds = 5)]
public sealed class LeaksASlotForEachCancelledCall(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly SemaphoreSlim _slots = new(10);

    protected override async Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(CancellationToken.None);
        var answer = await base.SendAsync(operation, writes, command, cancellationToken);
        _slots.Release();
        return answer;
    }

    public override async ValueTask DisposeAsync()
    {
        _slots.Dispose();
        await base.DisposeAsync();
    }
}

[CaughtBy("History.Clients_that_cancel_some_calls_agree_on_an_order")]
public sealed class UndoesACancelledWrite(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default)
    {
        var before = await GetAsync(id, null, CancellationToken.None);
        await base.DestroyAsync(id, CancellationToken.None);
        if (cancellationToken.IsCancellationRequested && before is not null)
            await SetAsync(id, new SessionContent(before.Payload, before.ExpiresAt, before.Subject), CancellationToken.None);

        cancellationToken.ThrowIfCancellationRequested();
        return before is not null;
    }
}
