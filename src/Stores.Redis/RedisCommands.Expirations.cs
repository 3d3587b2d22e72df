namespace SessionStores.Redis;

/// <remarks>Expired sessions that are claimed (single server, <see cref="RedisStoreOptions.KeepExpired"/>): a sorted set of ids by expiry, and a hash with a copy of each record, since
/// the server removes an expired record without a trace. What a claim hands out is in both under the name of the claim, which no id is: it begins with U+0001.</remarks>
internal static partial class RedisCommands
{
    /// <summary>The prefix of the sorted set, and of the hash, whose key ends with U+0001.</summary>
    public const string ExpiringPrefix = "expiring:";

    /// <summary>Removes a record that ends before its expiry. Where copies are kept, its copy too.</summary>
    private const string Drop = """
        local function drop(key) redis.call('DEL', key) end
        """;

    /// <summary>Hands out sessions whose time is over, and claims whose lease is over. Returns how many entries it looked at, then for each session the claim, the copy, the expiry,
    /// the id and how often it was claimed. An entry whose record lives longer than it says was extended by a peer.</summary>
    public static readonly RedisScript ClaimExpired = new($$"""
        -- KEYS: 1 ids by expiry, 2 copies
        -- ARGV: 1 most entries, 2 lease, 3 name of the claim or '' to remove what is found, 4 prefix of records
        {{Now}}
        {{Text}}
        local function remove(entry)
          redis.call('ZREM', KEYS[1], entry)
          redis.call('HDEL', KEYS[2], entry)
        end
        local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. text(now), 'WITHSCORES', 'LIMIT', 0, ARGV[1])
        local claimed = {#due / 2}
        for i = 1, #due, 2 do
          local entry = due[i]
          local copy = redis.call('HGET', KEYS[2], entry)
          local count, id = string.match(entry, '^\1(%d+):[^:]*:(.*)$')
          local expired = due[i + 1]
          local key = ARGV[4] .. entry
          local current = id and -2 or redis.call('PEXPIRETIME', key)
          local value = current >= now and redis.pcall('GET', key)
          if type(value) == 'string' then
            redis.call('ZADD', KEYS[1], text(current), entry)
            redis.call('HSET', KEYS[2], entry, value)
          else
            remove(entry)
            if copy and current ~= -1 and ARGV[3] ~= '' then
              if id then expired, copy = string.match(copy, '^(%d+):(.*)$') end
              id = id or entry
              count = (count or 0) + 1
              local claim = '\1' .. count .. ':' .. ARGV[3] .. ':' .. id
              redis.call('ZADD', KEYS[1], text(now + ARGV[2]), claim)
              redis.call('HSET', KEYS[2], claim, expired .. ':' .. copy)
              claimed[#claimed + 1] = {claim, copy, expired, id, count}
            end
          end
        end
        return claimed
        """);

    /// <summary>Removes claims, and leaves what another claim has.</summary>
    public static readonly RedisScript ConfirmExpired = new("""
        -- KEYS: 1 ids by expiry, 2 copies
        -- ARGV: claims
        for _, claim in ipairs(ARGV) do
          redis.call('ZREM', KEYS[1], claim)
          redis.call('HDEL', KEYS[2], claim)
        end
        return #ARGV
        """);

    /// <summary>A script that changes records, and keeps their copies in the same step. A record that had expired before, and is not written, keeps its copy, which is to be claimed.</summary>
    /// <param name="script">The text of the script, which returns once it is done.</param>
    public static string KeepingText(string script) => $$"""
        -- KEYS: those of the script, then ids by expiry and copies
        local copies, queue = table.remove(KEYS), table.remove(KEYS)
        local prefix = string.sub(queue, {{ExpiringPrefix.Length + 1}})
        local function idOf(key) return string.sub(key, #prefix + 1) end
        local function forget(key)
          redis.call('ZREM', queue, idOf(key))
          redis.call('HDEL', copies, idOf(key))
        end
        local function drop(key)
          redis.call('DEL', key)
          forget(key)
        end
        local function script()
        {{script.Replace(Drop, "", StringComparison.Ordinal)}}
        end
        local records = {}
        for _, key in ipairs(KEYS) do
          if string.sub(key, 1, #prefix) == prefix then records[key] = {redis.call('PEXPIRETIME', key), redis.pcall('GET', key)} end
        end
        local result = script()
        for key, before in pairs(records) do
          local expires, value = redis.call('PEXPIRETIME', key), redis.pcall('GET', key)
          if expires >= 0 and type(value) == 'string' then
            if expires ~= before[1] or value ~= before[2] then
              redis.call('ZADD', queue, string.format('%.0f', expires), idOf(key))
              redis.call('HSET', copies, idOf(key), value)
            end
          elseif before[1] ~= -2 or expires ~= -2 then
            forget(key)
          end
        end
        return result
        """;
}
