using System.Globalization;
using SessionStores.Redis;
using StackExchange.Redis;

namespace SessionStores.Tool;

/// <summary>What matters of a Redis server: its version, what it does when its memory is full, and what is left after a restart.</summary>
internal static class RedisCheck
{
    private static readonly Version Oldest = new(7, 0);

    public static string Rights(OpenStore store)
    {
        var prefix = store.Setting("KeyPrefix", "sess:");
        var subjects = store.Setting("SubjectPrefix", $"subject:{prefix}");
        var (keys, commands) = bool.TryParse(store.Setting("KeepExpired", "false"), out var keepsExpired) && keepsExpired ? ($" ~expiring:{prefix}*", " +hget +hset +hdel") : ("", "");
        return $"The user needs: ACL SETUSER <user> ~{prefix}* ~{subjects}* ~rotated:{prefix}*{keys} +@connection +info +evalsha +eval +time +get +getrange +set +del +unlink +exists +persist "
            + $"+pexpire +pexpireat +pexpiretime +pttl +scan +zadd +zrem +zrange +zrangebyscore +zscan +zscore{commands} (with MinReplicas also +wait, on a cluster +cluster and ~rotated:{{*}}{prefix}*).";
    }

    public static async Task RunAsync(OpenStore store, CheckReport report, CancellationToken cancellationToken)
    {
        await store.Store.GetAsync(CheckCommand.MissingId, null, cancellationToken);
        report.Ok("connection", store.Description);

        var configuration = RedisConnection.Parse(store.Connection);
        configuration.AllowAdmin = true; // CONFIG GET; the server decides whether the user may
        configuration.AbortOnConnectFail = false;
        await using var connection = await ConnectionMultiplexer.ConnectAsync(configuration);
        var primaries = connection.GetServers().Where(server => server is { IsConnected: true, IsReplica: false }).ToList();
        foreach (var server in primaries)
            await InspectAsync(server, primaries.Count > 1 ? $" {server.EndPoint}" : "", store, report);
    }

    private static async Task InspectAsync(IServer server, string which, OpenStore store, CheckReport report)
    {
        Dictionary<string, string> info;
        try
        {
            info = (await server.InfoAsync()).SelectMany(group => group).GroupBy(line => line.Key).ToDictionary(line => line.Key, line => line.Last().Value);
        }
        catch (RedisException failure)
        {
            report.Warn($"server{which}", $"INFO failed ({failure.GetType().Name}), so the settings of the server are not known.", "Grant +info to the user, or ask who runs the server.");
            return;
        }

        Version(info, which, report);
        Memory(info, which, report);
        await PersistenceAsync(server, info, which, report);
        Replicas(info, which, store, report);
    }

    private static void Version(Dictionary<string, string> info, string which, CheckReport report)
    {
        if (info.TryGetValue("valkey_version", out var valkey))
            report.Ok($"version{which}", $"Valkey {valkey}.");
        else if (!System.Version.TryParse(info.GetValueOrDefault("redis_version"), out var version) || version >= Oldest)
            report.Ok($"version{which}", $"Redis {info.GetValueOrDefault("redis_version", "of an unknown version")}.");
        else
            report.Fail($"version{which}", $"Redis {version} lacks commands that the store needs.", $"Use Redis {Oldest} or later, or Valkey.");
    }

    private static void Memory(Dictionary<string, string> info, string which, CheckReport report)
    {
        var policy = info.GetValueOrDefault("maxmemory_policy", "unknown");
        var limit = long.Parse(info.GetValueOrDefault("maxmemory", "0"), CultureInfo.InvariantCulture);
        var size = limit == 0 ? "no limit" : $"a limit of {limit >> 20:N0} MiB";
        if (policy.StartsWith("allkeys-", StringComparison.Ordinal))
            report.Warn($"memory{which}", $"The policy {policy} with {size} evicts sessions and indexes: users are signed out, and a log-out everywhere can miss sessions.", "CONFIG SET maxmemory-policy noeviction, and give the sessions a server of their own if others need eviction.");
        else if (policy.StartsWith("volatile-", StringComparison.Ordinal) && limit > 0)
            report.Warn($"memory{which}", $"The policy {policy} with {size} evicts sessions when the memory is full: users are signed out.", "CONFIG SET maxmemory-policy noeviction, and watch the memory; or keep it, if that is what you want.");
        else
            report.Ok($"memory{which}", $"The policy is {policy}, with {size}.");
    }

    private static async Task PersistenceAsync(IServer server, Dictionary<string, string> info, string which, CheckReport report)
    {
        var subject = $"persistence{which}";
        if (info.GetValueOrDefault("aof_last_write_status") == "err" || info.GetValueOrDefault("rdb_last_bgsave_status") == "err")
        {
            report.Fail(subject, "The last attempt to write to the disk failed. By default the server then takes no writes.", "Look into the log of the server: the disk may be full.");
        }
        else if (info.GetValueOrDefault("aof_enabled") == "1")
        {
            report.Ok(subject, "Each write goes to the append-only file.");
        }
        else
        {
            string? snapshots;
            try
            {
                snapshots = (await server.ConfigGetAsync("save")).FirstOrDefault().Value;
            }
            catch (RedisException)
            {
                snapshots = null;
            }

            const string appendOnly = "CONFIG SET appendonly yes, and CONFIG REWRITE, keep them.";
            if (snapshots is null)
                report.Warn(subject, "There is no append-only file, and whether there are snapshots is not known: the user has no right to CONFIG GET.", $"Ask who runs the server what is left after a restart. {appendOnly}");
            else if (snapshots.Length == 0)
                report.Warn(subject, "There is neither an append-only file nor a snapshot: a restart of the server signs every user out.", appendOnly);
            else
                report.Ok(subject, $"There are snapshots (save {snapshots}): a crash loses what was written since the last one.");
        }
    }

    private static void Replicas(Dictionary<string, string> info, string which, OpenStore store, CheckReport report)
    {
        var replicas = int.Parse(info.GetValueOrDefault("connected_slaves", "0"), CultureInfo.InvariantCulture);
        var wanted = int.Parse(store.Setting("MinReplicas", "0"), CultureInfo.InvariantCulture);
        if (replicas < wanted)
            report.Fail($"replicas{which}", $"{replicas} replicas are connected, but MinReplicas is {wanted}: writes fail.", "Bring replicas back, or lower MinReplicas.");
        else
            report.Ok($"replicas{which}", $"{replicas} replicas are connected.");
    }
}
