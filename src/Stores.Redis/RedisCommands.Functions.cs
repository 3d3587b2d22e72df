using System.Globalization;

namespace SessionStores.Redis;

/// <remarks>The functions that scripts share. Each is text that a script takes in.</remarks>
internal static partial class RedisCommands
{
    /// <summary>How long the link of a rotated id is kept, in milliseconds.</summary>
    private static string LinkLife => RotationLink.Life.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture);

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

    /// <summary>Whether a value is not a session: the text null, as for connect-redis, with which a cluster keeps an id free.</summary>
    public const string Null = """
        local function null(value) return string.find(value, '^null%s*$') end
        """;

    /// <summary>The value of a live session, or nil. Another type is an error of the server.</summary>
    private const string Live = $"""
        {Null}
        local function live(key)
          local value = redis.call('GET', key)
          if value and not null(value) and held(key) then return value end
        end
        """;

    /// <summary>The instant at which a lifetime that begins now ends; -1 for never.</summary>
    public static string Expiry => $"""
        local function expiry(now, idle, ending)
          local at = math.huge
          if tonumber(idle) >= 0 then at = now + idle end
          if tonumber(ending) >= 0 then at = math.min(at, ending) end
          if at > {EpochTime.LastMillisecond} then return -1 end
          return at
        end
        """;

    /// <summary>Removes an entry of an index, and when its session joined: that is in another sorted set, whose key ends with U+0001, which no subject has.</summary>
    private const string Leave = """
        local function leave(index, id)
          redis.pcall('ZREM', index .. '\1', id)
          return redis.pcall('ZREM', index, id)
        end
        """;

    /// <summary>Adds the id of a record to the index of its subject, and reviews up to 10 entries that are due: the record is gone, or was
    /// extended since. A session that was in it already joined then, unless it joins anew.</summary>
    private const string Track = $$"""
        {{Leave}}
        local function score(expiry) if expiry < 0 then return '+inf' end return text(expiry) end
        local function track(index, prefix, key, expiry, anew)
          local id = string.sub(key, #prefix + 1)
          redis.call('ZADD', index, score(expiry), id)
          redis.call('ZADD', index .. '\1', anew and 'CH' or 'NX', text(now), id)
          for _, id in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', text(now), 'LIMIT', 0, 10)) do
            local current = redis.call('PEXPIRETIME', prefix .. id)
            if current == -2 then leave(index, id) else redis.call('ZADD', index, score(current), id) end
          end
        end
        """;

    /// <summary>Writes a record, whose value and lifetime are the first arguments, and its entry in the index. A lifetime that has passed
    /// removes the record instead, and enters nothing.</summary>
    private static string Store => $"""
        {Track}
        {Expiry}
        local function store(key, index, anew)
          local expires = expiry(now, ARGV[2], ARGV[3])
          if expires >= 0 and expires <= now then
            redis.call('DEL', key)
            return false
          end
          if ARGV[4] == '1' then expires = -1 end
          if index then track(index, ARGV[6], key, expires, anew) end
          if expires < 0 then redis.call('SET', key, ARGV[1]) else redis.call('SET', key, ARGV[1], 'PXAT', text(expires)) end
          return index
        end
        """;

    /// <summary>The subject that this store appended to a value. Inside a JSON string the quotes would be escaped, so that a match is the
    /// member itself. A subject with an escape, or moved by a peer, is not found; its entry is removed when it is due.</summary>
    public const string Subject = """
        local function subject(value) return string.match(string.sub(value, -1024), '"__subject":"([^"\\]+)"}%s*$') end
        """;

    /// <summary>Removes the entry of a former value, unless it is in the index that the new value was entered in.</summary>
    private const string Untrack = $$"""
        {{Subject}}
        {{Leave}}
        local function untrack(subjects, prefix, key, value, entered)
          local name = subjects and subject(value)
          if name and subjects .. name ~= entered then leave(subjects .. name, string.sub(key, #prefix + 1)) end
        end
        """;

    /// <summary>Remembers what an id became. The link is a sorted set of one id, which no peer takes for a session.</summary>
    public static string Link => $"""
        local function link(key, id)
          redis.call('ZADD', key, 0, id)
          redis.call('PEXPIREAT', key, text(now + {LinkLife}))
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
}
