using Npgsql;

namespace SessionStores.Postgres;

/// <summary>Calls that wait at the same time share a round trip (decision 24).</summary>
public sealed partial class PostgresStore
{
    /// <summary>What a write may send and still share a round trip: larger ones would hold up the others.</summary>
    private const int MaxSharedBytes = 64 * 1024;

    private readonly SharedCalls? _shared;

    private ValueTask<SessionRecord?> GetSharedAsync(SharedCalls shared, string id, SlidingExpiry? slide, CancellationToken cancellationToken) =>
        shared.Reads.RunAsync("Get", id, (Store: this, shared, id, slide), static (call, reply, started, token) => (reply.Value.Record, call.slide) switch
        {
            _ when !reply.IsKnown => call.Store.GetByItselfAsync(call.id, call.slide, started, token),
            ({ } record, { } due) when due.TryExtend(record.ExpiresAt, reply.Value.Now, record.Payload.Span, out _) => call.Store.SlideSharedAsync(call.shared, call.id, due, started, token),
            _ => new(reply.Value.Record),
        }, cancellationToken);

    private ValueTask<SessionRecord?> SlideSharedAsync(SharedCalls shared, string id, SlidingExpiry slide, long started, CancellationToken cancellationToken) =>
        shared.Slides.RunAsync("Get", (id, slide), (Store: this, id, slide), static (call, reply, started, token) =>
            reply.IsKnown ? new(reply.Value) : call.Store.GetSlidingAsync(call.id, call.slide, started, token), cancellationToken, started);

    private ValueTask<SessionWriteResult> CreateSharedAsync(SharedCalls shared, in Creation creation, CancellationToken cancellationToken) =>
        shared.Creations.RunAsync("Create", creation, (Store: this, creation), static (call, reply, started, token) =>
            reply.IsKnown ? new(reply.Value) : call.Store.CreateByItselfAsync(call.creation, started, token), cancellationToken);

    private ValueTask<SessionWriteResult> ReplaceSharedAsync(SharedCalls shared, in Replacement replacement, CancellationToken cancellationToken) =>
        shared.Replacements.RunAsync("Replace", replacement, (Store: this, replacement), static (call, reply, started, token) =>
            reply.IsKnown ? new(reply.Value) : call.Store.ReplaceByItselfAsync(call.replacement, started, token), cancellationToken);

    private ValueTask<bool> TouchSharedAsync(SharedCalls shared, string id, SessionLifetime lifetime, CancellationToken cancellationToken) =>
        shared.Touches.RunAsync("Touch", (id, lifetime), (Store: this, id, lifetime), static (call, reply, started, token) =>
            reply.IsKnown ? new(reply.Value) : call.Store.TouchByItselfAsync(call.id, call.lifetime, started, token), cancellationToken);

    /// <summary>Reads a row that is shared; unknown for a record that cannot be read, whose call fails by itself, with a fault of its own.</summary>
    private Reply<Found> ReadShared(string id, NpgsqlDataReader row)
    {
        try
        {
            return new Found(Read(id, row, out var now), now);
        }
        catch (SessionStoreException)
        {
            return default;
        }
    }

    /// <summary>The round trips of each operation.</summary>
    private sealed class SharedCalls(PostgresStore store, PostgresConnection connection) : IDisposable
    {
        public RoundTrips<string, Found> Reads { get; } = connection.ShareReads<string, Found>(
            static s => s.GetMany,
            static (p, _, ids) => p.Add(PostgresRecord.Texts(ids)),
            (row, ids) =>
            {
                var number = row.GetInt64(4);
                return (number, store.ReadShared(ids[(int)number - 1], row));
            },
            none: default(Found));

        public RoundTrips<(string Id, SlidingExpiry Slide), SessionRecord?> Slides { get; } = connection.ShareWrites<(string Id, SlidingExpiry Slide), SessionRecord?>(
            static slide => slide.Id,
            static (_, _) => true,
            static s => s.SlideMany,
            static (p, _, slides) => PostgresRecord.AddSlides(p, slides),
            (row, slides) =>
            {
                var number = row.GetInt64(4);
                var (isKnown, found) = store.ReadShared(slides[(int)number - 1].Id, row);
                return (number, isKnown ? found.Record : default(Reply<SessionRecord?>));
            });

        public RoundTrips<Creation, SessionWriteResult> Creations { get; } = connection.ShareWrites<Creation, SessionWriteResult>(
            static creation => creation.Id,
            static (s, creation) => s.HasSubject || creation.Content.Subject is null,
            static s => s.CreateMany,
            static (p, s, creations) => PostgresRecord.AddCreations(p, s, creations),
            static (row, creations) =>
            {
                var number = row.GetInt64(0);
                return (number, SessionWriteResult.Written(creations[(int)number - 1].Content.Version));
            });

        public RoundTrips<Replacement, SessionWriteResult> Replacements { get; } = connection.ShareWrites<Replacement, SessionWriteResult>(
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

        public RoundTrips<(string Id, SessionLifetime Lifetime), bool> Touches { get; } = connection.ShareWrites<(string Id, SessionLifetime Lifetime), bool>(
            static touch => touch.Id,
            static (_, _) => true,
            static s => s.TouchMany,
            static (p, _, touches) => PostgresRecord.AddTouches(p, touches),
            static (row, _) => (row.GetInt64(0), true));

        public void Dispose()
        {
            Reads.Dispose();
            Slides.Dispose();
            Creations.Dispose();
            Replacements.Dispose();
            Touches.Dispose();
        }
    }

    /// <summary>What a shared read found.</summary>
    /// <param name="Record">The session, or null.</param>
    /// <param name="Now">The server's clock.</param>
    private readonly record struct Found(SessionRecord? Record, DateTimeOffset Now);

    /// <summary>What is created.</summary>
    internal readonly record struct Creation(string Id, PostgresRecord.Content Content);

    /// <summary>What a replacement writes, and over what.</summary>
    internal readonly record struct Replacement(string Id, SessionVersion Loaded, PostgresRecord.Content Content)
    {
        public int Bytes => Loaded.Content.Length + Content.Payload.Length;
    }
}
