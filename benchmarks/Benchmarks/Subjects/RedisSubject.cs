using SessionStores.Backends;
using SessionStores.Redis;
using StackExchange.Redis;

namespace SessionStores.Benchmarks.Subjects;

/// <summary>RedisStore against GET, SET, SET NX and PEXPIRE of the same client.</summary>
internal sealed class RedisSubject(BackendLease<RedisBackend> lease, ConnectionMultiplexer multiplexer) : Subject
{
    private static readonly TimeSpan Life = TimeSpan.FromHours(1);
    private readonly RedisStore _store = new(multiplexer);
    private readonly IDatabase _database = multiplexer.GetDatabase();

    public override ISessionStore Store => _store;

    public static async Task<Subject?> StartAsync()
    {
        var lease = await RedisBackend.StartAsync();
        return lease.IsAvailable ? new RedisSubject(lease, await ConnectionMultiplexer.ConnectAsync(lease.Backend.ConnectionString)) : null;
    }

    public override Task RawGetAsync() => _database.StringGetAsync("sess:" + Id);

    public override Task RawReplaceAsync() => _database.StringSetAsync("sess:" + Id, Payload, Life);

    public override Task RawCreateAsync() => _database.StringSetAsync("sess:" + NextId(), Payload, Life, When.NotExists);

    public override Task RawTouchAsync() => _database.KeyExpireAsync("sess:" + Id, Life);

    public override async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await multiplexer.CloseAsync();
        await lease.DisposeAsync();
    }
}
