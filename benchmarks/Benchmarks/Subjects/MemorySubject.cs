using System.Collections.Concurrent;
using SessionStores.Memory;

namespace SessionStores.Benchmarks.Subjects;

/// <summary>MemoryStore against a dictionary without expiry, bounds and versions.</summary>
internal sealed class MemorySubject : Subject
{
    private readonly MemoryStore _store = new();
    private readonly ConcurrentDictionary<string, byte[]> _raw = new(StringComparer.Ordinal);

    public override ISessionStore Store => _store;

    public override Task RawGetAsync() => _raw.TryGetValue(Id, out _) ? Task.CompletedTask : throw new InvalidOperationException("The session is gone.");

    public override Task RawReplaceAsync()
    {
        _raw[Id] = Payload.AsSpan().ToArray();
        return Task.CompletedTask;
    }

    public override Task RawCreateAsync()
    {
        _raw.TryAdd(NextId(), Payload.AsSpan().ToArray());
        return Task.CompletedTask;
    }

    public override Task RawTouchAsync() => RawGetAsync();

    public override ValueTask DisposeAsync()
    {
        _store.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override Task PrepareAsync() => RawReplaceAsync();
}
