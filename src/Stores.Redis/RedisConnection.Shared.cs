using StackExchange.Redis;

namespace SessionStores.Redis;

/// <remarks>Round trips that calls share (decision 24).</remarks>
internal sealed partial class RedisConnection : IRoundTripHost
{
    /// <summary>What a change may store and still share a script, in bytes: larger ones would hold up the others.</summary>
    private const int LargestShared = 16 * 1024;

    /// <summary>The changes of records whose subject stays; null where each is sent by itself.</summary>
    private readonly RoundTrips<(RedisWrite Write, RedisKey Key), bool>? _changes;
    private volatile Sharing _sharing;

    private enum Sharing
    {
        Unknown,
        Possible,

        /// <summary>On a cluster the keys of a script have to be in one slot.</summary>
        Impossible,
    }

    /// <summary>Whether calls can share a round trip; false until a server is connected.</summary>
    public bool CanShare
    {
        get
        {
            if (_sharing == Sharing.Unknown && IsCluster() is { } isCluster)
                _sharing = isCluster ? Sharing.Impossible : Sharing.Possible;

            return _sharing == Sharing.Possible;
        }
    }

    Deadline IRoundTripHost.Deadline => _deadline;

    /// <summary>Creates round trips that read records by their keys.</summary>
    /// <param name="script">The script that reads them (<see cref="RedisCommands.GetMany"/>).</param>
    public RoundTrips<RedisKey, RedisReading> ShareReads(RedisScript script) =>
        new(this, (trip, _) => ReadAsync(trip, script), static exception => RedisFaults.Describes(exception, CancellationToken.None) || exception is ObjectDisposedException)
        { SharesAlways = _options.SharesAlways };

    /// <summary>Creates round trips that change records. Only success is shared: for what was not written, its caller sends the script that says why.</summary>
    private RoundTrips<(RedisWrite Write, RedisKey Key), bool> ShareChanges() =>
        new(this, (trip, _) => ChangeAsync(trip), exception => RedisFaults.WasNotDone(exception, _multiplexer), static change => change.Write.Id) { SharesAlways = _options.SharesAlways };

    void IRoundTripHost.ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, typeof(RedisStore));

    Exception IRoundTripHost.Translate(string operation, Exception exception, CancellationToken cancellationToken) => exception switch
    {
        _ when !RedisFaults.Describes(exception, CancellationToken.None) => new InvalidOperationException("A shared round trip failed.", exception),
        _ when cancellationToken.IsCancellationRequested => new OperationCanceledException(exception.Message, exception, cancellationToken),
        _ => Failed(operation, exception, null),
    };

    void IRoundTripHost.LogTakenApart(Exception exception) => Log.RoundTripTakenApart(_logger, RedisFaults.CodeOf(exception));

    private async Task<IReadOnlyList<Reply<bool>>> ChangeAsync(RoundTrips<(RedisWrite Write, RedisKey Key), bool>.Trip trip)
    {
        // Without a connection each call connects by itself.
        if (_database is not { } database)
            return [];

        var changes = trip.Depart();
        if (changes.Count == 0)
            return [];

        RedisKey[] keys = [.. changes.Select(static change => change.Key)];
        RedisValue[] values = [.. changes.SelectMany(static change => RedisCommands.ReplaceManyArguments(change.Write))];
        var written = await SendSharedAsync(database, RedisCommands.ReplaceMany, keys, values).ConfigureAwait(false);
        var replies = new Reply<bool>[keys.Length];
        for (var i = 0; i < replies.Length; i++)
        {
            if ((bool)written[i])
                replies[i] = true;
        }

        return replies;
    }

    private async Task<IReadOnlyList<Reply<RedisReading>>> ReadAsync(RoundTrips<RedisKey, RedisReading>.Trip trip, RedisScript script)
    {
        // Without a connection each call connects by itself.
        if (_database is not { } database)
            return [];

        RedisKey[] keys = [.. trip.Depart()];
        if (keys.Length == 0)
            return [];

        var found = await SendSharedAsync(database, script, keys, []).ConfigureAwait(false);
        var now = (long)found[found.Length - 1];
        var replies = new Reply<RedisReading>[keys.Length];
        for (var i = 0; i < replies.Length; i++)
        {
            // What holds no string is a fault, which its caller finds by itself.
            if ((byte[]?)found[2 * i] is not { } value)
                continue;

            var expiry = (long)found[(2 * i) + 1];
            replies[i] = new RedisReading(value, expiry, expiry < 0 ? expiry : Math.Max(expiry - now, 0), IsWhole: true);
        }

        return replies;
    }

    private static async Task<RedisResult> SendSharedAsync(IDatabase database, RedisScript script, RedisKey[] keys, RedisValue[] values)
    {
        try
        {
            return await SendScriptAsync(database, script, keys, values, Way.Usual).ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (RedisFaults.IsScriptMissing(exception))
        {
            return await SendScriptAsync(database, script, keys, values, Way.Text).ConfigureAwait(false);
        }
    }
}
