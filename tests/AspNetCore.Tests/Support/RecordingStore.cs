using System.Collections.Concurrent;

namespace SessionStores.AspNetCore.Tests;

/// <summary>Writes down every call to the store behind it; a test can hold calls back or make them fail.</summary>
internal sealed class RecordingStore(ISessionStore inner) : ISessionStore
{
    private readonly ConcurrentQueue<string> _calls = new();

    /// <summary>The calls so far: get, create, replace, set, touch, destroy, rotate.</summary>
    public IReadOnlyList<string> Calls => [.. _calls];

    /// <summary>Runs before a call reaches the store; throws or waits to make it fail or late.</summary>
    public Func<string, Task>? Before { get; set; }

    /// <summary>Whether it offers what the store behind it does. Without that it is a store of seven operations.</summary>
    public bool ForwardsCapabilities { get; set; }

    /// <summary>Whether it offers no epochs, whatever it forwards.</summary>
    public bool HidesEpochs { get; set; }

    /// <summary>Takes the place of what the store behind it offers; null for that.</summary>
    public ISessionSubjects? Subjects { get; set; }

    public ISessionStore Inner { get; } = inner;

    public TCapability? GetCapability<TCapability>()
        where TCapability : class => this as TCapability ?? Subjects as TCapability ?? (ForwardsCapabilities && !(HidesEpochs && typeof(TCapability) == typeof(ISessionEpochs)) ? Inner.GetCapability<TCapability>() : null);

    public void Forget() => _calls.Clear();

    public async ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
    {
        await EnterAsync("get");
        return await Inner.GetAsync(id, slide, cancellationToken);
    }

    public async ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        await EnterAsync("create");
        return await Inner.CreateAsync(id, content, cancellationToken);
    }

    public async ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        await EnterAsync("replace");
        return await Inner.ReplaceAsync(id, version, content, cancellationToken);
    }

    public async ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        await EnterAsync("set");
        await Inner.SetAsync(id, content, cancellationToken);
    }

    public async ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken = default)
    {
        await EnterAsync("touch");
        return await Inner.TouchAsync(id, lifetime, cancellationToken);
    }

    public async ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default)
    {
        await EnterAsync("destroy");
        return await Inner.DestroyAsync(id, cancellationToken);
    }

    public async ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        await EnterAsync("rotate");
        return await Inner.RotateAsync(id, newId, version, content, cancellationToken);
    }

    private Task EnterAsync(string call)
    {
        _calls.Enqueue(call);
        return Before?.Invoke(call) ?? Task.CompletedTask;
    }
}
