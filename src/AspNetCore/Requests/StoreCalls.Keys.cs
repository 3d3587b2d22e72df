using System.Runtime.CompilerServices;

namespace SessionStores.AspNetCore;

/// <content>The calls about the sessions with a key.</content>
internal sealed partial class StoreCalls
{
    /// <exception cref="NotSupportedException">The store keeps no keys.</exception>
    private ISessionKeys Keys => Store.GetCapability<ISessionKeys>() ?? throw new NotSupportedException(
        $"{Store.GetType().Name} keeps no keys: it does not offer ISessionKeys. Choose a store that does, such as MemoryStore, or PostgresStore with the option Keys.");

    /// <exception cref="NotSupportedException">The store keeps no keys.</exception>
    public ValueTask<SessionPage> PageByKeyAsync(string key, int size, string? continuation, CancellationToken cancellationToken) => CallAsync(
        "list_by_key", Keys, (key, size, continuation), static (store, call, token) => store.PageByKeyAsync(call.key, call.size, call.continuation, true, token), cancellationToken);

    /// <summary>Lists all pages of a key.</summary>
    /// <exception cref="NotSupportedException">The store keeps no keys.</exception>
    public async IAsyncEnumerable<SessionRecord> ListByKeyAsync(string key, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? continuation = null;
        do
        {
            var page = await PageByKeyAsync(key, ListedAtOnce, continuation, cancellationToken);
            foreach (var record in page.Sessions)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return record;
            }

            continuation = page.Continuation;
        }
        while (continuation is not null);
    }

    /// <exception cref="NotSupportedException">The store keeps no keys.</exception>
    public ValueTask<long> CountByKeyAsync(string key, CancellationToken cancellationToken) =>
        CallAsync("count_by_key", Keys, key, static (store, key, token) => store.CountByKeyAsync(key, token), cancellationToken);

    /// <exception cref="NotSupportedException">The store keeps no keys.</exception>
    public ValueTask<long> DestroyByKeyAsync(string key, IReadOnlyCollection<string>? exceptIds, CancellationToken cancellationToken) => CallAsync(
        "destroy_by_key", Keys, (key, exceptIds), static (store, call, token) => store.DestroyByKeyAsync(call.key, call.exceptIds, token), cancellationToken);
}
