using System.Collections.Concurrent;

namespace SessionStores.Conformance.Suites;

/// <summary>Nothing secret reaches a log, an exception message, a metric or a trace.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed class SecretSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    private const string Mark = "top-secret-payload";
    private readonly ConcurrentQueue<string> _lines = new();

    [Clause("L21", Needs = StoreCapabilities.Logs)]
    public Task Logs_hold_neither_id_nor_payload() => RunAsync(async () =>
    {
        var store = await Context.OpenAsync(settings: new() { Log = _lines.Enqueue });
        var ids = await UseAsync(store);

        ExpectClean(_lines, ids, "a log line");
    });

    [Clause("L21", "L19", Needs = StoreCapabilities.Logs | StoreCapabilities.UnreadableRecords)]
    public Task Logs_and_faults_of_an_unreadable_record_hold_no_id() => RunAsync(async () =>
    {
        var store = await Context.OpenAsync(settings: new() { Log = _lines.Enqueue });
        var id = NewId();
        await PlantUnreadableAsync(store, id);

        var fault = await Expect.ThrowsAsync<SessionStoreException>(() => store.GetAsync(id).AsTask(), "get of an unreadable record");
        if (store.GetCapability<ISessionEnumeration>() is { } many)
            await ListAsync(many.AllAsync());

        ExpectClean([.. _lines, fault.ToString()], [id], "a log line or exception");
    });

    [Clause("L21", "L17")]
    public Task Refusals_hold_neither_id_nor_payload() => RunAsync(async () =>
    {
        var store = await Context.OpenAsync(settings: new() { MaxPayloadBytes = 4000 });
        var id = NewId();
        var refusals = new List<string>();
        foreach (var json in new[] { $"{{\"a\":\"{Mark}\"", $"[\"{Mark}\"]", $"{{\"{Mark}\":{Mark}}}", $"{{\"a\":\"{Mark}{new string('x', 4000)}\"}}", $"{{\"__subject\":\"{Mark}\"}}" })
        {
            var content = new SessionContent(Json(json), Later);
            refusals.Add((await Expect.ThrowsAsync<ArgumentException>(() => store.SetAsync(id, content).AsTask(), "set with an invalid payload")).ToString());
        }

        refusals.Add((await Expect.ThrowsAsync<ArgumentException>(() => store.RotateAsync(id, id, SessionVersion.Any, Content()).AsTask(), "rotate to the same id")).ToString());
        refusals.Add((await Expect.ThrowsAsync<ArgumentException>(() => store.DestroyAsync(id + "\n").AsTask(), "destroy of an invalid id")).ToString());

        var secrets = new List<string> { id };
        if (store.GetCapability<ISessionSubjects>() is { } subjects)
        {
            foreach (var each in NewIds(2))
                await store.CreateAsync(each, Content("one", null, "alice"));

            secrets.Add((await subjects.PageBySubjectAsync("alice", 1)).Continuation ?? throw new ConformanceException("Expected a page after the first of two sessions."));
            secrets.Add(SessionPage.ContinuationAfter("bob", NewId()));
            foreach (var (subject, continuation) in new[] { ("bob", secrets[1]), ("alice", secrets[2]), ("alice", id) })
                refusals.Add((await Expect.ThrowsAsync<ArgumentException>(() => subjects.PageBySubjectAsync(subject, 1, continuation).AsTask(), "a page with a continuation of another subject")).ToString());
        }

        ExpectClean(refusals, secrets, "the message of a refusal");
    });

    [Clause("L21")]
    public Task Metrics_and_traces_hold_neither_id_nor_payload() => RunAsync(async () =>
    {
        List<string> ids;
        using (new TelemetryListener(_lines.Enqueue))
            ids = await UseAsync(await OpenAsync());

        ExpectClean(_lines, ids, "a metric tag or trace");
    });

    [Clause("L21")]
    public Task Records_results_and_the_store_contain_no_secret_in_their_text() => RunAsync(async (store, id) =>
    {
        var content = Content(Mark);
        var created = await store.CreateAsync(id, content);
        var record = Expect.Found(await store.GetAsync(id));

        ExpectClean([$"{store}", $"{content}", $"{created}", $"{record}", $"{record.Version}"], [id], "a text form");
    });

    /// <summary>Uses everything that the store has, also in ways that fail.</summary>
    private async Task<List<string>> UseAsync(ISessionStore store)
    {
        var (id, newId, absent) = (NewId(), NewId(), NewId());
        var soon = Soon();
        var created = await store.CreateAsync(id, Content(Mark, null, "alice"));
        await store.CreateAsync(id, Content(Mark));
        await store.CreateAsync(absent, Content(Mark, soon));
        await Context.PassAsync(soon);
        await store.GetAsync(absent);
        await store.GetAsync(id, new SlidingExpiry(TimeSpan.FromDays(1), Later.AddHours(1)));
        await store.ReplaceAsync(id, created.Version, Content(Mark + "2", null, "alice"));
        await store.ReplaceAsync(id, created.Version, Content(Mark + "3"));
        await store.RotateAsync(id, newId, created.Version, Content(Mark));
        await store.RotateAsync(id, newId, SessionVersion.Any, Content(Mark, null, "alice"));
        await store.TouchAsync(id, Later);
        await store.SetAsync(absent, Content(Mark));
        if (store.GetCapability<ISessionSubjects>() is { } subjects)
        {
            await ListAsync(subjects.ListBySubjectAsync("alice"));
            await subjects.DestroyBySubjectAsync("alice", [newId, absent]);
        }

        if (store.GetCapability<ISessionPruning>() is { } pruning)
            await pruning.PruneAsync();

        if (store.GetCapability<ISessionEnumeration>() is { } many)
        {
            await ListAsync(many.AllAsync());
            await many.ClearAsync();
        }

        await store.DestroyAsync(newId);
        return [id, newId, absent];
    }

    private void ExpectClean(IEnumerable<string> texts, IReadOnlyList<string> ids, string what)
    {
        foreach (var text in texts)
        {
            Expect.True(!ids.Any(id => text.Contains(id, StringComparison.Ordinal)), $"{what} holds no session id and no continuation");
            Expect.True(!text.Contains(Mark, StringComparison.Ordinal), $"{what} holds no payload");
            Expect.True(!Fixture.Secrets.Any(secret => text.Contains(secret, StringComparison.Ordinal)), $"{what} holds no connection text");
        }
    }
}
