namespace SessionStores.Redis;

/// <summary>The Lua scripts that only Redis Cluster needs. See <see cref="RedisCommands"/>.</summary>
internal static class ClusterCommands
{
    private const string Now = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        """;

    private const string Text = """
        local function text(number) return string.format('%.0f', number) end
        """;

    /// <summary>Returns the slots with their nodes. As a command of its own the client takes it for one of an administrator.</summary>
    public static readonly RedisScript Slots = new("""
        -- KEYS: 1 any key
        return redis.call('CLUSTER', 'SLOTS')
        """);

    /// <summary>Adds an id to the index of a subject, with the instant at which it joined: now, unless it was there or takes the place of another. Returns up
    /// to a number of entries that are due, each followed by its score.</summary>
    public static readonly RedisScript Enter = new($"""
        -- KEYS: 1 index, 2 instants of joining
        -- ARGV: 1 id, 2 idle time, 3 end, 4 the most entries to return, 5 id whose place it takes, or ''
        {Now}
        {Text}
        {RedisCommands.Expiry}
        local expires = expiry(now, ARGV[2], ARGV[3])
        redis.call('ZADD', KEYS[1], expires < 0 and '+inf' or text(expires), ARGV[1])
        local joined = ARGV[5] ~= '' and redis.pcall('ZSCORE', KEYS[2], ARGV[5])
        redis.call('ZADD', KEYS[2], 'NX', type(joined) == 'string' and joined or text(now), ARGV[1])
        return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', text(now), 'WITHSCORES', 'LIMIT', 0, ARGV[4])
        """);

    /// <summary>Removes an id from the index of a subject. Returns whether it was there.</summary>
    public static readonly RedisScript Remove = new("""
        -- KEYS: 1 index, 2 instants of joining
        -- ARGV: 1 id
        redis.call('ZREM', KEYS[2], ARGV[1])
        return redis.call('ZREM', KEYS[1], ARGV[1])
        """);

    /// <summary>Takes a place for a log-in that may be refused. Returns the ids of those that took one before and still have it.</summary>
    public static readonly RedisScript TakePlace = new($"""
        -- KEYS: 1 places of a subject
        -- ARGV: 1 id, 2 milliseconds until the place ends by itself
        {Now}
        {Text}
        for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', text(now))) do redis.call('ZREM', KEYS[1], id) end
        redis.call('ZREM', KEYS[1], ARGV[1])
        local others = redis.call('ZRANGE', KEYS[1], 0, -1)
        redis.call('ZADD', KEYS[1], text(now + ARGV[2]), ARGV[1])
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
        return others
        """);

    /// <summary>Keeps an id free for a rotation. Returns whether it was free.</summary>
    public static readonly RedisScript Reserve = new($"""
        -- KEYS: 1 record under the new id, 2 link of the new id
        -- ARGV: 1 milliseconds to keep it free, 2 value that keeps it free
        {Now}
        local expiry = redis.call('PEXPIRETIME', KEYS[1])
        if expiry == -1 or expiry > now then return 0 end
        redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[1])
        redis.call('DEL', KEYS[2])
        return 1
        """);

    /// <summary>Removes a record that is rotated, and remembers what its id becomes. Returns the outcome and the subject.</summary>
    public static readonly RedisScript Leave = new($$"""
        -- KEYS: 1 record, 2 link of the id
        -- ARGV: 1 expected value or '', 2 new id
        {{Now}}
        {{Text}}
        {{RedisCommands.Null}}
        {{RedisCommands.Subject}}
        {{RedisCommands.Link}}
        local value = redis.call('GET', KEYS[1])
        local expiry = redis.call('PEXPIRETIME', KEYS[1])
        if not value or null(value) or (expiry >= 0 and expiry <= now) then return {2} end
        if ARGV[1] ~= '' and value ~= ARGV[1] then return {1} end
        redis.call('DEL', KEYS[1])
        link(KEYS[2], ARGV[2])
        return {0, subject(value)}
        """);

    /// <summary>Removes a record. Returns 1 when a session was there or on its way here, the subject or '', and the id that this one became
    /// or ''. The link stays, so that a call that broke off after it can be made again.</summary>
    public static readonly RedisScript Destroy = new($$"""
        -- KEYS: 1 record, 2 link of the id
        -- ARGV: 1 '1' when a link led here: then a rotation to this id is ended too
        {{Now}}
        {{RedisCommands.Null}}
        {{RedisCommands.Subject}}
        local value = redis.pcall('GET', KEYS[1])
        local expiry = redis.call('PEXPIRETIME', KEYS[1])
        local ended, name = 0, ''
        if value and (expiry == -1 or expiry > now) then
          local isNull = type(value) == 'string' and null(value)
          if not isNull or ARGV[1] == '1' then
            redis.call('DEL', KEYS[1])
            ended = 1
            if type(value) == 'string' then name = subject(value) or '' end
          end
        end
        return {ended, name, redis.call('ZRANGE', KEYS[2], 0, 0)[1] or ''}
        """);
}
