using System.Runtime.CompilerServices;

namespace SessionStores.Postgres;

/// <summary>Reads and replacements that wait at the same time share a round trip (decision 24).</summary>
public sealed partial class PostgresStore
{
    /// <summary>What a replacement may send and still share a round trip: larger ones would hold up the others.</summary>
    private const int MaxSharedBytes = 64 * 1024;

    private readonly RoundTrips<string, Found>? _reads;
    private readonly RoundTrips<Replacement, SessionWriteResult>? _replacements;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<SessionRecord?> GetSharedAsync(RoundTrips<string, Found> reads, string id, SlidingExpiry? slide, CancellationToken cancellationToken)
    {
        var started = _connection.Start(cancellationToken);
        var entry = reads.Enter(id);
        try
        {
            var (isKnown, found) = await _connection.WaitAsync("Get", entry, started, cancellationToken).ConfigureAwait(false);
            if (!isKnown)
                return await GetByItselfAsync(id, slide, started, cancellationToken).ConfigureAwait(false);

            return found.Record is { } record && slide is { } wanted && wanted.TryExtend(record.ExpiresAt, found.Now, record.Payload.Span, out _)
                ? await GetSlidingAsync(id, wanted, started, cancellationToken).ConfigureAwait(false)
                : found.Record;
        }
        finally
        {
            entry.Leave();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<SessionWriteResult> ReplaceSharedAsync(
        RoundTrips<Replacement, SessionWriteResult> replacements, Replacement replacement, CancellationToken cancellationToken)
    {
        var started = _connection.Start(cancellationToken);
        var entry = replacements.Enter(replacement);
        try
        {
            var (isKnown, result) = await _connection.WaitAsync("Replace", entry, started, cancellationToken).ConfigureAwait(false);
            return isKnown ? result : await ReplaceByItselfAsync(replacement, started, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            entry.Leave();
        }
    }

    private RoundTrips<string, Found> ShareReads() => _connection.ShareReads<string, Found>(
        static s => s.GetMany,
        static (p, _, ids) => p.Add(PostgresRecord.Texts([.. ids])),
        (row, ids) =>
        {
            var number = row.GetInt64(4);
            try
            {
                var record = Read(ids[(int)number - 1], row, out var now);
                return (number, new Found(record, now));
            }
            catch (SessionStoreException)
            {
                return (number, default); // the call fails by itself, with a fault of its own
            }
        },
        none: default(Found));

    private RoundTrips<Replacement, SessionWriteResult> ShareReplacements() => _connection.ShareWrites<Replacement, SessionWriteResult>(
        static replacement => replacement.Id,
        static (s, replacement) => s.HasSubject || replacement.Content.Subject is null,
        static s => s.ReplaceMany,
        static (p, s, replacements) => PostgresRecord.AddReplacements(p, s, replacements),
        static (row, replacements) =>
        {
            var number = row.GetInt64(0);
            return (number, row.GetBoolean(1)
                ? SessionWriteResult.Written(replacements[(int)number - 1].Content.Version)
                : SessionWriteResult.NotWritten(SessionWriteStatus.Conflict));
        });

    /// <summary>What a shared read found.</summary>
    /// <param name="Record">The session, or null.</param>
    /// <param name="Now">The server's clock.</param>
    private readonly record struct Found(SessionRecord? Record, DateTimeOffset Now);

    /// <summary>What a replacement writes, and over what.</summary>
    internal readonly record struct Replacement(string Id, SessionVersion Loaded, PostgresRecord.Content Content)
    {
        public int Bytes => Loaded.Content.Length + Content.Payload.Length;
    }
}
