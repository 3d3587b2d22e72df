namespace SessionStores.Redis;

/// <summary>Each operation as one script, which the server runs in one step.</summary>
/// <remarks>
/// Instants are milliseconds since 1970 by the clock of the server; an expiry of -1 is "never". Keys under which nothing is declared are
/// touched only where the store passes it the prefixes, which it does on a single server and not on a cluster.
/// </remarks>
internal static class RedisScripts
{
    public const int Done = 0;
    public const int Conflict = 1;
    public const int Gone = 2;
    public const int Taken = 3;

    /// <summary>The digits of an instant in the answer to <see cref="Get"/>: enough for the last millisecond of the year 9999.</summary>
    public const int HeadDigits = 15;

    /// <summary>What keeps an id for a rotation.</summary>
    public const string Reservation = "null";

    private const string Clock = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)

        """ + Text;

    private const string Text = """
        local function text(number) return string.format('%.0f', number) end

        """;

    /// <summary>The value and expiry of a live record; nil when there is none. Another type is an error of the server. The value null is
    /// none, as it is to connect-redis: it keeps an id for a rotation (<see cref="Reserve"/>).</summary>
    private const string Live = """
        local function live(key)
          local value = redis.call('GET', key)
          if not value or value == 'null' then return nil end
          local expiry = redis.call('PEXPIRETIME', key)
          if expiry >= 0 and expiry <= now then return nil end
          return value, expiry
        end

        """;

    private const string Held = """
        local function held(key)
          local expiry = redis.call('PEXPIRETIME', key)
          return expiry == -1 or expiry > now
        end

        """;

    /// <summary>Enters an id in the index of a subject, and looks after up to 10 entries that are due: the record is gone, or was extended
    /// since.</summary>
    private const string Track = """
        local function score(expiry) if expiry < 0 then return '+inf' end return text(expiry) end
        local function tend(index, prefix, limit)
          local removed = 0
          for _, id in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', text(now), 'LIMIT', 0, limit)) do
            local expiry = redis.call('PEXPIRETIME', prefix .. id)
            if expiry == -2 then removed = removed + redis.call('ZREM', index, id)
            else redis.call('ZADD', index, score(expiry), id) end
          end
          return removed
        end
        local function track(index, prefix, key, expiry)
          redis.call('ZADD', index, score(expiry), string.sub(key, #prefix + 1))
          tend(index, prefix, 10)
        end

        """;

    /// <summary>The subject that this store appended to a value. Inside a JSON string the quotes would be escaped, so that a match is the
    /// member itself. A subject with an escape, or moved by a peer, is not found; its entry goes when it is due.</summary>
    private const string Untrack = """
        local function subject(value) return string.match(value, '"__subject":"([^"\\]+)"}%s*$') end
        local function untrack(subjects, prefix, key, value, kept)
          local name = subjects and subject(value)
          if name and subjects .. name ~= kept then redis.pcall('ZREM', subjects .. name, string.sub(key, #prefix + 1)) end
        end

        """;

    /// <summary>ARGV: 1 value, 2 expiry, 3 '1' to store no expiry, 4 expected value or '', 5 prefix of records, 6 prefix of subjects.
    /// The last two are absent on a cluster. The last of KEYS is the index of the new subject, if there is one.</summary>
    private const string Write = Clock + Live + Held + Track + Untrack + """
        local expiry = tonumber(ARGV[2])
        local past = expiry >= 0 and expiry <= now
        local lasting = expiry
        if ARGV[3] == '1' then lasting = -1 end
        local function store(key, index)
          if index then track(index, ARGV[5], key, lasting) end
          if lasting < 0 then redis.call('SET', key, ARGV[1])
          else redis.call('SET', key, ARGV[1], 'PXAT', ARGV[2]) end
        end

        """;

    /// <summary>The caps of a slide (SlidingExpiry): the smaller of now + cookie.originalMaxAge and __absolute; false when the value is not
    /// to be decoded here.</summary>
    private const string Limit = """
        local function number(n)
          if type(n) == 'number' and n == n and n < math.huge and n > -math.huge then return n end
        end
        local function limit(value)
          local read, session = pcall(cjson.decode, value)
          if not read or type(session) ~= 'table' then return false end
          local cookie = session.cookie
          local idle = type(cookie) == 'table' and number(cookie.originalMaxAge)
          local absolute = number(session.__absolute)
          local cap = math.huge
          if idle then cap = now + math.ceil(math.max(idle, 0)) end
          if absolute then cap = math.min(cap, math.ceil(math.max(absolute, 0))) end
          return cap
        end

        """;

    /// <summary>KEYS: 1 record. ARGV: none, or 1 remaining time below which the slide is due, 2 instant to extend to, 3 '1' when only the
    /// client can read the value. Answers one string, which is less to read than several answers: the expiry and, where the client has to
    /// work the slide out, the time, else 0, in <see cref="HeadDigits"/> digits each; then the value.</summary>
    public static readonly RedisScript Get = new("""
        local value = redis.call('GET', KEYS[1])
        if not value or value == 'null' then return false end
        local function answer(expiry, now) return string.format('%015.0f%015.0f', math.min(expiry, 999999999999999), now or 0) .. value end
        local left = redis.call('PTTL', KEYS[1])
        if left == 0 then return false end
        if left < 0 then return answer(-1) end
        local expiry = redis.call('PEXPIRETIME', KEYS[1])
        local below = tonumber(ARGV[1])
        if not below or left >= below then return answer(expiry) end
        local now = expiry - left

        """ + Text + Limit + """
        local target = tonumber(ARGV[2])
        if target < 0 then target = math.huge end
        if target <= expiry then return answer(expiry) end
        local cap = ARGV[3] ~= '1' and limit(value)
        if not cap then return answer(expiry, now) end
        target = math.min(target, cap)
        if target <= expiry then return answer(expiry) end
        if target > 253402300799999 then
          redis.call('PERSIST', KEYS[1])
          return answer(-1)
        end
        redis.call('PEXPIREAT', KEYS[1], text(target))
        return answer(target)
        """);

    /// <summary>KEYS: 1 record, 2 index. ARGV: see <see cref="Write"/>; the expected value is one that may be overwritten.</summary>
    public static readonly RedisScript Create = new(Write + """
        if held(KEYS[1]) and (ARGV[4] == '' or redis.call('GET', KEYS[1]) ~= ARGV[4]) then return 3 end
        if past then redis.call('DEL', KEYS[1]) else store(KEYS[1], KEYS[2]) end
        return 0
        """);

    /// <summary>KEYS: 1 record, 2 index. ARGV: see <see cref="Write"/>.</summary>
    public static readonly RedisScript Replace = new(Write + """
        local value = live(KEYS[1])
        if not value then return 2 end
        if value ~= ARGV[4] then return 1 end
        if past then redis.call('DEL', KEYS[1]) else store(KEYS[1], KEYS[2]) end
        untrack(ARGV[6], ARGV[5], KEYS[1], value, not past and KEYS[2])
        return 0
        """);

    /// <summary>KEYS: 1 record, 2 index. ARGV: see <see cref="Write"/>.</summary>
    public static readonly RedisScript Set = new(Write + """
        if past then redis.call('DEL', KEYS[1]) else store(KEYS[1], KEYS[2]) end
        return 0
        """);

    /// <summary>KEYS: 1 record, 2 record under the new id, 3 index. ARGV: see <see cref="Write"/>.</summary>
    public static readonly RedisScript Rotate = new(Write + """
        local value = live(KEYS[1])
        if not value then return 2 end
        if ARGV[4] ~= '' and value ~= ARGV[4] then return 1 end
        if held(KEYS[2]) then return 3 end
        if past then redis.call('DEL', KEYS[2]) else store(KEYS[2], KEYS[3]) end
        redis.call('DEL', KEYS[1])
        untrack(ARGV[6], ARGV[5], KEYS[1], value)
        return 0
        """);

    /// <summary>KEYS: 1 record. ARGV: 1 expected value or '', 2 prefix of records, 3 prefix of subjects; the last two are absent on a
    /// cluster. Answers {outcome, subject}. A value of another type is removed too: the caller asked for that.</summary>
    public static readonly RedisScript Take = new(Clock + Held + Untrack + """
        local value = redis.pcall('GET', KEYS[1])
        if not value or not held(KEYS[1]) then return {2} end
        if ARGV[1] ~= '' and value ~= ARGV[1] then return {1} end
        redis.call('DEL', KEYS[1])
        if value == 'null' then return {2} end
        if type(value) ~= 'string' then return {0} end
        untrack(ARGV[3], ARGV[2], KEYS[1], value)
        return {0, subject(value)}
        """);

    /// <summary>KEYS: 1 record. ARGV: 1 expiry (0: only look), 2 expected value or ''. Answers 1 when a live record is there.</summary>
    public static readonly RedisScript Touch = new(Clock + Held + """
        if not held(KEYS[1]) then return 0 end
        if ARGV[2] ~= '' and redis.call('GET', KEYS[1]) ~= ARGV[2] then return 0 end
        local expiry = tonumber(ARGV[1])
        local current = redis.call('PEXPIRETIME', KEYS[1])
        if current >= 0 and expiry < 0 then redis.call('PERSIST', KEYS[1])
        elseif current >= 0 and expiry > current then redis.call('PEXPIREAT', KEYS[1], ARGV[1]) end
        return 1
        """);

    /// <summary>KEYS: 1 any key of the node to scan. ARGV: 1 cursor, 2 pattern, 3 count, 4 type. Answers {node, cursor, keys}.</summary>
    public static readonly RedisScript Scan = new("""
        local page = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3], unpack(ARGV, 4))
        return {string.match(redis.call('INFO', 'server'), 'run_id:(%x+)'), page[1], page[2]}
        """);

    /// <summary>KEYS: 1 any key. Cluster: the slots with their nodes. As a command of its own the client takes it for one of an
    /// administrator.</summary>
    public static readonly RedisScript Slots = new("return redis.call('CLUSTER', 'SLOTS')");

    /// <summary>KEYS: 1 index. ARGV: 1 prefix of records, then ids. Single server: removes those whose record is gone.</summary>
    public static readonly RedisScript Forget = new("""
        local removed = 0
        for i = 2, #ARGV do
          if redis.call('EXISTS', ARGV[1] .. ARGV[i]) == 0 then removed = removed + redis.call('ZREM', KEYS[1], ARGV[i]) end
        end
        return removed
        """);

    /// <summary>KEYS: 1 index. ARGV: 1 score, 2 id. Cluster: enters the id and answers up to 10 entries that are due, each followed by its
    /// score.</summary>
    public static readonly RedisScript Enter = new(Clock + """
        redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
        return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', text(now), 'WITHSCORES', 'LIMIT', 0, 10)
        """);

    /// <summary>KEYS: 1 record. Cluster: keeps an id free for a rotation, for as long as three of the longest calls take.</summary>
    public static readonly RedisScript Reserve = new(Clock + Held + """
        if held(KEYS[1]) then return 3 end
        redis.call('SET', KEYS[1], 'null', 'PX', 180000)
        return 0
        """);
}
