using StackExchange.Redis;

namespace SessionStores.Redis;

/// <remarks>Round trips that reads share (decision 24).</remarks>
internal sealed partial class RedisConnection : IRoundTripHost
{
    private volatile Sharing _sharing;

    private enum Sharing
    {
        Unknown,
        Possible,

        /// <summary>On a cluster the keys of a script have to be in one slot.</summary>
        Impossible,
    }

    /// <summary>Whether reads can share a round trip; false until a server is connected.</summary>
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
        new(this, (trip, _) => SendAsync(trip, script), static exception => RedisFaults.Describes(exception, CancellationToken.None) || exception is ObjectDisposedException)
        { SharesAlways = _options.SharesAlways };

    void IRoundTripHost.ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, typeof(RedisStore));

    Exception IRoundTripHost.Translate(string operation, Exception exception, CancellationToken cancellationToken) => exception switch
    {
        _ when !RedisFaults.Describes(exception, CancellationToken.None) => new InvalidOperationException("A shared round trip failed.", exception),
        _ when cancellationToken.IsCancellationRequested => new OperationCanceledException(exception.Message, exception, cancellationToken),
        _ => Failed(operation, exception, []),
    };

    void IRoundTripHost.LogTakenApart(Exception exception) => Log.RoundTripTakenApart(_logger, RedisFaults.CodeOf(exception));

    private async Task<IReadOnlyList<Reply<RedisReading>>> SendAsync(RoundTrips<RedisKey, RedisReading>.Trip trip, RedisScript script)
    {
        // Without a connection each call connects by itself.
        if (_database is not { } database)
            return [];

        RedisKey[] keys = [.. trip.Depart()];
        if (keys.Length == 0)
            return [];

        RedisResult found;
        try
        {
            found = await SendScriptAsync(database, script, keys, [], Way.Usual).ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (RedisFaults.IsScriptMissing(exception))
        {
            found = await SendScriptAsync(database, script, keys, [], Way.Text).ConfigureAwait(false);
        }

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
}
