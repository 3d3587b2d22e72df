using SessionStores.Backends;

[assembly: AssemblyFixture(typeof(SessionStores.Tool.Tests.ServersFixture))]

namespace SessionStores.Tool.Tests;

/// <summary>The servers of all tests. Each test has a place of its own there.</summary>
public sealed class ServersFixture : IAsyncLifetime
{
    private Task<BackendLease<RedisBackend>>? _redis;
    private Task<BackendLease<PostgresBackend>>? _postgres;
    private Task<BackendLease<MongoBackend>>? _mongo;

    public async Task<RedisBackend> RedisAsync() => Backend(await _redis!);

    public async Task<PostgresBackend> PostgresAsync() => Backend(await _postgres!);

    /// <summary>The options of a command for a place that no other test uses.</summary>
    public async Task<string[]> ArgumentsAsync(string store) => store switch
    {
        "redis" => Arguments(store, (await RedisAsync()).ConnectionString, $"KeyPrefix={OwnPlace.NewName("test")}:"),
        "postgres" => Arguments(store, await (await PostgresAsync()).CreateDatabaseAsync()),
        _ => Arguments(store, Backend(await _mongo!).NewDatabase()),
    };

    /// <summary>The options of a command, with patience for a busy machine.</summary>
    public static string[] Arguments(string store, string connection, params string[] options) =>
        ["--store", store, "--connection", connection, .. options.Append("OperationTimeout=00:00:30").SelectMany(option => new[] { "--option", option })];

    public ValueTask InitializeAsync()
    {
        _redis = RedisBackend.StartAsync();
        _postgres = PostgresBackend.StartAsync(new PostgresBackendOptions { Durable = false });
        _mongo = MongoBackend.StartAsync();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await (await _redis!).DisposeAsync();
        await (await _postgres!).DisposeAsync();
        await (await _mongo!).DisposeAsync();
    }

    private static T Backend<T>(BackendLease<T> lease)
        where T : Backend
    {
        Assert.SkipUnless(lease.IsAvailable, lease.Reason);
        return lease.Backend;
    }
}
