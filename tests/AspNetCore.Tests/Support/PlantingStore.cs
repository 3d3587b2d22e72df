using System.Collections.Concurrent;

namespace SessionStores.AspNetCore.Tests;

/// <summary>A store into which another writer can put any bytes. What it writes itself is checked as the contract says.</summary>
internal sealed class PlantingStore(ISessionStore inner, TimeProvider clock) : ISessionStore
{
    private static readonly TimeSpan Life = TimeSpan.FromHours(1);
    private readonly ConcurrentDictionary<string, (byte[] Payload, string? Subject)> _planted = new();

    public void Plant(string id, byte[] payload, string? subject) => _planted[id] = (payload, subject);

    public bool IsPlanted(string id) => _planted.ContainsKey(id);

    public ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default) => _planted.TryGetValue(id, out var planted)
        ? ValueTask.FromResult<SessionRecord?>(new SessionRecord(id, planted.Payload, clock.GetUtcNow() + Life, Life, planted.Subject, SessionVersion.Of(planted.Payload, planted.Subject)))
        : inner.GetAsync(id, slide, cancellationToken);

    public ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default) =>
        _planted.ContainsKey(id) ? new(SessionWriteResult.NotWritten(SessionWriteStatus.Taken)) : inner.CreateAsync(id, content, cancellationToken);

    public async ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        if (!_planted.TryGetValue(id, out var planted))
            return await inner.ReplaceAsync(id, version, content, cancellationToken);

        if (SessionVersion.Of(planted.Payload, planted.Subject) != version)
            return SessionWriteResult.NotWritten(SessionWriteStatus.Conflict);

        await SetAsync(id, content, cancellationToken);
        return SessionWriteResult.Written(SessionVersion.Of(content.Payload, content.Subject));
    }

    public async ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        await inner.SetAsync(id, content, cancellationToken);
        _planted.TryRemove(id, out _);
    }

    public ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken = default) =>
        _planted.ContainsKey(id) ? new(true) : inner.TouchAsync(id, lifetime, cancellationToken);

    public ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default) =>
        _planted.TryRemove(id, out _) ? new(true) : inner.DestroyAsync(id, cancellationToken);

    public async ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        if (!_planted.TryGetValue(id, out var planted))
            return await inner.RotateAsync(id, newId, version, content, cancellationToken);

        if (!version.IsAny && SessionVersion.Of(planted.Payload, planted.Subject) != version)
            return SessionWriteResult.NotWritten(SessionWriteStatus.Conflict);

        await inner.SetAsync(newId, content, cancellationToken);
        _planted.TryRemove(id, out _);
        return SessionWriteResult.Written(SessionVersion.Of(content.Payload, content.Subject));
    }
}
