using System.Runtime.CompilerServices;

namespace SessionStores.Conformance.Tests.Reference;

public partial class ReferenceStore : ISessionEnumeration, ISessionSubjects, ISessionPruning, ISessionSuccessors, IAsyncDisposable
{
    public virtual async IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // All keys of one moment, then one record after the other: what came meanwhile is not seen, what went is passed over.
        var keys = await SendAsync("All", false, table => table.Rows.Keys.ToList(), cancellationToken);
        var skipped = 0L;
        foreach (var key in keys)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (record, isSkipped) = await SendAsync("All", false, table => (Readable(table, key), table.Rows.GetValueOrDefault(key) is { IsUnreadable: true }), cancellationToken);
            skipped += isSkipped ? 1 : 0;
            if (record is not null)
                yield return Listed(record, withPayloads);
        }

        if (skipped > 0)
            LogSkipped(skipped);
    }

    public virtual async ValueTask<long> LengthAsync(CancellationToken cancellationToken = default) =>
        await SendAsync("Length", false, table => table.Rows.Values.LongCount(IsLive), cancellationToken);

    public virtual async ValueTask ClearAsync(CancellationToken cancellationToken = default) =>
        await SendAsync("Clear", true, table => Clear(table), cancellationToken);

    public virtual async ValueTask<SessionPage> PageBySubjectAsync(
        string subject, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        CheckPage(size);
        var position = PositionOf(subject, continuation);
        return await SendAsync("ListBySubject", false, table => Page(table, subject, size, position, withPayloads), cancellationToken);
    }

    public virtual async ValueTask<long> CountBySubjectAsync(string subject, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        return await SendAsync("CountBySubject", false, table => CountBySubject(table, subject), cancellationToken);
    }

    public virtual async ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        var kept = SessionArguments.DistinctIds(exceptIds);
        return await SendAsync("DestroyBySubject", true, table => DestroyBySubject(table, subject, kept), cancellationToken);
    }

    public virtual async ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batchSize, 100_000);
        var removed = 0L;
        long batch;
        do
        {
            batch = await SendAsync("Prune", true, table => Prune(table, batchSize), cancellationToken);
            removed += batch;
        }
        while (batch == batchSize);

        return removed;
    }

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        IsDisposed = true;
        return default;
    }

    protected virtual SessionRecord? Readable(ReferenceTable table, string key) =>
        table.Rows.TryGetValue(key, out var row) && IsLive(row) && !row.IsUnreadable ? ToRecord(row) : null;

    protected virtual void LogSkipped(long count) => Settings.Log?.Invoke($"Skipped {count} records that cannot be read.");

    protected virtual SessionRecord Listed(SessionRecord record, bool withPayloads) => withPayloads ? record : record.WithoutPayload();

    protected virtual void CheckPage(int size) => SessionPage.ThrowIfInvalidSize(size);

    protected virtual string? PositionOf(string subject, string? continuation) => SessionPage.PositionOf(subject, continuation);

    protected virtual SessionPage Page(ReferenceTable table, string subject, int size, string? position, bool withPayloads)
    {
        var records = KeysOf(table, subject).Order(StringComparer.Ordinal).Where(key => string.CompareOrdinal(key, position) > 0)
            .Select(key => Readable(table, key)).OfType<SessionRecord>().Select(record => Listed(record, withPayloads)).Take(size + 1).ToList();
        return records.Count > size
            ? new SessionPage(records[..size], SessionPage.ContinuationAfter(subject, Key(records[size - 1].Id)))
            : new SessionPage(records, null);
    }

    protected virtual long CountBySubject(ReferenceTable table, string subject) =>
        KeysOf(table, subject).LongCount(key => table.Rows.TryGetValue(key, out var row) && IsLive(row));

    protected virtual bool Clear(ReferenceTable table)
    {
        table.Rows.Clear();
        table.Subjects.Clear();
        table.Links.Clear();
        table.Claims.Clear();
        table.Epochs.Clear();
        return true;
    }

    protected virtual IEnumerable<string> KeysOf(ReferenceTable table, string subject) =>
        table.Subjects.TryGetValue(SubjectKey(subject), out var keys) ? [.. keys] : [];

    protected virtual long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds)
    {
        var destroyed = 0L;
        var kept = exceptIds.Select(id => Follow(table, Key(id))).ToHashSet(StringComparer.Ordinal);
        foreach (var key in KeysOf(table, subject))
        {
            if (kept.Contains(key))
                continue;

            if (table.Rows.TryGetValue(key, out var row) && IsLive(row))
                destroyed++;

            Remove(table, key);
        }

        return destroyed;
    }

    protected virtual long Prune(ReferenceTable table, int batchSize)
    {
        var expired = table.Rows.Where(pair => !IsLive(pair.Value)).Select(pair => pair.Key).Take(batchSize).ToList();
        foreach (var key in expired)
            Remove(table, key);

        foreach (var key in table.Links.Where(pair => pair.Value.Until <= Now).Select(pair => pair.Key).ToList())
            table.Links.Remove(key);

        PruneEpochs(table);
        return expired.Count;
    }
}
