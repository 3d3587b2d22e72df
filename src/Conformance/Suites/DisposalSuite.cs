using System.Collections.Concurrent;

namespace SessionStores.Conformance.Suites;

/// <summary>A store is a thread-safe singleton that disposes what it created and nothing else.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed class DisposalSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    [Clause("L20")]
    public Task A_store_can_be_disposed_unused() => RunAsync(async store =>
    {
        await CaseContext.DisposeAsync(store);
    });

    [Clause("L20")]
    public Task A_store_can_be_disposed_twice() => RunAsync(async store =>
    {
        await StoredAsync(store, NewId(), Content());

        await CaseContext.DisposeAsync(store);
        await CaseContext.DisposeAsync(store);
    });

    [Clause("L20", "L19")]
    public Task Every_call_on_a_disposed_store_throws() => RunAsync(async store =>
    {
        if (store is not (IDisposable or IAsyncDisposable))
            throw new NotOfferedException("the store is not disposable");

        var id = NewId();
        var version = (await StoredAsync(store, id, Content())).Version;
        await CaseContext.DisposeAsync(store);

        foreach (var (name, call) in Calls(store, id, version))
            await Expect.ThrowsAsync<ObjectDisposedException>(call, $"{name} on a disposed store");
    });

    [Clause("L20", Needs = StoreCapabilities.SharedData)]
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

    [Clause("L20", "L4", Race = true)]
    public Task Many_threads_can_use_one_store() => RunAsync(async store =>
    {
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

    [Clause("L20", "L5")]
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

    [Clause("L20", "L13", "L14", Needs = StoreCapabilities.Enumeration)]
    public Task A_listing_of_a_store_that_is_disposed_ends_complete_or_throws() => RunAsync(async () =>
    {
        var ids = Enumerable.Range(0, 60).Select(_ => NewId()).ToList();
        foreach (var bySubject in new[] { false, true })
        {
            var store = await Context.OpenAsync();
            if (store is not (IDisposable or IAsyncDisposable))
                throw new NotOfferedException("the store is not disposable");

            foreach (var id in ids)
                await store.SetAsync(id, Content("one", null, "alice"));

            if (bySubject && store.GetCapability<ISessionSubjects>() is null)
                return;

            var listing = bySubject ? store.Require<ISessionSubjects>().ListBySubjectAsync("alice") : store.Require<ISessionEnumeration>().AllAsync();
            var seen = 0;
            try
            {
                await foreach (var _ in listing)
                {
                    if (++seen == 1)
                        await CaseContext.DisposeAsync(store);
                }

                Expect.Equal(ids.Count, seen, "the number of sessions of a listing that ended without an exception after its store was disposed");
            }
            catch (ObjectDisposedException)
            {
                // The listing tells that it is not complete.
            }
            catch (Exception other) when (other is not ConformanceException)
            {
                throw new ConformanceException($"Expected ObjectDisposedException from a listing of a store that is disposed, but got {other.GetType().Name}: {other.Message}", other);
            }
        }
    });

    [Clause("L20", "L19", Race = true)]
    public Task A_call_that_meets_the_disposal_returns_or_throws_what_is_documented() => RunAsync(async () =>
    {
        for (var round = 0; round < 20; round++)
        {
            var store = await Context.OpenAsync();
            if (store is not (IDisposable or IAsyncDisposable))
                throw new NotOfferedException("the store is not disposable");

            var id = NewId();
            await store.SetAsync(id, Content());
            await TogetherAsync(2 + (round % 2),
            [
                () => CaseContext.DisposeAsync(store).AsTask(),
                .. Enumerable.Range(0, 3).Select(i => (Func<Task>)(async () =>
                {
                    try
                    {
                        for (var call = 0; call < 5; call++)
                            await (i == 0 ? store.SetAsync(id, Content("two")).AsTask() : store.GetAsync(id).AsTask());
                    }
                    catch (Exception thrown) when (thrown is ObjectDisposedException or SessionStoreException)
                    {
                        // Either is documented.
                    }
                    catch (Exception other)
                    {
                        throw new ConformanceException($"Expected ObjectDisposedException from a call that meets the disposal, but got {other.GetType().Name}: {other.Message}", other);
                    }
                })),
            ]);
        }
    });

    private IEnumerable<(string Name, Func<Task> Call)> Calls(ISessionStore store, string id, SessionVersion version)
    {
        yield return ("get", () => store.GetAsync(id).AsTask());
        yield return ("create", () => store.CreateAsync(NewId(), Content()).AsTask());
        yield return ("replace", () => store.ReplaceAsync(id, version, Content("two")).AsTask());
        yield return ("set", () => store.SetAsync(id, Content("two")).AsTask());
        yield return ("touch", () => store.TouchAsync(id, Later.AddHours(1)).AsTask());
        yield return ("rotate", () => store.RotateAsync(id, NewId(), version, Content("two")).AsTask());
        yield return ("destroy", () => store.DestroyAsync(id).AsTask());
        if (store.GetCapability<ISessionEnumeration>() is { } many)
        {
            yield return ("all", () => ListAsync(many.AllAsync()));
            yield return ("length", () => many.LengthAsync().AsTask());
            yield return ("clear", () => many.ClearAsync().AsTask());
        }

        if (store.GetCapability<ISessionSubjects>() is { } subjects)
        {
            yield return ("list by subject", () => ListAsync(subjects.ListBySubjectAsync("alice")));
            yield return ("count by subject", () => subjects.CountBySubjectAsync("alice").AsTask());
            yield return ("destroy by subject", () => subjects.DestroyBySubjectAsync("alice").AsTask());
        }

        if (store.GetCapability<ISessionKeys>() is { } keys)
        {
            yield return ("list by key", () => ListAsync(keys.ListByKeyAsync("k")));
            yield return ("count by key", () => keys.CountByKeyAsync("k").AsTask());
            yield return ("destroy by key", () => keys.DestroyByKeyAsync("k").AsTask());
        }

        if (store.GetCapability<ISessionEpochs>() is { } epochs)
            yield return ("void by subject", () => epochs.VoidBySubjectAsync("alice").AsTask());

        if (store.GetCapability<ISessionPruning>() is { } pruning)
            yield return ("prune", () => pruning.PruneAsync().AsTask());
    }

    private async Task LiveAsync(ISessionStore store, string id)
    {
        var newId = "new" + id;
        var version = (await store.CreateAsync(id, Content())).Version;
        await HasAsync(store, id, "one");
        version = (await store.ReplaceAsync(id, version, Content("two"))).Version;
        Expect.True(await store.TouchAsync(id, Later.AddHours(1)), "touch of a live session returns true");
        Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(id, newId, version, Content("three"))).Status, "the status of the rotation");
        await HasAsync(store, newId, "three");
        Expect.Null(await store.GetAsync(id), "the session under the old id");
        Expect.True(await store.DestroyAsync(newId), "destroy of a live session returns true");
        Expect.Null(await store.GetAsync(newId), "the session after the destroy");
    }
}
