using Microsoft.Extensions.Logging;

namespace SessionStores.Protection;

/// <summary>The keys of a store: those of the options, or those that a function returns from time to time.</summary>
internal sealed class KeyRing(SessionProtectionOptions options, TimeProvider clock, ILogger logger)
{
    private readonly Lock _gate = new();
    private volatile KeySet? _keys;
    private long _readAt;

    /// <summary>The keys now.</summary>
    /// <exception cref="InvalidOperationException">The function returned no key, and has never returned one.</exception>
    public KeySet Keys
    {
        get
        {
            if (_keys is { } keys && (options.KeyRing is null || clock.GetElapsedTime(Volatile.Read(ref _readAt)) < options.KeyRefreshInterval))
                return keys;

            return Refresh();
        }
    }

    private KeySet Refresh()
    {
        // While one thread asks for keys, others use the known ones.
        if (!_gate.TryEnter())
        {
            if (_keys is { } keys)
                return keys;

            _gate.Enter();
        }

        try
        {
            if (_keys is { } known && (options.KeyRing is null || clock.GetElapsedTime(_readAt) < options.KeyRefreshInterval))
                return known;

            Volatile.Write(ref _readAt, clock.GetTimestamp());
            _keys = Read();
            return _keys;
        }
        catch (Exception failure) when (_keys is not null)
        {
            Log.KeyRingFailed(logger, failure);
            return _keys;
        }
        finally
        {
            _gate.Exit();
        }
    }

    private KeySet Read()
    {
        IReadOnlyList<SessionProtectionKey> keys = options.KeyRing is { } ring ? ring() : [.. options.Keys];
        if (keys is null or { Count: 0 } || keys.Any(key => key is null))
            throw new InvalidOperationException("SessionProtectionOptions.KeyRing must return at least one key and no null. The first key protects what is written, all open what was written before.");

        // Keys that stay keep what was derived from them.
        var before = _keys;
        var derived = keys.DistinctBy(key => key.Id).Select(key => before?.All.FirstOrDefault(known => known.Id == key.Id) ?? new DerivedKey(key)).ToList();
        if (before is null || before.Current.Id != derived[0].Id || before.All.Count != derived.Count)
            Log.KeysInUse(logger, derived[0].Id, derived.Count - 1);

        return new KeySet(derived);
    }
}
