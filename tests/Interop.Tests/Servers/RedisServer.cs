using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using SessionStores.Backends;
using SessionStores.Interop.Tests.Sites;
using SessionStores.Redis;

namespace SessionStores.Interop.Tests.Servers;

internal sealed class RedisServer(RedisBackend backend, RespClient client, int database) : SharedServer("redis")
{
    public override IReadOnlyList<string> OlderStores { get; } = ["connect-redis-6", "connect-redis-7", "connect-redis-8"];

    // The database has no other user.
    public override Task PrepareAsync() => client.SendAsync("SELECT", $"{database}");

    public override JsonObject ToNode(SiteOptions options) => new()
    {
        ["kind"] = options.OlderStore ?? "redis",
        ["url"] = $"redis://{backend.Server.Host}:{backend.Server.Port}/{database}",
    };

    public override void Use(ISessionStoresBuilder builder, SiteOptions options) => builder.UseRedis($"{backend.ConnectionString},defaultDatabase={database}");

    public override async Task<StoredRecord?> FindAsync(string id)
    {
        if (await client.SendAsync("GET", Key(id)) is not string text)
            return null;

        var remaining = (long)(await client.SendAsync("PTTL", Key(id)))!;
        return new StoredRecord(text, remaining < 0 ? null : TimeSpan.FromMilliseconds(remaining));
    }

    public override Task WriteAsync(string id, string text, TimeSpan life) => client.SendAsync("SET", Key(id), text, "PX", Milliseconds(life));

    public override Task SetLifeAsync(string id, TimeSpan life) => client.SendAsync("PEXPIRE", Key(id), Milliseconds(life));

    public override Task RemoveAsync(string id) => client.SendAsync("DEL", Key(id));

    public override ValueTask DisposeAsync()
    {
        client.Dispose();
        return default;
    }

    private static string Key(string id) => $"sess:{id}";

    private static string Milliseconds(TimeSpan life) => ((long)life.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
