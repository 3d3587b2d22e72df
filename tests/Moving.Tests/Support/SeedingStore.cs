using System.Collections.Concurrent;

namespace SessionStores.Moving.Tests;

/// <summary>Creates each session on the old side, as a node did before the move began, when its id is used for the first time; everything else is done by the
/// moving store. Other calls that create under that id wait until it is there, so that nothing happens on the old side after the move has begun.</summary>
internal sealed class SeedingStore(MovingStore moving, SeedingStore.Seeds seeds, int maxPayloadBytes) : ForwardingStore(moving), IAsyncDisposable, IDisposable
{
    public override async ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        // Of what the moving store refuses nothing is created beforehand, such as a key that only the old side keeps.
        var isRefused = !IsValid(id) || content.Payload.Length > maxPayloadBytes || (content.Key is not null && moving.GetCapability<ISessionKeys>() is null);
        if (isRefused || !seeds.TryBegin(id, out var seed))
        {
            await seeds.WhenCreated(id);
            return await base.CreateAsync(id, content, cancellationToken);
        }

        try
        {
            var result = await moving.From.CreateAsync(id, content, cancellationToken);
            if (result.Status == SessionWriteStatus.Written)
                seeds.Created(id, result.Version, content);

            return result;
        }
        finally
        {
            seed.TrySetResult();
        }
    }

    public override async ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        await UseAsync(id);
        await base.SetAsync(id, content, cancellationToken);
    }

    public override async ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        var result = await base.ReplaceAsync(id, version, content, cancellationToken);
        return result.Status == SessionWriteStatus.Conflict && await OnNewSideAsync(id, version, cancellationToken) is { } same
            ? await base.ReplaceAsync(id, same, content, cancellationToken)
            : result;
    }

    public override async ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        await UseAsync(newId);
        var result = await base.RotateAsync(id, newId, version, content, cancellationToken);
        return result.Status == SessionWriteStatus.Conflict && await OnNewSideAsync(id, version, cancellationToken) is { } same
            ? await base.RotateAsync(id, newId, same, content, cancellationToken)
            : result;
    }

    /// <summary>Not on the old side: a node from before the move may have no cap.</summary>
    public override async ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        await UseAsync(id);
        return await base.CreateAsync(id, content, cap, cancellationToken);
    }

    public override async ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        var result = await base.ReplaceAsync(id, version, content, cap, cancellationToken);
        return result.Status == SessionWriteStatus.Conflict && await OnNewSideAsync(id, version, cancellationToken) is { } same
            ? await base.ReplaceAsync(id, same, content, cap, cancellationToken)
            : result;
    }

    public override async ValueTask<SessionWriteResult> RotateAsync(
        string id, string newId, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        await UseAsync(newId);
        var result = await base.RotateAsync(id, newId, version, content, cap, cancellationToken);
        return result.Status == SessionWriteStatus.Conflict && await OnNewSideAsync(id, version, cancellationToken) is { } same
            ? await base.RotateAsync(id, newId, same, content, cap, cancellationToken)
            : result;
    }

    public ValueTask DisposeAsync() => moving.DisposeAsync();

    public void Dispose() => moving.Dispose();

    private static bool IsValid(string? id) => id is { Length: > 0 and <= SessionArguments.MaxIdLength };

    private async ValueTask UseAsync(string id)
    {
        if (!IsValid(id))
            return;

        if (seeds.TryBegin(id, out var seed))
            seed.TrySetResult();

        await seeds.WhenCreated(id);
    }

    /// <summary>A caller may hold the version that the old side returned when the session was created. The middleware reads the session again when that is a
    /// conflict; the cases expect what they would see on one store.</summary>
    private async ValueTask<SessionVersion?> OnNewSideAsync(string id, SessionVersion version, CancellationToken cancellationToken) =>
        seeds.Find(id) is { } created && created.Version == version && await GetAsync(id, null, cancellationToken) is { } record && record.Version != version
            && record.Payload.Span.SequenceEqual(created.Payload) && record.Subject == created.Subject && record.Key == created.Key
            ? record.Version
            : null;

    /// <summary>The ids of one namespace that were used, and what was created on the old side.</summary>
    internal sealed class Seeds
    {
        private readonly ConcurrentDictionary<string, TaskCompletionSource> _used = new(StringComparer.Ordinal);
        private readonly ConcurrentDictionary<string, (SessionVersion Version, byte[] Payload, string? Subject, string? Key)> _created = new(StringComparer.Ordinal);

        public int Count => _created.Count;

        public bool TryBegin(string id, out TaskCompletionSource seed) => _used.TryAdd(id, seed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

        public void Created(string id, SessionVersion version, SessionContent content) => _created[id] = (version, content.Payload.ToArray(), content.Subject, content.Key);

        public Task WhenCreated(string? id) => id is not null && _used.TryGetValue(id, out var seed) ? seed.Task : Task.CompletedTask;

        public (SessionVersion Version, byte[] Payload, string? Subject, string? Key)? Find(string id) => _created.TryGetValue(id, out var created) ? created : null;
    }
}
