using System.Globalization;
using System.Text;

namespace SessionStores.Conformance.Histories;

/// <summary>Calls a store by a plan of random operations and records what it asked for and what it saw.</summary>
internal sealed class RecordingClient(int number, ISessionStore store, HistoryClock clock, List<string> ids, SeededRandom random, DateTimeOffset start)
{
    private readonly List<HistoryOperation> _operations = [];
    private readonly Dictionary<string, (string Mark, SessionVersion Version)> _loaded = [];
    private int _writes;

    public IReadOnlyList<HistoryOperation> Operations => _operations;

    /// <summary>Runs operations of the given kinds, picked at random; with <paramref name="cancels"/> some are cancelled on the way.</summary>
    public async Task RunAsync(int count, IReadOnlyList<OperationKind> kinds, bool cancels)
    {
        for (var i = 0; i < count; i++)
        {
            var id = ids[random.Below(ids.Count)];
            var kind = kinds[random.Below(kinds.Count)];
            _loaded.TryGetValue(id, out var loaded);
            var operation = new HistoryOperation
            {
                Client = number,
                Kind = kind == OperationKind.Replace && loaded.Mark is null ? OperationKind.Get : kind,
                Id = id,
                NewId = kind == OperationKind.Rotate ? ids[(ids.IndexOf(id) + 1 + random.Below(ids.Count - 1)) % ids.Count] : null,
                From = kind == OperationKind.Replace || random.Below(2) == 0 ? loaded.Mark : null,
                To = $"w{number}.{++_writes}",
                Minutes = random.Below(60),
            };
            await RecordAsync(operation, loaded.Version, cancels && random.Below(3) == 0);
        }
    }

    private async Task RecordAsync(HistoryOperation operation, SessionVersion version, bool cancel)
    {
        using var source = new CancellationTokenSource();
        operation = operation with { Invoked = clock.Next() };
        try
        {
            var call = CallAsync(operation, version, source.Token);
            if (cancel)
                await source.CancelAsync();

            var result = await call;
            operation = operation with { Result = result, Returned = clock.Next() };
        }
        catch (OperationCanceledException) when (cancel)
        {
            // Whether it took effect is not known; the checker allows both.
        }

        _operations.Add(operation);
    }

    private async Task<HistoryResult> CallAsync(HistoryOperation operation, SessionVersion version, CancellationToken cancellationToken)
    {
        var id = operation.Id;
        var expiresAt = start.AddMinutes(operation.Minutes);
        var content = new SessionContent(Encoding.UTF8.GetBytes($$"""{"mark":"{{operation.To}}"}"""), expiresAt);
        switch (operation.Kind)
        {
            case OperationKind.Get:
                return Saw(id, await store.GetAsync(id, null, cancellationToken));
            case OperationKind.Slide:
                return Saw(id, await store.GetAsync(id, new SlidingExpiry(TimeSpan.FromDays(3650), expiresAt), cancellationToken));
            case OperationKind.Create:
                var created = await store.CreateAsync(id, content, cancellationToken);
                Wrote(id, created.Status == SessionWriteStatus.Written, operation.To!, created.Version);
                return HistoryResult.Of(created.Status);
            case OperationKind.Replace:
                var replaced = await store.ReplaceAsync(id, version, content, cancellationToken);
                Wrote(id, replaced.Status == SessionWriteStatus.Written, operation.To!, replaced.Version);
                return HistoryResult.Of(replaced.Status);
            case OperationKind.Set:
                await store.SetAsync(id, content, cancellationToken);
                return HistoryResult.Done;
            case OperationKind.Touch:
                return HistoryResult.Of(await store.TouchAsync(id, expiresAt, cancellationToken));
            case OperationKind.Destroy:
                return HistoryResult.Of(await store.DestroyAsync(id, cancellationToken));
            default:
                var rotated = await store.RotateAsync(id, operation.NewId!, operation.From is null ? SessionVersion.Any : version, content, cancellationToken);
                Wrote(operation.NewId!, rotated.Status == SessionWriteStatus.Written, operation.To!, rotated.Version);
                return HistoryResult.Of(rotated.Status);
        }
    }

    private HistoryResult Saw(string id, SessionRecord? record)
    {
        if (record is null)
            return HistoryResult.Null;

        using var document = System.Text.Json.JsonDocument.Parse(record.Payload);
        var mark = document.RootElement.GetProperty("mark").GetString()!;
        _loaded[id] = (mark, record.Version);
        var minutes = (record.ExpiresAt - start).TotalMinutes;
        return minutes == Math.Floor(minutes)
            ? HistoryResult.Found(mark, (int)minutes)
            : throw new ConformanceException(string.Create(CultureInfo.InvariantCulture, $"Expected an expiry that was written, but got {record.ExpiresAt:O}."));
    }

    private void Wrote(string id, bool done, string mark, SessionVersion version)
    {
        if (done)
            _loaded[id] = (mark, version);
    }
}

/// <summary>The counter that orders invocations and results.</summary>
internal sealed class HistoryClock
{
    private long _now;

    public long Next() => Interlocked.Increment(ref _now);
}
