using SessionStores.Conformance.Histories;

namespace SessionStores.Conformance.Suites;

/// <summary>What concurrent clients saw is explained by some order of what they did.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed class HistorySuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    private const int Clients = 4;
    private const int CallsOfEach = 8;

    private static readonly OperationKind[] Core =
    [
        OperationKind.Get, OperationKind.Get, OperationKind.Slide, OperationKind.Create, OperationKind.Replace, OperationKind.Replace,
        OperationKind.Set, OperationKind.Touch, OperationKind.Destroy,
    ];

    private static readonly OperationKind[] All = [.. Core, OperationKind.Rotate, OperationKind.Rotate];

    [Clause("L12", "L4", "L5", "L6", "L9", Race = true)]
    public Task Clients_on_one_session_agree_on_an_order() => RunAsync(() => CheckAsync(Core, sessions: 1));

    [Clause("L12", "L4", Race = true)]
    public Task Clients_that_load_replace_and_destroy_agree_on_an_order() => RunAsync(() => CheckAsync(
        [OperationKind.Get, OperationKind.Replace, OperationKind.Replace, OperationKind.Destroy, OperationKind.Create], sessions: 1));

    [Clause("L12", "L8", "L3", Race = true)]
    public Task Clients_that_move_the_expiry_agree_on_an_order() => RunAsync(() => CheckAsync(
        [OperationKind.Get, OperationKind.Slide, OperationKind.Touch, OperationKind.Touch, OperationKind.Replace, OperationKind.Create], sessions: 1));

    [Clause("L12", "L10", Needs = StoreCapabilities.AtomicRotation, Race = true)]
    public Task Clients_that_rotate_sessions_agree_on_an_order() => RunAsync(() => CheckAsync(All, sessions: 3));

    [Clause("L12", "L18", Race = true)]
    public Task Clients_that_cancel_some_calls_agree_on_an_order() => RunAsync(() => CheckAsync(Core, sessions: 1, cancels: true));

    [Clause("L12", "L4", Needs = StoreCapabilities.SharedData, Race = true)]
    public Task Clients_of_different_stores_on_the_same_data_agree_on_an_order() => RunAsync(() =>
        CheckAsync(Context.Offers(StoreCapabilities.AtomicRotation) ? All : Core, sessions: 2, stores: Clients));

    private async Task CheckAsync(IReadOnlyList<OperationKind> kinds, int sessions, int stores = 1, bool cancels = false)
    {
        var opened = new List<ISessionStore>();
        for (var i = 0; i < stores; i++)
            opened.Add(await OpenAsync());

        await RoundsAsync(10, Math.Max(10, Fixture.RaceRounds / 3), async _ =>
        {
            var ids = Enumerable.Range(0, sessions).Select(_ => NewId()).ToList();
            var clock = new HistoryClock();
            var start = Later;
            var clients = Enumerable.Range(0, Clients)
                .Select(i => new RecordingClient(i, opened[i % stores], clock, ids, new SeededRandom(Random.Next()), start)).ToList();
            await TogetherAsync(2, [.. clients.Select(client => (Func<Task>)(() => client.RunAsync(CallsOfEach, kinds, cancels)))]);

            var history = clients.SelectMany(client => client.Operations)
                .Select(operation => operation with { Id = Name(ids, operation.Id)!, NewId = Name(ids, operation.NewId) }).ToList();
            if (HistoryChecker.Check(history) is { } piece)
                throw new ConformanceException(piece);
        });
    }

    /// <summary>Short names, for ids are secrets.</summary>
    private static string? Name(List<string> ids, string? id) => id is null ? null : $"s{ids.IndexOf(id)}";
}
