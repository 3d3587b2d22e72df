namespace SessionStores.Conformance.Suites;

/// <content>What an exception says of the write that failed.</content>
internal sealed partial class FaultSuite
{
    /// <summary>Faults whose end the store notices by itself. A server that hangs may still carry out what it was sent.</summary>
    private static readonly ServerFault[] Ending = [ServerFault.Stopped, ServerFault.ReadOnly, ServerFault.DropAfterSend];

    [Clause("L19")]
    public Task A_read_that_fails_says_that_it_has_written_nothing() => RunAsync(() => DuringAsync(ServerFault.DropAfterSend, async store =>
    {
        foreach (var (name, read) in new (string, Func<Task>)[] { ("get", () => store.GetAsync(NewId()).AsTask()), ("a sliding get", () => store.GetAsync(NewId(), new SlidingExpiry(TimeSpan.FromDays(1), Later)).AsTask()) })
        {
            var thrown = await Expect.ThrowsAsync<SessionStoreException>(read, $"{name} whose reply was lost");
            Expect.True(!thrown.MayHaveWritten, $"MayHaveWritten of {name} is false");
        }
    }));

    [Clause("L19", "L12")]
    public Task A_write_that_says_that_it_wrote_nothing_has_changed_nothing() => RunAsync(async () =>
    {
        var tried = 0;
        foreach (var fault in Ending)
        {
            try
            {
                await OutcomeAsync(fault);
                tried++;
            }
            catch (NotOfferedException) when (fault != Ending[^1] || tried > 0)
            {
                // The server of the fixture can be in another of these states.
            }
        }
    });

    private Task DuringAsync(ServerFault fault, Func<ISessionStore, Task> action) => WithFaultAsync(fault, async (server, store) =>
    {
        await StoredAsync(store, NewId(), Content());
        await server.BeginAsync(fault);
        await action(store);
    });

    private Task OutcomeAsync(ServerFault fault) => WithFaultAsync(fault, async (server, store) =>
    {
        var sessions = new List<(string Name, string Id, string NewId, Func<Task> Write)>();
        foreach (var name in new[] { "create", "replace", "set", "touch", "rotate", "destroy" })
        {
            var (id, newId) = (NewId(), NewId());
            var version = name == "create" ? default : (await StoredAsync(store, id, Content("one", null, "alice"))).Version;
            sessions.Add((name, id, newId, name switch
            {
                "create" => () => store.CreateAsync(id, Content("two")).AsTask(),
                "replace" => () => store.ReplaceAsync(id, version, Content("two")).AsTask(),
                "set" => () => store.SetAsync(id, Content("two")).AsTask(),
                "touch" => () => store.TouchAsync(id, Later.AddHours(5)).AsTask(),
                "rotate" => () => store.RotateAsync(id, newId, version, Content("two")).AsTask(),
                _ => () => store.DestroyAsync(id).AsTask(),
            }));
        }

        var before = new Dictionary<string, SessionRecord?>();
        foreach (var session in sessions)
            before[session.Id] = await store.GetAsync(session.Id);

        await server.BeginAsync(fault);
        var failures = await Task.WhenAll(sessions.Select(session => Expect.ThrowsAsync<SessionStoreException>(session.Write, $"{session.Name} ({fault})")));
        await server.EndAsync(fault);
        await Context.UntilAsync(() => WorksAsync(store), "the store works again");
        foreach (var ((name, id, newId, _), failure) in sessions.Zip(failures))
        {
            Expect.True(failure.IsTransient, $"{failure.Fault}, the fault of {name} ({fault}), is transient");
            if (failure.MayHaveWritten)
                continue;

            var after = await store.GetAsync(id);
            var was = before[id];
            var what = $"of a {name} ({fault}) whose exception says MayHaveWritten = false";
            Expect.True(was is null == after is null, $"the session {what} is {(was is null ? "absent" : "there")} as before");
            Expect.Null(await store.GetAsync(newId), $"the session under the new id {what}");
            if (was is null || after is null)
                continue;

            Expect.Bytes(was.Payload, after.Payload);
            Expect.Equal(was.ExpiresAt, after.ExpiresAt, $"the expiry {what}");
            Expect.Equal(was.Subject, after.Subject, $"the subject {what}");
        }
    });
}
