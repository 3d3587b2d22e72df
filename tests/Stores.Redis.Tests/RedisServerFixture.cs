using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SessionStores.Backends;
using SessionStores.Conformance;
using SessionStores.Tests;
using StackExchange.Redis;

namespace SessionStores.Redis.Tests;

/// <summary>What the fixtures of a single server and of a cluster have in common.</summary>
public abstract class RedisServerFixture<TBackend> : SessionStoreFixture
    where TBackend : Backend
{
    private readonly Lazy<Task<BackendLease<TBackend>>> _lease;
    private readonly Lazy<Task<IConnectionMultiplexer>> _connection;

    protected RedisServerFixture(Func<Task<BackendLease<TBackend>>> start)
    {
        _lease = new(start);
        _connection = new(async () => await ConnectionMultiplexer.ConnectAsync((await _lease.Value).Backend.ConnectionString + ",syncTimeout=30000"));
    }

    public override StoreCapabilities Capabilities =>
        StoreCapabilities.Enumeration | StoreCapabilities.Subjects | StoreCapabilities.Caps | StoreCapabilities.Epochs | StoreCapabilities.Pruning | StoreCapabilities.SharedData | StoreCapabilities.Logs | StoreCapabilities.Successors
        | StoreCapabilities.PeerWrites | StoreCapabilities.UnreadableRecords | StoreCapabilities.StoredCount
        | StoreCapabilities.NodeClock | StoreCapabilities.Registration | StoreCapabilities.InvalidRegistration | StoreCapabilities.UnreachableRegistration;

    public override string? UnavailableReason => _lease.Value.Result is { IsAvailable: false } lease ? lease.Reason : null;

    public override string ClientVersion => $"StackExchange.Redis {typeof(ConnectionMultiplexer).Assembly.GetName().Version?.ToString(3)}";

    public override string? ServerVersion => _lease.Value.Result is { IsAvailable: true } lease ? lease.Backend.Description : null;

    public override int RaceRounds => 100;

    /// <summary>The servers, for tests beyond the kit; skips the test when there are none.</summary>
    public async Task<TBackend> BackendAsync()
    {
        var lease = await _lease.Value;
        Assert.SkipUnless(lease.IsAvailable, lease.Reason);
        return lease.Backend;
    }

    /// <summary>A connection that all stores of the run share.</summary>
    public async Task<IConnectionMultiplexer> ConnectionAsync()
    {
        await BackendAsync();
        return await _connection.Value;
    }

    /// <summary>Makes a store under a prefix of its own.</summary>
    public async Task<RedisStore> StoreAsync(Action<RedisStoreOptions>? configure = null)
    {
        var options = new RedisStoreOptions { KeyPrefix = $"t{Interlocked.Increment(ref Names.Last)}:" };
        configure?.Invoke(options);
        return new RedisStore(await ConnectionAsync(), options);
    }

    public override async ValueTask<ISessionStore> CreateStoreAsync(string @namespace, StoreSettings settings) =>
        new RedisStore(await _connection.Value, Names.OptionsOf(@namespace, settings), Names.LoggerOf(settings));

    public override async ValueTask<DateTimeOffset> GetServerTimeAsync()
    {
        var multiplexer = await _connection.Value;
        return await multiplexer.GetServer(multiplexer.GetEndPoints()[0]).TimeAsync();
    }

    public override async ValueTask WriteAsPeerAsync(string @namespace, string id, ReadOnlyMemory<byte> payload, DateTimeOffset expiresAt) =>
        await (await _connection.Value).GetDatabase().ExecuteAsync(
            "SET", (RedisKey)$"{@namespace}:{id}", payload.ToArray(), "PXAT", $"{expiresAt.ToUnixTimeMilliseconds()}");

    public override async ValueTask PlantUnreadableAsync(string @namespace, string id) =>
        await (await _connection.Value).GetDatabase().StringSetAsync($"{@namespace}:{id}", "not json", TimeSpan.FromHours(1));

    public override async ValueTask<long> CountStoredAsync(string @namespace)
    {
        long count = 0;
        foreach (var primary in await PrimariesAsync((await _lease.Value).Backend))
        {
            using (primary)
            {
                count += ((object?[])(await primary.SendAsync("KEYS", $"{@namespace}:*"))!).Length;
                foreach (var index in (object?[])(await primary.SendAsync("KEYS", $"subject:{@namespace}:*"))!)
                    count += (long)(await primary.SendAsync("ZCARD", (string)index!))!;
            }
        }

        return count;
    }

    public override ISessionStoresBuilder Register(ISessionStoresBuilder builder, string @namespace) =>
        builder.UseRedis(_lease.Value.Result.Backend.ConnectionString, options => options.KeyPrefix = $"{@namespace}:");

    public override void RegisterInvalid(ISessionStoresBuilder builder) => builder.UseRedis("localhost", options => options.ScanCount = 0);

    public override void RegisterUnreachable(ISessionStoresBuilder builder) =>
        builder.UseRedis("127.0.0.1:1", options => options.OperationTimeout = TimeSpan.FromSeconds(1));

    /// <summary>A plain connection to each primary.</summary>
    protected abstract Task<IReadOnlyList<RespClient>> PrimariesAsync(TBackend backend);

    protected override async ValueTask StartAsync() => await _lease.Value;

    protected override async ValueTask StopAsync()
    {
        if (_connection.IsValueCreated && _connection.Value.IsCompletedSuccessfully)
            (await _connection.Value).Dispose();

        if (_lease.IsValueCreated)
            await (await _lease.Value).DisposeAsync();
    }
}

internal static class Names
{
    public static int Last;

    public static RedisStoreOptions OptionsOf(string @namespace, StoreSettings settings)
    {
        var options = new RedisStoreOptions { KeyPrefix = $"{@namespace}:", ShareRoundTrips = SharingMode.Shares, SharesAlways = SharingMode.SharesAlways };
        if (settings.MaxPayloadBytes is { } limit)
            options.MaxPayloadBytes = limit;

        if (settings.CommandTimeout is { } timeout)
            options.OperationTimeout = timeout;

        return options;
    }

    public static ILogger<RedisStore>? LoggerOf(StoreSettings settings) => settings.Log is { } log ? new ForwardingLogger<RedisStore>(log) : null;
}
