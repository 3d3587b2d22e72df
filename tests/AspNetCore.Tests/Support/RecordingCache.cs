using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Distributed;

namespace SessionStores.AspNetCore.Tests;

/// <summary>Writes down the calls to a distributed cache; a test can hold calls back or make them fail.</summary>
internal sealed class RecordingCache(IDistributedCache inner) : IDistributedCache
{
    private readonly ConcurrentQueue<string> _calls = new();

    /// <summary>The calls so far: get, set, refresh, remove.</summary>
    public IReadOnlyList<string> Calls => [.. _calls];

    /// <summary>The key that was written last.</summary>
    public string? LastKey { get; private set; }

    /// <summary>Runs before an asynchronous call reaches the cache; throws or waits to make it fail or late.</summary>
    public Func<string, Task>? Before { get; set; }

    public IDistributedCache Inner { get; } = inner;

    /// <summary>The record that was written last, as it is now.</summary>
    public byte[]? Record => Inner.Get(LastKey!);

    public void Forget() => _calls.Clear();

    public byte[]? Get(string key)
    {
        _calls.Enqueue("get");
        return Inner.Get(key);
    }

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        await EnterAsync("get");
        return await Inner.GetAsync(key, token);
    }

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
    {
        _calls.Enqueue("set");
        LastKey = key;
        Inner.Set(key, value, options);
    }

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        await EnterAsync("set");
        LastKey = key;
        await Inner.SetAsync(key, value, options, token);
    }

    public void Refresh(string key)
    {
        _calls.Enqueue("refresh");
        Inner.Refresh(key);
    }

    public async Task RefreshAsync(string key, CancellationToken token = default)
    {
        await EnterAsync("refresh");
        await Inner.RefreshAsync(key, token);
    }

    public void Remove(string key)
    {
        _calls.Enqueue("remove");
        Inner.Remove(key);
    }

    public async Task RemoveAsync(string key, CancellationToken token = default)
    {
        await EnterAsync("remove");
        await Inner.RemoveAsync(key, token);
    }

    private Task EnterAsync(string call)
    {
        _calls.Enqueue(call);
        return Before?.Invoke(call) ?? Task.CompletedTask;
    }
}
