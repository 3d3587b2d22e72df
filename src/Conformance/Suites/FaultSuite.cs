using System.Collections.Concurrent;

namespace SessionStores.Conformance.Suites;

/// <summary>A server that is away, silent or read-only ends in a typed exception in time, and the store works again when it is back.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed partial class FaultSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(2);

    /// <summary>The time limit of calls that are cancelled: on a busy machine it must not be over before they are.</summary>
    private static readonly TimeSpan CancelledTimeout = TimeSpan.FromSeconds(8);

    /// <summary>What a call may take beyond the configured time, on a busy machine.</summary>
    private static readonly TimeSpan Allowance = TimeSpan.FromSeconds(13);

    [Clause("L19")]
    public Task A_stopped_server_is_a_typed_fault_in_time() => RunAsync(() => FaultAsync(ServerFault.Stopped, SessionStoreFault.Unavailable, SessionStoreFault.Timeout));

    [Clause("L19")]
    public Task A_killed_server_is_a_typed_fault_in_time() => RunAsync(() => FaultAsync(ServerFault.Killed, SessionStoreFault.Unavailable, SessionStoreFault.Timeout));

    [Clause("L19")]
    public Task A_hanging_server_is_a_typed_fault_in_time() => RunAsync(() => FaultAsync(ServerFault.Hanging, SessionStoreFault.Timeout, SessionStoreFault.Unavailable));

    [Clause("L19")]
    public Task A_reply_that_is_lost_is_a_typed_fault_in_time() => RunAsync(() => FaultAsync(ServerFault.DropAfterSend, SessionStoreFault.Unavailable, SessionStoreFault.Timeout));

    [Clause("L19")]
    public Task A_store_works_again_after_a_stopped_server_is_back() => RunAsync(() => RecoversAsync(ServerFault.Stopped));

    [Clause("L19")]
    public Task A_store_works_again_after_a_killed_server_is_back() => RunAsync(() => RecoversAsync(ServerFault.Killed));

    [Clause("L19")]
    public Task A_store_works_again_after_a_hanging_server_is_back() => RunAsync(() => RecoversAsync(ServerFault.Hanging));

    [Clause("L19")]
    public Task A_store_works_again_after_its_connections_were_cut() => RunAsync(() => RecoversAsync(ServerFault.Disconnected));

    [Clause("L19")]
    public Task A_store_works_again_after_replies_were_lost() => RunAsync(() => RecoversAsync(ServerFault.DropAfterSend));

    [Clause("L19")]
    public Task A_store_works_again_after_the_server_forgot_its_scripts() => RunAsync(() => WithFaultAsync(ServerFault.ForgottenScripts, async (server, store) =>
    {
        var id = NewId();
        var version = (await store.CreateAsync(id, Content())).Version;
        await server.BeginAsync(ServerFault.ForgottenScripts);

        // Nothing may fail here: the server replies as before.
        Expect.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync(id, version, Content("two"))).Status, "replace");
        Expect.True(await store.TouchAsync(id, Later.AddHours(1)), "touch returns true");
        await HasAsync(store, id, "two");
        foreach (var (_, call) in ManyCalls(store, id))
            await call();
    }));

    [Clause("L19")]
    public Task A_server_that_takes_no_writes_is_a_typed_fault_and_is_still_read() => RunAsync(() => WithFaultAsync(ServerFault.ReadOnly, async (server, store) =>
    {
        var id = NewId();
        var record = await StoredAsync(store, id, Content());
        await store.CreateAsync(NewId(), Content("one", null, "alice"));
        await server.BeginAsync(ServerFault.ReadOnly);

        await HasAsync(store, id, "one");
        foreach (var (_, read) in Listings(store))
            await read();

        // A prune may find that there is nothing to remove.
        foreach (var (name, write) in Writes(store, id, record.Version).Concat(Bulk(store, id)).Where(each => each.Name != "prune"))
        {
            var fault = await Expect.ThrowsAsync<SessionStoreException>(write, $"{name} on a read-only server");
            Expect.Equal(SessionStoreFault.ReadOnly, fault.Fault, $"the fault of {name}");
        }

        await HasAsync(store, id, "one");
        await server.EndAsync(ServerFault.ReadOnly);
        await Context.UntilAsync(() => WorksAsync(store), "the store writes again after the server does");
    }));

    [Clause("L19", "L12")]
    public Task A_write_whose_reply_was_lost_is_complete_or_absent() => RunAsync(() => WithFaultAsync(ServerFault.DropAfterSend, async (server, store) =>
    {
        var (id, newId) = (NewId(), NewId());
        var (first, second) = (Later, Round(Later.AddHours(1)));
        var version = (await store.CreateAsync(id, Content("one", first, "alice"))).Version;
        await server.BeginAsync(ServerFault.DropAfterSend);
        await Expect.ThrowsAsync<SessionStoreException>(() => store.ReplaceAsync(id, version, Content("two", second, "bob")).AsTask(), "replace whose reply was lost");
        await server.EndAsync(ServerFault.DropAfterSend);
        await Context.UntilAsync(() => WorksAsync(store), "the store works again");

        var record = Expect.Found(await store.GetAsync(id));
        var isOld = record.Payload.Span.SequenceEqual(Payload().Span);
        Expect.Bytes(Payload(isOld ? "one" : "two"), record.Payload);
        Expect.Equal(isOld ? first : second, record.ExpiresAt);
        Expect.Equal(isOld ? "alice" : "bob", record.Subject);

        // The caller does what it would: it loads again and writes again.
        Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(id, newId, record.Version, Content("three"))).Status, "rotate after loading again");
        await HasAsync(store, newId, "three");
    }));

    [Clause("L19", "L4")]
    public Task Nothing_that_was_confirmed_is_lost_when_the_server_is_killed() => RunAsync(() => WithFaultAsync(ServerFault.Killed, async (server, store) =>
    {
        if (!server.KeepsWrites)
            throw new NotOfferedException("the server of the fixture does not keep its writes when it is killed");

        var written = new ConcurrentQueue<string>();
        var over = false;
        var writer = Task.Run(async () =>
        {
            for (var i = 0; !Volatile.Read(ref over); i++)
            {
                var id = $"written{i}";
                try
                {
                    await store.CreateAsync(id, Content("kept"));
                    written.Enqueue(id);
                }
                catch (SessionStoreException)
                {
                    // Did not return: it may be there or not.
                }
            }
        });
        await Context.UntilAsync(() => Task.FromResult(written.Count > 50), "fifty sessions were written");
        await server.BeginAsync(ServerFault.Killed);
        Volatile.Write(ref over, true);
        await writer;
        await server.EndAsync(ServerFault.Killed);
        await Context.UntilAsync(() => WorksAsync(store), "the store works again");

        foreach (var id in written)
            await HasAsync(store, id, "kept");
    }));

    [Clause("L19", "L18")]
    public Task A_call_on_a_hanging_server_can_be_cancelled() => RunAsync(() => WithFaultAsync(ServerFault.Hanging, CancelledTimeout, async (server, store) =>
    {
        await StoredAsync(store, NewId(), Content());
        await server.BeginAsync(ServerFault.Hanging);
        using var source = new CancellationTokenSource();
        var calls = Calls(store, NewId(), SessionVersion.Any, source.Token).Select(each => (each.Name, Call: each.Call())).ToList();
        await source.CancelAsync();

        // A call that does not end by its cancellation ends by its time limit, with another exception.
        foreach (var (name, call) in calls)
            await Expect.ThrowsAsync<OperationCanceledException>(() => call, $"{name} that was cancelled while the server hangs");
    }));

    [Clause("L19", "L13", Needs = StoreCapabilities.Enumeration)]
    public Task A_server_that_fails_in_a_listing_is_a_typed_fault() => RunAsync(() => WithFaultAsync(ServerFault.Stopped, async (server, store) =>
    {
        const int count = 400;
        await CreateManyAsync(store, NewIds(count), Content("one", null, "alice"));
        await using var all = store.Require<ISessionEnumeration>().AllAsync().GetAsyncEnumerator();
        await using var bySubject = store.GetCapability<ISessionSubjects>()?.ListBySubjectAsync("alice").GetAsyncEnumerator();
        var listings = new List<(string Name, IAsyncEnumerator<SessionRecord> Records)> { ("a listing", all) };
        if (bySubject is not null)
            listings.Add(("a listing of a subject", bySubject));

        foreach (var (name, listing) in listings)
            Expect.True(await listing.MoveNextAsync(), $"{name} of {count} sessions has a first one");

        await server.BeginAsync(ServerFault.Stopped);
        foreach (var (name, listing) in listings)
        {
            try
            {
                var seen = 1;
                while (await listing.MoveNextAsync())
                    seen++;

                Expect.Equal(count, seen, $"the number of sessions of {name} that ended without an exception while the server was away");
            }
            catch (SessionStoreException)
            {
                // The listing tells that it is not complete.
            }
            catch (Exception other) when (other is not ConformanceException)
            {
                throw new ConformanceException($"Expected SessionStoreException from {name} whose server has stopped, but got {other.GetType().Name}: {other.Message}", other);
            }
        }
    }));

    [Clause("L19", "L21")]
    public Task Faults_and_their_logs_hold_no_secret() => RunAsync(() => WithFaultAsync(ServerFault.Stopped, async (server, store) =>
    {
        var id = NewId();
        var record = await StoredAsync(store, id, Content("top-secret-payload"));
        await server.BeginAsync(ServerFault.Stopped);
        using (new TelemetryListener(_logged.Enqueue))
        {
            await Task.WhenAll(Calls(store, id, record.Version).Select(async each =>
            {
                var fault = await Expect.ThrowsAsync<SessionStoreException>(each.Call, $"{each.Name} on a stopped server");
                _logged.Enqueue($"{fault} {string.Join(' ', fault.Data.Keys.Cast<object>().Concat(fault.Data.Values.Cast<object?>()))}");
            }));
        }

        foreach (var text in _logged)
        {
            foreach (var used in _used.Append(id))
                Expect.True(!text.Contains(used, StringComparison.Ordinal), $"a log line, exception, metric or trace holds no session id: {Without(text, used)}");

            Expect.True(!text.Contains("top-secret-payload", StringComparison.Ordinal), "a log line or exception holds no payload");
            Expect.True(!Fixture.Secrets.Any(secret => text.Contains(secret, StringComparison.Ordinal)), "a log line or exception holds no connection text");
        }
    }));

    private readonly ConcurrentQueue<string> _logged = new();
    private readonly ConcurrentQueue<string> _used = new();

    private Task FaultAsync(ServerFault fault, params SessionStoreFault[] allowed) => WithFaultAsync(fault, async (server, store) =>
    {
        var id = NewId();
        var record = await StoredAsync(store, id, Content());
        await server.BeginAsync(fault);

        // All at once: each has the time limit for itself, and a case of many calls does not wait for it many times.
        await Task.WhenAll(Calls(store, id, record.Version).Select(each => Task.Run(async () =>
        {
            var (name, call) = each;
            var started = TimeProvider.System.GetTimestamp();
            var thrown = await Expect.ThrowsAsync<SessionStoreException>(call, $"{name} ({fault})");
            var took = TimeProvider.System.GetElapsedTime(started);
            Expect.True(took < CommandTimeout + Allowance, $"{name} ends within the configured {CommandTimeout} and {Allowance} of allowance, not after {took}");
            Expect.True(allowed.Contains(thrown.Fault), $"the fault of {name} is {string.Join(" or ", allowed)}, not {thrown.Fault}");
            Expect.True(thrown.Store.Length > 0, $"the exception of {name} names the store");
            Expect.True(OperationsOf(name).Contains(thrown.Operation), $"the operation that the exception of {name} names is {OperationsOf(name)[0]}, not '{thrown.Operation}'");
        })));
    });

    private Task RecoversAsync(ServerFault fault) => WithFaultAsync(fault, async (server, store) =>
    {
        var version = (await StoredAsync(store, NewId(), Content())).Version;
        await server.BeginAsync(fault);

        // Without a clear, which a server that hangs may carry out when it continues, and so empty what is written then.
        await Task.WhenAll(Calls(store, NewId(), version).Where(each => each.Name != "clear").Select(async each =>
        {
            try
            {
                await each.Call();
            }
            catch (SessionStoreException)
            {
                // What the fault looks like is the subject of other cases.
            }
        }));

        await server.EndAsync(fault);

        await Context.UntilAsync(() => WorksAsync(store), "the same store works again after the fault has ended");
        for (var i = 0; i < 20; i++)
            Expect.True(await WorksAsync(store), "the store still works");

        foreach (var (_, call) in ManyCalls(store, NewId()))
            await call();
    });

    private Task WithFaultAsync(ServerFault fault, Func<IServerFaults, ISessionStore, Task> action) => WithFaultAsync(fault, CommandTimeout, action);

    private async Task WithFaultAsync(ServerFault fault, TimeSpan commandTimeout, Func<IServerFaults, ISessionStore, Task> action)
    {
        await Fixture.State.WithFaultyServerAsync(Fixture, Context, async server =>
        {
            if (!server.Offered.Contains(fault))
                throw new NotOfferedException($"the server of the fixture cannot be {fault}");

            var store = Context.Own(await server.CreateStoreAsync(Context.Namespace, new()
            {
                CommandTimeout = commandTimeout,
                Log = Context.Offers(StoreCapabilities.Logs) ? _logged.Enqueue : null,
            }));
            try
            {
                await action(server, store);
            }
            finally
            {
                await server.EndAsync(fault);
            }
        });
    }

    private async Task<bool> WorksAsync(ISessionStore store)
    {
        try
        {
            await StoredAsync(store, NewId(), Content());
            return true;
        }
        catch (SessionStoreException)
        {
            return false;
        }
    }

    private (string Name, Func<Task> Call)[] Calls(ISessionStore store, string id, SessionVersion version, CancellationToken cancellationToken = default) =>
    [
        ("get", () => store.GetAsync(id, null, cancellationToken).AsTask()),
        ("a sliding get", () => store.GetAsync(id, new SlidingExpiry(TimeSpan.FromDays(1), Later.AddHours(1)), cancellationToken).AsTask()),
        .. Writes(store, id, version, cancellationToken),

        // A store whose server removes what has expired need not ask it to prune.
        .. ManyCalls(store, id, cancellationToken).Where(each => each.Name != "prune" || store.Require<ISessionPruning>() is { PrunesItself: false }),
    ];

    private (string Name, Func<Task> Call)[] Writes(ISessionStore store, string id, SessionVersion version, CancellationToken cancellationToken = default) =>
    [
        ("create", () => store.CreateAsync(UsedId(), Content(), cancellationToken).AsTask()),
        ("replace", () => store.ReplaceAsync(id, version, Content("two"), cancellationToken).AsTask()),
        ("set", () => store.SetAsync(id, Content("two"), cancellationToken).AsTask()),
        ("touch", () => store.TouchAsync(id, Later.AddHours(5), cancellationToken).AsTask()),
        ("rotate", () => store.RotateAsync(id, UsedId(), SessionVersion.Any, Content("two"), cancellationToken).AsTask()),
        ("destroy", () => store.DestroyAsync(id, cancellationToken).AsTask()),
    ];

    private (string Name, Func<Task> Call)[] ManyCalls(ISessionStore store, string id, CancellationToken cancellationToken = default) =>
        [.. Listings(store, cancellationToken), .. Bulk(store, id, cancellationToken)];

    private static IEnumerable<(string Name, Func<Task> Call)> Listings(ISessionStore store, CancellationToken cancellationToken = default)
    {
        if (store.GetCapability<ISessionEnumeration>() is { } many)
        {
            yield return ("all", () => ListAsync(many.AllAsync(cancellationToken: cancellationToken)));
            yield return ("length", () => many.LengthAsync(cancellationToken).AsTask());
        }

        if (store.GetCapability<ISessionSubjects>() is { } subjects)
            yield return ("list by subject", () => ListAsync(subjects.ListBySubjectAsync("alice", cancellationToken: cancellationToken)));

        if (store.GetCapability<ISessionKeys>() is { } keys)
            yield return ("list by key", () => ListAsync(keys.ListByKeyAsync("k", cancellationToken: cancellationToken)));
    }

    private IEnumerable<(string Name, Func<Task> Call)> Bulk(ISessionStore store, string id, CancellationToken cancellationToken = default)
    {
        if (store.GetCapability<ISessionSubjects>() is { } subjects)
            yield return ("destroy by subject", () => subjects.DestroyBySubjectAsync("alice", [id, UsedId()], cancellationToken).AsTask());

        if (store.GetCapability<ISessionKeys>() is { } keys)
            yield return ("destroy by key", () => keys.DestroyByKeyAsync("k", [id], cancellationToken).AsTask());

        if (store.GetCapability<ISessionPruning>() is { } pruning)
            yield return ("prune", () => pruning.PruneAsync(1000, cancellationToken).AsTask());

        if (store.GetCapability<ISessionEnumeration>() is { } many)
            yield return ("clear", () => many.ClearAsync(cancellationToken).AsTask());
    }

    /// <summary>What an exception may call a call: its method without "Async"; that of the extension method where all pages are listed.</summary>
    private static string[] OperationsOf(string name) => name switch
    {
        "a sliding get" => ["Get"],
        "list by subject" => ["PageBySubject", "ListBySubject"],
        _ => [string.Concat(name.Split(' ').Select(word => char.ToUpperInvariant(word[0]) + word[1..]))],
    };

    private string UsedId()
    {
        string id;
        lock (Random)
            id = NewId();

        _used.Enqueue(id);
        return id;
    }

    private static string Without(string text, string id) => text.Replace(id, "<id>", StringComparison.Ordinal);
}
