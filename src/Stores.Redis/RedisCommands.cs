using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace SessionStores.Redis;

/// <summary>The Lua scripts of the store, each run by the server as one step.</summary>
/// <remarks>
/// Each script begins with its keys and arguments, then names the shared functions it uses, then decides. Instants are milliseconds since 1970
/// by the clock of the server; an expiry of -1 is "never". The scripts read and write keys beyond KEYS only under the prefixes that they are
/// given, which a single server gets and a cluster does not.
/// </remarks>
internal static class RedisCommands
{
    /// <summary>The number of digits of an instant in the reply to <see cref="Get"/>: enough for the last millisecond of the year 9999.</summary>
    public const int HeadDigits = 15;

    /// <summary>The value that keeps an id free for a rotation. It is not a session, as for connect-redis.</summary>
    public const string Reservation = "null";

    private const int Done = 0;
    private const int Conflict = 1;
    private const int Taken = 3;

    private const string Now = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        """;

    private const string Text = """
        local function text(number) return string.format('%.0f', number) end
        """;

    /// <summary>Whether a key exists and has not expired, whatever its type.</summary>
    private const string Held = """
        local function held(key)
          local expiry = redis.call('PEXPIRETIME', key)
          return expiry == -1 or expiry > now
        end
        """;

    /// <summary>The value of a live session; nil when there is none. Another type is an error of the server.</summary>
    private const string Live = """
        local function live(key)
          local value = redis.call('GET', key)
          if value and value ~= 'null' and held(key) then return value end
        end
        """;

    /// <summary>Adds the id of a record to the index of its subject, and reviews up to 10 entries that are due: the record is gone, or was
    /// extended since.</summary>
    private const string Track = """
        local function score(expiry) if expiry < 0 then return '+inf' end return text(expiry) end
        local function track(index, prefix, key, expiry)
          redis.call('ZADD', index, score(expiry), string.sub(key, #prefix + 1))
          for _, id in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', text(now), 'LIMIT', 0, 10)) do
            local current = redis.call('PEXPIRETIME', prefix .. id)
            if current == -2 then redis.call('ZREM', index, id) else redis.call('ZADD', index, score(current), id) end
          end
        end
        """;

    /// <summary>Writes a record and its entry in the index. An expiry that has passed removes the record instead, and enters nothing.</summary>
    private const string Store = """
        local function store(key, index, prefix, value, expiry, lasts)
          if expiry >= 0 and expiry <= now then
            redis.call('DEL', key)
            return false
          end
          if lasts == '1' then expiry = -1 end
          if index then track(index, prefix, key, expiry) end
          if expiry < 0 then redis.call('SET', key, value) else redis.call('SET', key, value, 'PXAT', text(expiry)) end
          return index
        end
        """;

    /// <summary>The subject that this store appended to a value. Inside a JSON string the quotes would be escaped, so that a match is the
    /// member itself. A subject with an escape, or moved by a peer, is not found; its entry is removed when it is due.</summary>
    private const string Subject = """
        local function subject(value) return string.match(value, '"__subject":"([^"\\]+)"}%s*$') end
        """;

    /// <summary>Removes the entry of a former value, unless it is in the index that the new value was entered in.</summary>
    private const string Untrack = """
        local function untrack(subjects, prefix, key, value, entered)
          local name = subjects and subject(value)
          if name and subjects .. name ~= entered then redis.pcall('ZREM', subjects .. name, string.sub(key, #prefix + 1)) end
        end
        """;

    /// <summary>The limit of a slide (SlidingExpiry): the smaller of now + cookie.originalMaxAge and __absolute; false when the value cannot
    /// be decoded here.</summary>
    private const string Limit = """
        local function number(n)
          if type(n) == 'number' and n == n and n < math.huge and n > -math.huge then return n end
        end
        local function limit(value, now)
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

    /// <summary>Reads a record and extends it when the slide is due. Returns one string, which the client reads faster than several replies:
    /// the expiry and, where the client has to work out the slide, the time, else 0, in <see cref="HeadDigits"/> digits each; then the
    /// value.</summary>
    public static readonly RedisScript Get = new($"""
        -- KEYS: 1 record
        -- ARGV: none, or 1 remaining time below which the slide is due, 2 instant to extend to, 3 '1' when only the client can decode the value
        local value = redis.call('GET', KEYS[1])
        if not value or value == 'null' then return false end
        local function reply(expiry, now) return string.format('%015.0f%015.0f', math.min(expiry, 999999999999999), now or 0) .. value end
        local left = redis.call('PTTL', KEYS[1])
        if left == 0 then return false end
        if left < 0 then return reply(-1) end
        local expiry = redis.call('PEXPIRETIME', KEYS[1])
        local below = tonumber(ARGV[1])
        if not below or left >= below then return reply(expiry) end
        {Text}
        {Limit}
        local now = expiry - left
        local target = tonumber(ARGV[2])
        if target < 0 then target = math.huge end
        if target <= expiry then return reply(expiry) end
        local cap = ARGV[3] ~= '1' and limit(value, now)
        if not cap then return reply(expiry, now) end
        target = math.min(target, cap)
        if target <= expiry then return reply(expiry) end
        if target > {EpochTime.LastMillisecond} then
          redis.call('PERSIST', KEYS[1])
          return reply(-1)
        end
        redis.call('PEXPIREAT', KEYS[1], text(target))
        return reply(target)
        """);

    /// <summary>Writes a record unless there is one. A record with the expected value may be overwritten.</summary>
    public static readonly RedisScript Create = new($"""
        -- KEYS: 1 record, 2 index of the subject, absent without one
        -- ARGV: 1 value, 2 expiry, 3 '1' to store no expiry, 4 expected value or '', 5 prefix of records, absent on a cluster
        {Now}
        {Text}
        {Held}
        {Track}
        {Store}
        if held(KEYS[1]) and (ARGV[4] == '' or redis.call('GET', KEYS[1]) ~= ARGV[4]) then return 3 end
        store(KEYS[1], KEYS[2], ARGV[5], ARGV[1], tonumber(ARGV[2]), ARGV[3])
        return 0
        """);

    /// <summary>Writes a record whose value is still the expected one.</summary>
    public static readonly RedisScript Replace = new($"""
        -- KEYS: 1 record, 2 index of the new subject, absent without one
        -- ARGV: 1 value, 2 expiry, 3 '1' to store no expiry, 4 expected value, 5 prefix of records, 6 prefix of indexes; 5 and 6 absent on a cluster
        {Now}
        {Text}
        {Held}
        {Live}
        {Track}
        {Store}
        {Subject}
        {Untrack}
        local value = live(KEYS[1])
        if not value then return 2 end
        if value ~= ARGV[4] then return 1 end
        local entered = store(KEYS[1], KEYS[2], ARGV[5], ARGV[1], tonumber(ARGV[2]), ARGV[3])
        untrack(ARGV[6], ARGV[5], KEYS[1], value, entered)
        return 0
        """);

    /// <summary>Writes a record whatever is there.</summary>
    public static readonly RedisScript Set = new($"""
        -- KEYS: 1 record, 2 index of the subject, absent without one
        -- ARGV: 1 value, 2 expiry, 3 '1' to store no expiry, 4 unused, 5 prefix of records, absent on a cluster
        {Now}
        {Text}
        {Track}
        {Store}
        store(KEYS[1], KEYS[2], ARGV[5], ARGV[1], tonumber(ARGV[2]), ARGV[3])
        return 0
        """);

    /// <summary>Single server: moves a session to a new id, with new content.</summary>
    public static readonly RedisScript Rotate = new($"""
        -- KEYS: 1 record, 2 record under the new id, 3 index of the subject, absent without one
        -- ARGV: 1 value, 2 expiry, 3 '1' to store no expiry, 4 expected value or '', 5 prefix of records, 6 prefix of indexes
        {Now}
        {Text}
        {Held}
        {Live}
        {Track}
        {Store}
        {Subject}
        {Untrack}
        local value = live(KEYS[1])
        if not value then return 2 end
        if ARGV[4] ~= '' and value ~= ARGV[4] then return 1 end
        if held(KEYS[2]) then return 3 end
        store(KEYS[2], KEYS[3], ARGV[5], ARGV[1], tonumber(ARGV[2]), ARGV[3])
        redis.call('DEL', KEYS[1])
        untrack(ARGV[6], ARGV[5], KEYS[1], value)
        return 0
        """);

    /// <summary>Removes a record. Returns the outcome and the subject. A value of another type is removed too: the caller asked for
    /// that.</summary>
    public static readonly RedisScript Take = new($$"""
        -- KEYS: 1 record
        -- ARGV: 1 expected value or '', 2 prefix of records, 3 prefix of indexes; 2 and 3 absent on a cluster
        {{Now}}
        {{Held}}
        {{Subject}}
        {{Untrack}}
        local value = redis.pcall('GET', KEYS[1])
        if not value or not held(KEYS[1]) then return {2} end
        if ARGV[1] ~= '' and value ~= ARGV[1] then return {1} end
        redis.call('DEL', KEYS[1])
        if value == 'null' then return {2} end
        if type(value) ~= 'string' then return {0} end
        untrack(ARGV[3], ARGV[2], KEYS[1], value)
        return {0, subject(value)}
        """);

    /// <summary>Extends a record; never shortens it. Returns 1 when there is a live one.</summary>
    public static readonly RedisScript Touch = new($"""
        -- KEYS: 1 record
        -- ARGV: 1 expiry (0 changes nothing), 2 expected value or ''
        {Now}
        {Held}
        if not held(KEYS[1]) then return 0 end
        if ARGV[2] ~= '' and redis.call('GET', KEYS[1]) ~= ARGV[2] then return 0 end
        local expiry = tonumber(ARGV[1])
        local current = redis.call('PEXPIRETIME', KEYS[1])
        if current >= 0 and expiry < 0 then redis.call('PERSIST', KEYS[1])
        elseif current >= 0 and expiry > current then redis.call('PEXPIREAT', KEYS[1], ARGV[1]) end
        return 1
        """);

    /// <summary>Reads a page of keys. Returns the node, the next cursor and the keys.</summary>
    public static readonly RedisScript Scan = new("""
        -- KEYS: 1 any key of the node to scan
        -- ARGV: 1 cursor, 2 pattern, 3 count, then nothing or 4 'TYPE' and 5 type
        local page = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3], unpack(ARGV, 4))
        return {string.match(redis.call('INFO', 'server'), 'run_id:(%x+)'), page[1], page[2]}
        """);

    /// <summary>Single server: removes entries of an index whose record is gone. Returns how many.</summary>
    public static readonly RedisScript Forget = new("""
        -- KEYS: 1 index
        -- ARGV: 1 prefix of records, then ids
        local removed = 0
        for i = 2, #ARGV do
          if redis.call('EXISTS', ARGV[1] .. ARGV[i]) == 0 then removed = removed + redis.call('ZREM', KEYS[1], ARGV[i]) end
        end
        return removed
        """);

    /// <summary>The outcome that a script which writes has returned.</summary>
    public static SessionWriteStatus StatusOf(RedisResult outcome) => (int)outcome switch
    {
        Done => SessionWriteStatus.Written,
        Conflict => SessionWriteStatus.Conflict,
        Taken => SessionWriteStatus.Taken,
        _ => SessionWriteStatus.Gone,
    };
}

/// <summary>A Lua script with the digest under which the server keeps it.</summary>
internal sealed class RedisScript
{
    public RedisScript(string text)
    {
        Text = text;
#pragma warning disable CA5350 // Redis names scripts by SHA-1.
        Digest = SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350
    }

    public string Text { get; }

    public byte[] Digest { get; }
}
