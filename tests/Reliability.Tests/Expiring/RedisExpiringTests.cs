using SessionStores.Backends;
using StackExchange.Redis;

namespace SessionStores.Reliability.Tests.Expiring;

public sealed class RedisExpiringTests(ITestOutputHelper output) : ExpiringTests(output)
{
    protected override string Store => "Redis";

    protected override async Task<(Backend Server, string Connection)> StartAsync()
    {
        var backend = Target.Available(await RedisBackend.StartAsync(new RedisBackendOptions { Sources = BackendSources.Controlled }));
        return (backend, backend.ConnectionString);
    }

    protected override async Task<long> CountAsync(string connection)
    {
        await using var server = await ConnectionMultiplexer.ConnectAsync(connection);
        return await server.GetDatabase().SortedSetLengthAsync("expiring:sess:");
    }
}
