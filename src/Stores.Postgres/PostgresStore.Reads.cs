using System.Runtime.CompilerServices;
using Npgsql;

namespace SessionStores.Postgres;

public sealed partial class PostgresStore
{
    private readonly ExpiryHints _hints = new();

    /// <inheritdoc/>
    /// <remarks>One statement. Only when somebody else has shortened the life of a session since this store read it, the slide that is then
    /// due takes one more.</remarks>
    public ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        if (slide is not { } wanted || wanted.WhenRemainingBelow <= TimeSpan.Zero || _disableTouch)
            return GetPlainAsync(id, cancellationToken);

        return _hints.HasMoreThan(id, wanted.WhenRemainingBelow) ? GetUnlessDueAsync(id, wanted, cancellationToken) : GetSlidingAsync(id, wanted, cancellationToken);
    }

    private ValueTask<SessionRecord?> GetPlainAsync(string id, CancellationToken cancellationToken) =>
        _runner.RunAsync("Get", (this, id), static s => s.Get, static (p, _, state) => p.Add(Text(state.id)), static (row, state) => state.Item1.Record(state.id, row, out _), cancellationToken);

    private ValueTask<SessionRecord?> GetSlidingAsync(string id, SlidingExpiry slide, CancellationToken cancellationToken) =>
        _runner.RunAsync("Get", (this, id, slide), static s => s.GetSliding,
            static (p, _, state) =>
            {
                p.Add(Text(state.id));
                p.Add(Number(state.slide.WhenRemainingBelow.TotalSeconds));
                p.Add(Instant(state.slide.ExtendTo));
            },
            static (row, state) => state.Item1.Record(state.id, row, out _), cancellationToken);

    /// <summary>Reads by the plain statement, which costs the server half as much, and slides when the record turns out to be due.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<SessionRecord?> GetUnlessDueAsync(string id, SlidingExpiry slide, CancellationToken cancellationToken)
    {
        var (record, isDue) = await _runner.RunAsync("Get", (this, id, slide), static s => s.Get, static (p, _, state) => p.Add(Text(state.id)),
            static (row, state) =>
            {
                var record = state.Item1.Record(state.id, row, out var now);
                return (record, isDue: record is not null && state.slide.TryExtend(record.ExpiresAt, now, record.Payload.Span, out _));
            }, cancellationToken).ConfigureAwait(false);
        return isDue ? await GetSlidingAsync(id, slide, cancellationToken).ConfigureAwait(false) : record;
    }

    private SessionRecord? Record(string id, NpgsqlDataReader? row, out DateTimeOffset now)
    {
        now = default;
        if (row is null)
            return null;

        var payload = row.GetFieldValue<byte[]>(0);
        if (!StoredRecord.IsObject(payload))
            throw PostgresFaults.Unreadable("Get");

        var record = StoredRecord.Of(id, payload, row.GetDouble(1), row.IsDBNull(2) ? null : row.GetString(2));
        now = StoredRecord.InstantOf(row.GetDouble(3));
        _hints.Note(id, record.ExpiresAt - now);
        return record;
    }
}
