using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace SessionStores.Redis;

/// <summary>The Lua scripts of the store, each run by the server as one step.</summary>
/// <remarks>
/// Each script begins with its keys and arguments, then names the shared functions it uses, then decides. Times are milliseconds, instants since
/// 1970 by the clock of the server; -1 is "never" or "none". The scripts read and write keys beyond KEYS only under the prefixes that they are
/// given, which a single server gets and a cluster does not.
/// </remarks>
internal static partial class RedisCommands
{
    /// <summary>The prefix of the links of rotated ids, which begins the key of no record and of no index.</summary>
    public const string LinkPrefix = "rotated:";

    /// <summary>The text that keeps an id free for a rotation. It is not a session, as for connect-redis.</summary>
    public const string Reservation = "null";

    /// <summary>The longest idle time that a command can be given as it is, in milliseconds: with it no session reaches the year 9999, from
    /// which on one never expires. A hundred years.</summary>
    private const double LongestPlainIdle = 100 * 365.25 * 24 * 3600 * 1000;

    /// <summary>The largest value that the server decodes for a slide, in bytes: it serves no other client while it does.</summary>
    private const int LargestDecoded = 16 * 1024;

    private const int Done = 0;
    private const int Conflict = 1;
    private const int Taken = 3;
    private const int Full = 5;

    /// <summary>Reads a record and extends it when the slide is due. Returns the value, its expiry and the remaining life, and a fourth
    /// element when the client has to work out the slide.</summary>
    /// <param name="maxBytes">The largest value; of a larger one a byte more is read.</param>
    public static RedisScript Get(long maxBytes) => new($$"""
        -- KEYS: 1 record
        -- ARGV: none, or 1 remaining time below which the slide is due, 2 idle time, 3 end, 4 '1' when only the client can decode the value
        local value = redis.call('GETRANGE', KEYS[1], 0, {{maxBytes}})
        local left = redis.call('PTTL', KEYS[1])
        {{Null}}
        if left == -2 or left == 0 or null(value) then return false end
        if left < 0 then return {value, -1, left} end
        local expires = redis.call('PEXPIRETIME', KEYS[1])
        local below = tonumber(ARGV[1])
        if not below or left >= below or #value > {{maxBytes}} then return {value, expires, left} end
        {{Text}}
        {{Limit}}
        {{Expiry}}
        local now = expires - left
        local target = expiry(now, ARGV[2], ARGV[3])
        if target < 0 then target = math.huge end
        if target <= expires then return {value, expires, left} end
        local cap = ARGV[4] ~= '1' and #value <= {{LargestDecoded}} and limit(value, now)
        if not cap then return {value, expires, left, 1} end
        target = math.min(target, cap)
        if target <= expires then return {value, expires, left} end
        if target > {{EpochTime.LastMillisecond}} then
          redis.call('PERSIST', KEYS[1])
          return {value, -1, -1}
        end
        redis.call('PEXPIREAT', KEYS[1], text(target))
        return {value, target, target - now}
        """)
    { IsRead = true, ChangesRecords = true };

    /// <summary>Reads records. Returns the value and the expiry of each, and last the time of the server, which is -1 where nothing expires. A value is
    /// absent where the key holds none.</summary>
    /// <param name="maxBytes">The largest value; of a larger one a byte more is read.</param>
    public static RedisScript GetMany(long maxBytes) => new($$"""
        -- KEYS: records
        -- All are read at one time, which one PTTL tells. Locals and text instead of numbers spare a quarter of the server's time.
        local call, pcall = redis.call, redis.pcall
        local replies = {}
        local now = -1
        for i, key in ipairs(KEYS) do
          local value = pcall('GETRANGE', key, '0', '{{maxBytes}}')
          local expires = call('PEXPIRETIME', key)
          if now < 0 and expires >= 0 then now = expires - call('PTTL', key) end
          replies[2 * i - 1] = type(value) == 'string' and value
          replies[2 * i] = expires
        end
        replies[#replies + 1] = now
        return replies
        """);

    /// <summary>Writes a record unless there is one. With an expected value, which keeps the id free for a rotation, only over that.</summary>
    public static readonly RedisScript Create = Changing(CreateText(""));

    /// <summary>Writes a record whose value is still the expected one, and whose subject and entry in the index stay as they are.</summary>
    public static readonly RedisScript Replace = Changing($"""
        -- KEYS: 1 record
        -- ARGV: 1 value, 2 expected value, then nothing, or 3 'PX' and 4 idle time, or 3 'PXAT' and 4 end; 5 end beside an idle time
        local value = redis.call('GET', KEYS[1])
        if value ~= ARGV[2] then
          {Null}
          if not value or null(value) or redis.call('PTTL', KEYS[1]) == 0 then return 2 end
          return 1
        end
        if ARGV[3] then redis.call('SET', KEYS[1], ARGV[1], ARGV[3], ARGV[4]) else redis.call('SET', KEYS[1], ARGV[1]) end
        if ARGV[5] then redis.call('PEXPIREAT', KEYS[1], ARGV[5], 'LT') end
        return 0
        """);

    /// <summary>Does what <see cref="Replace"/> does with many records. Returns for each whether it was written; if not, its caller has to ask why.</summary>
    public static readonly RedisScript ReplaceMany = Changing("""
        -- KEYS: records
        -- ARGV: for each 1 value, 2 expected value, 3 'PX', 'PXAT' or '' for no expiry, 4 idle time or end, 5 end beside an idle time or ''
        local call, pcall = redis.call, redis.pcall
        local replies = {}
        for i, key in ipairs(KEYS) do
          local at = 5 * i - 4
          local written = false
          if pcall('GET', key) == ARGV[at + 1] then
            local reply
            if ARGV[at + 2] == '' then reply = pcall('SET', key, ARGV[at]) else reply = pcall('SET', key, ARGV[at], ARGV[at + 2], ARGV[at + 3]) end
            written = reply.err == nil
            if written and ARGV[at + 4] ~= '' then call('PEXPIREAT', key, ARGV[at + 4], 'LT') end
          end
          replies[i] = written and 1 or 0
        end
        return replies
        """);

    /// <summary>Writes a record whose value is still the expected one, and moves its entry to the index of its subject. Returns the outcome and, on a
    /// cluster where none was expected, the former value.</summary>
    public static readonly RedisScript ReplaceIndexed = Changing(ReplaceText(""));

    /// <summary>Writes a record whatever is there.</summary>
    public static readonly RedisScript Set = Changing($"""
        -- KEYS: 1 record, 2 link of the id, 3 index of the subject, absent without one
        -- ARGV: 1 value, 2 idle time, 3 end, 4 '1' to store no expiry, 5 unused, 6 prefix of records, 7 prefix of indexes; 6 and 7 absent on a cluster
        {Now}
        {Text}
        {Store}
        {Subject}
        local anew = false
        if KEYS[3] and ARGV[7] then
          local value = redis.pcall('GET', KEYS[1])
          local name = type(value) == 'string' and subject(value)
          anew = not value or (name and ARGV[7] .. name ~= KEYS[3])
        end
        store(KEYS[1], KEYS[3], anew)
        redis.call('DEL', KEYS[2])
        return 0
        """);

    /// <summary>Single server: moves a session to a new id, with new content, and remembers what the old id became.</summary>
    public static readonly RedisScript Rotate = Changing(RotateText(""));

    /// <summary>Single server: removes a session and, when its id was rotated, the one that it became. Returns 1 when there was one. A value
    /// of another type is removed too: the caller asked for that.</summary>
    public static readonly RedisScript Destroy = Changing($"""
        -- KEYS: 1 record
        -- ARGV: 1 prefix of records, 2 prefix of indexes
        {Now}
        {Held}
        {Null}
        {Untrack}
        {Drop}
        local key = KEYS[1]
        local ended = 0
        for _ = 0, {RotationLink.MaxHops} do
          local value = redis.pcall('GET', key)
          if value and held(key) then
            drop(key)
            if type(value) ~= 'string' then
              ended = 1
            elseif not null(value) then
              ended = 1
              untrack(ARGV[2], ARGV[1], key, value)
            end
          end
          local id = redis.call('ZRANGE', '{LinkPrefix}' .. key, 0, 0)[1]
          if not id then break end
          key = ARGV[1] .. id
        end
        return ended
        """);

    /// <summary>Removes a record, and not what it became. Returns the outcome and the subject.</summary>
    public static readonly RedisScript Take = Changing($$"""
        -- KEYS: 1 record
        -- ARGV: 1 expected value or '', 2 prefix of records, 3 prefix of indexes; 2 and 3 absent on a cluster
        {{Now}}
        {{Held}}
        {{Null}}
        {{Untrack}}
        local value = redis.pcall('GET', KEYS[1])
        if not value or not held(KEYS[1]) then return {2} end
        if ARGV[1] ~= '' and value ~= ARGV[1] then return {1} end
        redis.call('DEL', KEYS[1])
        if type(value) ~= 'string' then return {0} end
        if null(value) then return {2} end
        untrack(ARGV[3], ARGV[2], KEYS[1], value)
        return {0, subject(value)}
        """);

    /// <summary>Single server: removes the sessions of a subject, those that its index lists. A value whose subject cannot be read is removed too.</summary>
    public static readonly RedisScript Void = Changing($"""
        -- KEYS: 1 index of the subject
        -- ARGV: 1 prefix of records, 2 prefix of indexes
        {Subject}
        {Owner}
        {Drop}
        local name = string.sub(KEYS[1], #ARGV[2] + 1)
        for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
          local key = ARGV[1] .. id
          local value = redis.pcall('GET', key)
          if value then
            local who = type(value) == 'string' and owner(value)
            if who == name or who == false then drop(key) end
          end
        end
        redis.call('DEL', KEYS[1], KEYS[1] .. '\1')
        return 1
        """);

    /// <summary>Looks at an id where no session was. Returns 1 when that kept the id free for a rotation, which is ended by it; 2 and the id
    /// that it became; 3 when there is a session now; otherwise 0.</summary>
    public static readonly RedisScript Follow = new($$"""
        -- KEYS: 1 record, 2 link of the id
        -- ARGV: 1 '1' to end a rotation to this id
        {{Null}}
        local value = redis.pcall('GETRANGE', KEYS[1], 0, 99)
        local isNull = type(value) == 'string' and null(value)
        if isNull and ARGV[1] == '1' then
          redis.call('DEL', KEYS[1])
          return {1}
        end
        local id = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
        if id then return {2, id} end
        if isNull or redis.call('EXISTS', KEYS[1]) == 0 then return {0} end
        return {3}
        """);

    /// <summary>Reads a link. Returns the id that its id became and the milliseconds for which it is kept; nothing without a link.</summary>
    public static readonly RedisScript FindLink = new("""
        -- KEYS: 1 link of the id
        local id = redis.call('ZRANGE', KEYS[1], 0, 0)[1]
        if id then return {id, redis.call('PTTL', KEYS[1])} end
        return false
        """);

    /// <summary>Extends a record; never shortens it. Returns 1 when there is a live one.</summary>
    public static readonly RedisScript Touch = Changing($"""
        -- KEYS: 1 record
        -- ARGV: 1 idle time (0 changes nothing), 2 end, 3 expected value or ''
        local left = redis.call('PTTL', KEYS[1])
        if left == -2 or left == 0 then return 0 end
        if ARGV[3] ~= '' and redis.call('GET', KEYS[1]) ~= ARGV[3] then return 0 end
        if left < 0 then return 1 end
        {Text}
        {Expiry}
        local current = redis.call('PEXPIRETIME', KEYS[1])
        local target = expiry(current - left, ARGV[1], ARGV[2])
        if target < 0 then redis.call('PERSIST', KEYS[1])
        elseif target > current then redis.call('PEXPIREAT', KEYS[1], text(target)) end
        return 1
        """);

    /// <summary>Reads a page of the index of a subject, in the order of the digests of the ids, which stays while sessions come and go. Returns the digest
    /// of the last entry, or '' for the last page, then for each entry the id and, on a single server, value, expiry and remaining life.</summary>
    /// <param name="maxBytes">The largest value; of a larger one a byte more is read.</param>
    public static RedisScript Page(long maxBytes) => new($$"""
        -- KEYS: 1 index
        -- ARGV: 1 digest of the last entry of the page before or '', 2 size, 3 prefix of records, absent on a cluster
        local entries = {}
        for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
          local digest = redis.sha1hex(id)
          if digest > ARGV[1] then entries[#entries + 1] = {digest, id} end
        end
        table.sort(entries, function(a, b) return a[1] < b[1] end)
        local size = tonumber(ARGV[2])
        local page = {#entries > size and entries[size][1] or ''}
        for i = 1, math.min(size, #entries) do
          local id = entries[i][2]
          local entry = {id}
          if ARGV[3] then
            local key = ARGV[3] .. id
            local value = redis.pcall('GETRANGE', key, 0, {{maxBytes}})
            entry = {id, type(value) == 'string' and value, redis.call('PEXPIRETIME', key), redis.call('PTTL', key)}
          end
          page[#page + 1] = entry
        end
        return page
        """);

    /// <summary>Reads a page of keys. Returns the node, the next cursor and the keys.</summary>
    public static readonly RedisScript Scan = new("""
        -- KEYS: 1 any key of the node to scan
        -- ARGV: 1 cursor, 2 pattern, 3 count, then nothing or 4 'TYPE' and 5 type
        local page = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3], unpack(ARGV, 4))
        return {string.match(redis.call('INFO', 'server'), 'run_id:(%x+)'), page[1], page[2]}
        """);

    /// <summary>Single server: removes entries of an index whose record is gone. Returns how many.</summary>
    public static readonly RedisScript Forget = new($"""
        -- KEYS: 1 index
        -- ARGV: 1 prefix of records, then ids
        {Leave}
        local removed = 0
        for i = 2, #ARGV do
          if redis.call('EXISTS', ARGV[1] .. ARGV[i]) == 0 then removed = removed + leave(KEYS[1], ARGV[i]) end
        end
        return removed
        """);

    /// <summary>The idle time of a lifetime, in milliseconds; -1 without one.</summary>
    public static RedisValue IdleOf(SessionLifetime lifetime) => lifetime.Idle is { } idle ? (long)idle.TotalMilliseconds : -1;

    /// <summary>The end of a lifetime, in milliseconds since 1970; -1 without one.</summary>
    public static RedisValue EndOf(SessionLifetime lifetime) => lifetime.End is { } end ? end.ToUnixTimeMilliseconds() : -1;

    /// <summary>Whether commands can be given a lifetime as it is: it is no time that has passed, and ends in the calendar.</summary>
    public static bool IsPlain(SessionLifetime lifetime) =>
        lifetime is { Idle: null or { TotalMilliseconds: > 0 and <= LongestPlainIdle } } && (lifetime.End is null || lifetime.End > DateTimeOffset.UnixEpoch);

    /// <summary>The arguments of <see cref="Replace"/> for a lifetime that <see cref="IsPlain"/>.</summary>
    public static RedisValue[] ReplaceArguments(RedisValue value, RedisValue expected, SessionLifetime lifetime) => lifetime switch
    {
        { Idle: null, End: null } => [value, expected],
        { Idle: null } => [value, expected, "PXAT", EndOf(lifetime)],
        { End: null } => [value, expected, "PX", IdleOf(lifetime)],
        _ => [value, expected, "PX", IdleOf(lifetime), EndOf(lifetime)],
    };

    /// <summary>The arguments of <see cref="ReplaceMany"/> for one of the records.</summary>
    public static IEnumerable<RedisValue> ReplaceManyArguments(in RedisWrite write)
    {
        var lifetime = write.Lifetime;
        return
        [
            write.Stored, write.Expected,
            lifetime.Idle is not null ? "PX" : lifetime.End is not null ? "PXAT" : "",
            lifetime.Idle is not null ? IdleOf(lifetime) : EndOf(lifetime),
            lifetime is { Idle: not null, End: not null } ? EndOf(lifetime) : "",
        ];
    }

    private static RedisScript Changing(string text) => new(text) { ChangesRecords = true };

    /// <summary>The outcome that a script which writes has returned.</summary>
    public static SessionWriteStatus StatusOf(RedisResult outcome) => (int)outcome switch
    {
        Done => SessionWriteStatus.Written,
        Conflict => SessionWriteStatus.Conflict,
        Taken => SessionWriteStatus.Taken,
        Full => SessionWriteStatus.Full,
        _ => SessionWriteStatus.Gone,
    };
}

/// <summary>A Lua script with the digest under which the server keeps it.</summary>
internal sealed class RedisScript
{
    private RedisScript? _keeping;

    public RedisScript(string text)
    {
        Text = text;
#pragma warning disable CA5350 // Redis names scripts by SHA-1.
        Digest = SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350
    }

    public string Text { get; }

    public byte[] Digest { get; }

    /// <summary>Whether it changes a record or its expiry.</summary>
    public bool ChangesRecords { get; init; }

    /// <summary>The script that also keeps copies of the records (<see cref="RedisCommands.KeepingText"/>); null where it changes none.</summary>
    public RedisScript? Keeping => ChangesRecords ? _keeping ??= new RedisScript(RedisCommands.KeepingText(Text)) { IsRead = IsRead } : null;

    /// <summary>Whether it reads a record, which without its arguments it does not extend.</summary>
    public bool IsRead { get; init; }
}
