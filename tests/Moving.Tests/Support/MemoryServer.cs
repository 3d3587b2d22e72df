using System.Collections.Concurrent;
using SessionStores.Conformance;
using SessionStores.Memory;

namespace SessionStores.Moving.Tests;

/// <summary>Keeps a store in memory for each namespace, so that several nodes can use it as they use a server.</summary>
internal sealed class MemoryServer
{
    private readonly ConcurrentDictionary<string, MemoryStore> _stores = [];

    public ISessionStore Open(string @namespace, StoreSettings settings) => new Connection(_stores.GetOrAdd(@namespace, _ => new MemoryStore(
        new MemoryStoreOptions { MaxPayloadBytes = settings.MaxPayloadBytes ?? SessionArguments.DefaultMaxPayloadBytes },
        settings.Clock,
        settings.Log is { } log ? new ForwardingLogger<MemoryStore>(log) : null)));

    public void Drop(string @namespace)
    {
        if (_stores.TryRemove(@namespace, out var store))
            store.Dispose();
    }

    private sealed class Connection(ISessionStore inner) : ForwardingStore(inner), IDisposable
    {
        private bool _isDisposed;

        public override IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, CancellationToken cancellationToken = default)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return base.AllAsync(withPayloads, cancellationToken);
        }

        public void Dispose() => _isDisposed = true;

        protected override ValueTask<T> RunAsync<T>(string operation, Func<ValueTask<T>> call)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return call();
        }
    }
}
