namespace SessionStores.Postgres;

/// <summary>Reads and replacements that wait at the same time share a round trip (decision 24).</summary>
public sealed partial class PostgresStore
{
    /// <summary>What a replacement may send and still share a round trip: larger ones would hold up the others.</summary>
    private const int MaxSharedBytes = 64 * 1024;

    private readonly RoundTrips<string, Found>? _reads;
    private readonly RoundTrips<Replacement, SessionWriteResult>? _replacements;

    private ValueTask<SessionRecord?> GetSharedAsync(RoundTrips<string, Found> reads, string id, SlidingExpiry? slide, CancellationToken cancellationToken) =>
        reads.RunAsync("Get", id, (Store: this, id, slide), static (call, reply, started, token) => (reply.Value.Record, call.slide) switch
        {
            _ when !reply.IsKnown => call.Store.GetByItselfAsync(call.id, call.slide, started, token),
            ({ } record, { } wanted) when wanted.TryExtend(record.ExpiresAt, reply.Value.Now, record.Payload.Span, out _) => call.Store.GetSlidingAsync(call.id, wanted, started, token),
            _ => new(reply.Value.Record),
        }, cancellationToken);

    private ValueTask<SessionWriteResult> ReplaceSharedAsync(
        RoundTrips<Replacement, SessionWriteResult> replacements, Replacement replacement, CancellationToken cancellationToken) =>
        replacements.RunAsync("Replace", replacement, (Store: this, replacement), static (call, reply, started, token) =>
            reply.IsKnown ? new(reply.Value) : call.Store.ReplaceByItselfAsync(call.replacement, started, token), cancellationToken);

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
