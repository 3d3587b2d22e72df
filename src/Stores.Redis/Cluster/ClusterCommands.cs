namespace SessionStores.Redis;

/// <summary>The Lua scripts that only Redis Cluster needs. See <see cref="RedisCommands"/>.</summary>
internal static class ClusterCommands
{
    /// <summary>Returns the slots with their nodes. As a command of its own the client takes it for one of an administrator.</summary>
    public static readonly RedisScript Slots = new("""
        -- KEYS: 1 any key
        return redis.call('CLUSTER', 'SLOTS')
        """);

    /// <summary>Adds an id to the index of a subject. Returns up to 10 entries that are due, each followed by its score.</summary>
    public static readonly RedisScript Enter = new("""
        -- KEYS: 1 index
        -- ARGV: 1 score, 2 id
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
        return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'WITHSCORES', 'LIMIT', 0, 10)
        """);

    /// <summary>Keeps an id free for a rotation. Returns whether it was free.</summary>
    public static readonly RedisScript Reserve = new("""
        -- KEYS: 1 record under the new id
        -- ARGV: 1 milliseconds to keep it free
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local expiry = redis.call('PEXPIRETIME', KEYS[1])
        if expiry == -1 or expiry > now then return 0 end
        redis.call('SET', KEYS[1], 'null', 'PX', ARGV[1])
        return 1
        """);
}
