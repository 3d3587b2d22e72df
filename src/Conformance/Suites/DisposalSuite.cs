using System.Collections.Concurrent;
using Xunit;

namespace SessionStores.Conformance;

/// <summary>A store is a thread-safe singleton that disposes what it created and nothing else.</summary>
/// <param name="fixture">The fixture of the store.</param>
public class DisposalSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    [Fact, Clause("L20")]
    public Task A_store_can_be_disposed_unused() => RunAsync(async () =>
    {
        var store = await OpenAsync();

        await CaseContext.DisposeAsync(store);
    });

    [Fact, Clause("L20")]
    public Task A_store_can_be_disposed_twice() => RunAsync(async () =>
    {
        var store = await OpenAsync();
        await StoredAsync(store, NewId(), Content());

        await CaseContext.DisposeAsync(store);
        await CaseContext.DisposeAsync(store);
    });

    [Fact, Clause("L20", "L19")]
    public Task A_disposed_store_says_so_or_goes_on() => RunAsync(async () =>
    {
        var store = await OpenAsync();
        var id = NewId();
        await StoredAsync(store, id, Content());
        await CaseContext.DisposeAsync(store);

        // A store that owns nothing has nothing to dispose and may go on; anything but that or the named exception is a fault.
        try
        {
            await HasAsync(store, id, "one");
            await store.SetAsync(id, Content("two"));
        }
        catch (ObjectDisposedException)
        {
            Expect.True(store is IDisposable or IAsyncDisposable, "only a disposable store says that it is disposed");
        }
    });

    [Fact, Clause("L20", Needs = StoreCapabilities.SharedData)]
    public Task Disposing_one_store_leaves_another_on_the_same_data_working() => RunAsync(async () =>
    {
        var (here, there) = (await OpenAsync(), await OpenAsync());
        var id = NewId();
        await StoredAsync(here, id, Content());
        await HasAsync(there, id, "one");

        await CaseContext.DisposeAsync(here);

        await HasAsync(there, id, "one");
        await StoredAsync(there, NewId(), Content());
        await HasAsync(await OpenAsync(), id, "one");
    });

    [Fact, Clause("L20", "L4", Race = true)]
    public Task Many_threads_can_use_one_store() => RunAsync(async () =>
    {
        var store = await OpenAsync();
        var failures = new ConcurrentQueue<Exception>();
        var lists = Enumerable.Range(0, 8).Select(_ => Enumerable.Range(0, 25).Select(_ => NewId()).ToList()).ToList();

        await Task.WhenAll(lists.Select(ids => Task.Run(async () =>
        {
            try
            {
                foreach (var id in ids)
                    await LiveAsync(store, id);
            }
            catch (Exception failure)
            {
                failures.Enqueue(failure);
            }
        })));

        Expect.True(failures.IsEmpty, $"no thread fails, but {failures.Count} did, the first with: {failures.FirstOrDefault()?.Message}");
    });

    [Fact, Clause("L20", "L5")]
    public Task Two_first_calls_at_once_work() => RunAsync(async () =>
    {
        for (var round = 0; round < 20; round++)
        {
            var store = await Context.OpenAsync(Context.NewNamespace());
            var (a, b) = (NewId(), NewId());
            await TogetherAsync(2, async () => await StoredAsync(store, a, Content("a")), async () => await StoredAsync(store, b, Content("b")));

            await HasAsync(store, a, "a");
            await HasAsync(store, b, "b");
        }
    });

    private async Task LiveAsync(ISessionStore store, string id)
    {
        var newId = "new" + id;
        var version = (await store.CreateAsync(id, Content())).Version;
        await HasAsync(store, id, "one");
        version = (await store.ReplaceAsync(id, version, Content("two"))).Version;
        Expect.True(await store.TouchAsync(id, Later.AddHours(1)), "touch of a live session answers true");
        Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(id, newId, version, Content("three"))).Status, "the status of the rotation");
        await HasAsync(store, newId, "three");
        Expect.Null(await store.GetAsync(id), "the session under the old id");
        Expect.True(await store.DestroyAsync(newId), "destroy of a live session answers true");
        Expect.Null(await store.GetAsync(newId), "the session after the destroy");
    }
}
