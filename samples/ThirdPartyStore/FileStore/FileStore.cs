using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ThirdParty;

/// <summary>Keeps sessions as files in a folder, one for each session.</summary>
/// <remarks>
/// A file is written beside its place and renamed into it, so that a reader, also after a crash, sees the old record or the new one.
/// Limits: one store object on a folder at a time, for its lock and what it remembers of rotations live in the object; a crash in the middle of
/// a rotation may leave both ids. A file holds a line of JSON (id, expiry in milliseconds since 1970, subject) and then the payload as it was written.
/// </remarks>
public sealed class FileStore(string folder, TimeProvider? timeProvider = null, int maxPayloadBytes = SessionArguments.DefaultMaxPayloadBytes)
    : ISessionStore, ISessionEnumeration, ISessionPruning
{
    private static readonly TimeSpan LinkLife = TimeSpan.FromMinutes(5);
    private readonly Lock _lock = new();

    /// <summary>Where sessions went that were rotated in the last 5 minutes, so that a log-out that comes late finds them.</summary>
    private readonly Dictionary<string, (string Path, DateTimeOffset Until)> _links = [];

    private DateTimeOffset Now => (timeProvider ?? TimeProvider.System).GetUtcNow();

    public ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        return Run("Get", () =>
        {
            var stored = Live(PathOf(id));
            if (stored is not null && slide is { } wanted && wanted.TryExtend(stored.ExpiresAt, Now, stored.Payload, out var extended))
                Write(stored = stored with { ExpiresAt = extended });

            return stored?.ToRecord(Now);
        }, cancellationToken);
    }

    public ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        var written = Check(id, content);
        return Run("Create", () =>
            Live(PathOf(id)) is null ? SessionWriteResult.Written(Write(written)) : SessionWriteResult.NotWritten(SessionWriteStatus.Taken), cancellationToken);
    }

    public ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        var written = Check(id, content);
        SessionArguments.ThrowIfInvalidVersion(version);
        return Run("Replace", () => Live(PathOf(id)) switch
        {
            null => SessionWriteResult.NotWritten(SessionWriteStatus.Gone),
            { } stored when !version.IsAny && stored.Version != version => SessionWriteResult.NotWritten(SessionWriteStatus.Conflict),
            _ => SessionWriteResult.Written(Write(written)),
        }, cancellationToken);
    }

    public async ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        var written = Check(id, content);
        await Run("Set", () => Write(written), cancellationToken);
    }

    public ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        return Run("Touch", () =>
        {
            var stored = Live(PathOf(id));
            if (stored is not null && lifetime.ExpiryAt(Now) is var wanted && wanted > stored.ExpiresAt)
                Write(stored with { ExpiresAt = wanted });

            return stored is not null;
        }, cancellationToken);
    }

    public ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        return Run("Destroy", () =>
        {
            var path = PathOf(id);
            for (var hop = 0; hop < 16 && _links.TryGetValue(path, out var link) && link.Until > Now; hop++)
                path = link.Path;

            return (WasLive: Live(path, passOver: true) is not null, Count: Delete([path])).WasLive;
        }, cancellationToken);
    }

    public ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        var written = Check(newId, content);
        SessionArguments.ThrowIfInvalidVersion(version);
        if (id == newId)
            throw new ArgumentException("The new id must differ from the old one.", nameof(newId));
        return Run("Rotate", () => Live(PathOf(id)) switch
        {
            null => SessionWriteResult.NotWritten(SessionWriteStatus.Gone),
            { } stored when !version.IsAny && stored.Version != version => SessionWriteResult.NotWritten(SessionWriteStatus.Conflict),
            _ when Live(PathOf(newId)) is not null => SessionWriteResult.NotWritten(SessionWriteStatus.Taken),
            _ => SessionWriteResult.Written(Write(written, replaced: PathOf(id))),
        }, cancellationToken);
    }

    public async IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var path in await Run("All", Paths, cancellationToken))
        {
            if (await Run("All", () => Live(path, passOver: true), cancellationToken) is { } stored)
                yield return withPayloads ? stored.ToRecord(Now) : stored.ToRecord(Now).WithoutPayload();
        }
    }

    public ValueTask<long> LengthAsync(CancellationToken cancellationToken = default) =>
        Run("Length", () => Paths().LongCount(path => Live(path, passOver: true) is not null), cancellationToken);

    public async ValueTask ClearAsync(CancellationToken cancellationToken = default) =>
        await Run("Clear", () => { _links.Clear(); return Delete(Paths()); }, cancellationToken);

    public async ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batchSize, 100_000);
        var removed = 0L;
        foreach (var batch in (await Run("Prune", Paths, cancellationToken)).Chunk(batchSize))
            removed += await Run("Prune", () => Delete(batch.Where(path => Read(path, passOver: true)?.ExpiresAt <= Now)), cancellationToken);

        return removed;
    }

    private StoredSession Check(string id, SessionContent content)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidContent(content, maxPayloadBytes);
        return new StoredSession(id, content.Payload.ToArray(), content.Lifetime.ExpiryAt(Now), content.Subject);
    }

    /// <summary>Runs one step while no other runs. Once begun it is finished, so that a cancelled write is complete or absent.</summary>
    private ValueTask<T> Run<T>(string operation, Func<T> step, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            lock (_lock)
            {
                Directory.CreateDirectory(folder);
                return ValueTask.FromResult(step());
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            var fault = failure is JsonException ? SessionStoreFault.Unreadable : SessionStoreFault.Unavailable;
            var mayHaveWritten = fault != SessionStoreFault.Unreadable && operation is not ("All" or "Length");
            throw new SessionStoreException(nameof(FileStore), operation, fault, $"The file or the folder cannot be used ({fault}).", failure, mayHaveWritten);
        }
    }

    /// <summary>Ids are opaque and secret: a file is named by a digest, which has no case, no path and a fixed length.</summary>
    private string PathOf(string id) => Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id))) + ".session");

    private string[] Paths() => Directory.GetFiles(folder, "*.session");

    private StoredSession? Live(string path, bool passOver = false) => Read(path, passOver) is { } stored && stored.ExpiresAt > Now ? stored : null;

    private static StoredSession? Read(string path, bool passOver)
    {
        try
        {
            return File.Exists(path) ? StoredSession.FromBytes(File.ReadAllBytes(path)) : null;
        }
        catch (JsonException) when (passOver)
        {
            return null;
        }
    }

    private SessionVersion Write(StoredSession session, string? replaced = null)
    {
        var path = PathOf(session.Id);
        File.WriteAllBytes(path + ".new", session.ToBytes());
        File.Move(path + ".new", path, overwrite: true);
        _links.Remove(path);
        if (replaced is null)
            return session.Version;

        File.Delete(replaced);
        foreach (var (old, link) in _links.Where(pair => pair.Value.Until <= Now))
            _links.Remove(old);

        _links[replaced] = (path, Now + LinkLife);
        return session.Version;
    }

    private static long Delete(IEnumerable<string> paths) => paths.Aggregate(0L, (count, path) => { File.Delete(path); return count + 1; });
}

/// <summary>A session as it stands in its file.</summary>
internal sealed record StoredSession(string Id, byte[] Payload, DateTimeOffset ExpiresAt, string? Subject)
{
    public SessionVersion Version => SessionVersion.Of(Payload, Subject);

    public static StoredSession FromBytes(byte[] bytes)
    {
        var end = Array.IndexOf(bytes, (byte)'\n');
        var head = JsonSerializer.Deserialize<Head>(bytes.AsSpan(0, Math.Max(0, end)))!;
        var expiresAt = head.Expires is { } instant ? DateTimeOffset.FromUnixTimeMilliseconds(instant) : SessionExpiry.Never;
        return new StoredSession(head.Id, bytes[(end + 1)..], expiresAt, head.Subject);
    }

    public byte[] ToBytes()
    {
        var head = new Head(Id, ExpiresAt == SessionExpiry.Never ? null : ExpiresAt.ToUnixTimeMilliseconds(), Subject);
        return [.. JsonSerializer.SerializeToUtf8Bytes(head), (byte)'\n', .. Payload];
    }

    public SessionRecord ToRecord(DateTimeOffset now) => new(Id, Payload, ExpiresAt, SessionExpiry.Remaining(ExpiresAt, now), Subject, Version);

    private sealed record Head(string Id, long? Expires, string? Subject);
}
