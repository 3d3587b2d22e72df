namespace SessionStores.Redis;

/// <remarks>The scripts that write a new session of a subject, and the same with a cap on how many it has (single server): they have two more arguments, 8 the
/// most sessions and 9 '1' to end the oldest, and return 5 when the subject has too many.</remarks>
internal static partial class RedisCommands
{
    /// <summary>The subject of a value, also where it has escapes or was moved by a peer; nil without one, false for a value that is no JSON object.</summary>
    private const string Owner = """
        local function owner(value)
          local name = subject(value)
          if name then return name end
          local read, session = pcall(cjson.decode, value)
          return read and type(session) == 'table' and session.__subject
        end
        """;

    /// <summary>Makes room for a session if the cap allows it. Sessions are counted whose record is live and has this subject, which the server reads in the value.
    /// One whose instant is not known joined before all others.</summary>
    private const string Admit = $$"""
        {{Drop}}
        {{Owner}}
        local function admit(index, prefix, name, own, most, ends)
          local order = {}
          for place, id in ipairs(redis.call('ZRANGE', index .. '\1', 0, -1)) do order[id] = place end
          local members = {}
          for _, id in ipairs(redis.call('ZRANGE', index, 0, -1)) do
            local key = prefix .. id
            local value = key ~= own and redis.pcall('GET', key)
            if type(value) == 'string' and not null(value) and held(key) and owner(value) == name then
              members[#members + 1] = {order[id] or 0, id}
            end
          end
          if #members < most then return true end
          if not ends then return false end
          table.sort(members, function(a, b) if a[1] ~= b[1] then return a[1] < b[1] end return a[2] < b[2] end)
          for i = 1, #members - most + 1 do
            drop(prefix .. members[i][2])
            leave(index, members[i][2])
          end
          return true
        end
        """;

    private static readonly RedisScript CreateCapped = Changing(CreateText($"""
        {Null}
        {Subject}
        {Admit}
        if not admit(KEYS[3], ARGV[6], string.sub(KEYS[3], #ARGV[7] + 1), nil, tonumber(ARGV[8]), ARGV[9] == '1') then return {Full} end
        """));

    private static readonly RedisScript ReplaceCapped = Changing(ReplaceText(AdmissionOf("KEYS[2]")));

    private static readonly RedisScript RotateCapped = Changing(RotateText(AdmissionOf("KEYS[5]")));

    /// <summary>The script that does the same with a cap.</summary>
    public static RedisScript Capped(RedisScript script) => script == Create ? CreateCapped : script == ReplaceIndexed ? ReplaceCapped : RotateCapped;

    private static string AdmissionOf(string index) => $"""
        {Admit}
        local who = string.sub({index}, #ARGV[7] + 1)
        if owner(value) ~= who and not admit({index}, ARGV[6], who, KEYS[1], tonumber(ARGV[8]), ARGV[9] == '1') then return {Full} end
        """;

    private static string CreateText(string admission) => $"""
        -- KEYS: 1 record, 2 link of the id, 3 index of the subject, absent without one
        -- ARGV: 1 value, 2 idle time, 3 end, 4 '1' to store no expiry, 5 expected value or '', 6 prefix of records, absent on a cluster
        {Now}
        {Text}
        {Held}
        {Store}
        local isHeld = held(KEYS[1])
        if ARGV[5] ~= '' and not isHeld then return 2 end
        if isHeld and (ARGV[5] == '' or redis.call('GET', KEYS[1]) ~= ARGV[5]) then return 3 end
        {admission}
        store(KEYS[1], KEYS[3], true)
        redis.call('DEL', KEYS[2])
        return 0
        """;

    private static string ReplaceText(string admission) => $$"""
        -- KEYS: 1 record, 2 index of the new subject, absent without one
        -- ARGV: 1 value, 2 idle time, 3 end, 4 '1' to store no expiry, 5 expected value or '', 6 prefix of records, 7 prefix of indexes; 6 and 7 absent on a cluster
        {{Now}}
        {{Text}}
        {{Held}}
        {{Live}}
        {{Store}}
        {{Untrack}}
        local value = live(KEYS[1])
        if not value then return 2 end
        if ARGV[5] ~= '' and value ~= ARGV[5] then return 1 end
        local name = ARGV[7] and KEYS[2] and subject(value)
        local anew = name and ARGV[7] .. name ~= KEYS[2]
        {{admission}}
        local entered = store(KEYS[1], KEYS[2], anew)
        if not ARGV[7] and ARGV[5] == '' then return {0, value} end
        untrack(ARGV[7], ARGV[6], KEYS[1], value, entered)
        return 0
        """;

    private static string RotateText(string admission) => $"""
        -- KEYS: 1 record, 2 record under the new id, 3 link of the old id, 4 link of the new id, 5 index of the subject, absent without one
        -- ARGV: 1 value, 2 idle time, 3 end, 4 '1' to store no expiry, 5 expected value or '', 6 prefix of records, 7 prefix of indexes
        {Now}
        {Text}
        {Held}
        {Live}
        {Store}
        {Untrack}
        {Link}
        local value = live(KEYS[1])
        if not value then return 2 end
        if ARGV[5] ~= '' and value ~= ARGV[5] then return 1 end
        if held(KEYS[2]) then return 3 end
        {admission}
        local name = subject(value)
        local joined = KEYS[5] and (not name or ARGV[7] .. name == KEYS[5]) and redis.pcall('ZSCORE', KEYS[5] .. '\1', string.sub(KEYS[1], #ARGV[6] + 1))
        local entered = store(KEYS[2], KEYS[5], true)
        if type(joined) == 'string' and entered then redis.call('ZADD', KEYS[5] .. '\1', joined, string.sub(KEYS[2], #ARGV[6] + 1)) end
        redis.call('DEL', KEYS[1], KEYS[4])
        untrack(ARGV[7], ARGV[6], KEYS[1], value)
        link(KEYS[3], string.sub(KEYS[2], #ARGV[6] + 1))
        return 0
        """;
}
