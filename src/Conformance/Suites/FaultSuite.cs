using System.Collections.Concurrent;

namespace SessionStores.Conformance.Suites;

/// <summary>A server that is away, silent or read-only ends in a typed exception in time, and the store works again when it is back.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed partial class FaultSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(2);

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
    }));

    [Clause("L19")]
    public Task A_server_that_takes_no_writes_is_a_typed_fault_and_is_still_read() => RunAsync(() => WithFaultAsync(ServerFault.ReadOnly, async (server, store) =>
    {
        var id = NewId();
        var record = await StoredAsync(store, id, Content());
        await server.BeginAsync(ServerFault.ReadOnly);

        await HasAsync(store, id, "one");
        foreach (var (name, write) in Writes(store, id, record.Version))
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
    public Task A_call_on_a_hanging_server_can_be_cancelled() => RunAsync(() => WithFaultAsync(ServerFault.Hanging, async (server, store) =>
    {
        await StoredAsync(store, NewId(), Content());
        await server.BeginAsync(ServerFault.Hanging);
        using var source = new CancellationTokenSource();
        var call = store.GetAsync(NewId(), null, source.Token).AsTask();
        await source.CancelAsync();

        var started = TimeProvider.System.GetTimestamp();
        await Expect.ThrowsAsync<OperationCanceledException>(() => call, "get that was cancelled while the server hangs");
        var took = TimeProvider.System.GetElapsedTime(started);
        Expect.True(took < CommandTimeout + Allowance, $"the cancelled call ends at once, not after {took}");
    }));

    [Clause("L19", "L21")]
    public Task Faults_and_their_logs_hold_no_secret() => RunAsync(() => WithFaultAsync(ServerFault.Stopped, async (server, store) =>
    {
        var id = NewId();
        var record = await StoredAsync(store, id, Content("top-secret-payload"));
        await server.BeginAsync(ServerFault.Stopped);
        foreach (var (name, call) in Calls(store, id, record.Version))
        {
            var fault = await Expect.ThrowsAsync<SessionStoreException>(call, $"{name} on a stopped server");
            _logged.Enqueue(fault.ToString());
        }

        foreach (var text in _logged)
        {
            Expect.True(!text.Contains(id, StringComparison.Ordinal), $"a log line or exception holds no session id: {Without(text, id)}");
            Expect.True(!text.Contains("top-secret-payload", StringComparison.Ordinal), "a log line or exception holds no payload");
            Expect.True(!Fixture.Secrets.Any(secret => text.Contains(secret, StringComparison.Ordinal)), "a log line or exception holds no connection text");
        }
    }));

    private readonly ConcurrentQueue<string> _logged = new();

    private Task FaultAsync(ServerFault fault, params SessionStoreFault[] allowed) => WithFaultAsync(fault, async (server, store) =>
    {
        var id = NewId();
        var record = await StoredAsync(store, id, Content());
        await server.BeginAsync(fault);
        foreach (var (name, call) in Calls(store, id, record.Version))
        {
            var started = TimeProvider.System.GetTimestamp();
            var thrown = await Expect.ThrowsAsync<SessionStoreException>(call, $"{name} ({fault})");
            var took = TimeProvider.System.GetElapsedTime(started);
            Expect.True(took < CommandTimeout + Allowance, $"{name} ends within the configured {CommandTimeout} and {Allowance} of allowance, not after {took}");
            Expect.True(allowed.Contains(thrown.Fault), $"the fault of {name} is {string.Join(" or ", allowed)}, not {thrown.Fault}");
            Expect.True(thrown.Store.Length > 0 && thrown.Operation.Length > 0, $"the exception of {name} names store and operation");
        }
    });

    private Task RecoversAsync(ServerFault fault) => WithFaultAsync(fault, async (server, store) =>
    {
        await StoredAsync(store, NewId(), Content());
        await server.BeginAsync(fault);
        try
        {
            await store.GetAsync(NewId());
        }
        catch (SessionStoreException)
        {
            // What the fault looks like is the subject of other cases.
        }

        await server.EndAsync(fault);

        await Context.UntilAsync(() => WorksAsync(store), "the same store works again after the fault has ended");
        for (var i = 0; i < 20; i++)
            Expect.True(await WorksAsync(store), "the store still works");
    });

    private async Task WithFaultAsync(ServerFault fault, Func<IServerFaults, ISessionStore, Task> action)
    {
        await Fixture.State.WithFaultyServerAsync(Fixture, async server =>
        {
            if (!server.Offered.Contains(fault))
                throw new NotOfferedException($"the server of the fixture cannot be {fault}");

            var store = Context.Own(await server.CreateStoreAsync(Context.Namespace, new()
            {
                CommandTimeout = CommandTimeout,
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

    private (string Name, Func<Task> Call)[] Calls(ISessionStore store, string id, SessionVersion version) =>
    [
        ("get", () => store.GetAsync(id).AsTask()),
        ("a sliding get", () => store.GetAsync(id, new SlidingExpiry(TimeSpan.FromDays(1), Later.AddHours(1))).AsTask()),
        .. Writes(store, id, version),
    ];

    private (string Name, Func<Task> Call)[] Writes(ISessionStore store, string id, SessionVersion version) =>
    [
        ("create", () => store.CreateAsync(NewId(), Content()).AsTask()),
        ("replace", () => store.ReplaceAsync(id, version, Content("two")).AsTask()),
        ("set", () => store.SetAsync(id, Content("two")).AsTask()),
        ("touch", () => store.TouchAsync(id, Later.AddHours(5)).AsTask()),
        ("rotate", () => store.RotateAsync(id, NewId(), SessionVersion.Any, Content("two")).AsTask()),
        ("destroy", () => store.DestroyAsync(id).AsTask()),
    ];

    private static string Without(string text, string id) => text.Replace(id, "<id>", StringComparison.Ordinal);
}
