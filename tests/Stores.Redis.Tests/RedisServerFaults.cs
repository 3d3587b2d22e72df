using SessionStores.Backends;
using SessionStores.Conformance;
using StackExchange.Redis;

namespace SessionStores.Redis.Tests;

/// <summary>A server of its own behind a proxy, for the fault cases. Each write is on the disk before it is answered.</summary>
internal sealed class RedisServerFaults : IServerFaults
{
    private readonly BackendLease<RedisBackend> _lease;
    private readonly TcpFault _network;

    private RedisServerFaults(BackendLease<RedisBackend> lease)
    {
        _lease = lease;
        _network = TcpFault.Start(lease.Backend.Server);
    }

    public IReadOnlySet<ServerFault> Offered { get; } = new HashSet<ServerFault>
    {
        ServerFault.Stopped, ServerFault.Killed, ServerFault.Hanging, ServerFault.ReadOnly, ServerFault.DropAfterSend, ServerFault.Disconnected,
        ServerFault.ForgottenScripts,
    };

    public bool KeepsWrites => true;

    public RedisBackend Backend => _lease.Backend;

    public TcpFault Network => _network;

    public static async Task<RedisServerFaults?> StartAsync(string? password = null, string? maxMemory = null)
    {
        var lease = await RedisBackend.StartAsync(new RedisBackendOptions
        {
            Sources = BackendSources.Controlled, Durable = maxMemory is null, Password = password, MaxMemory = maxMemory,
        });
        if (lease.IsAvailable)
            return new RedisServerFaults(lease);

        await lease.DisposeAsync();
        return null;
    }

    public ValueTask<ISessionStore> CreateStoreAsync(string @namespace, StoreSettings settings) =>
        new(new RedisStore(Configuration, Names.OptionsOf(@namespace, settings), Names.LoggerOf(settings)));

    /// <summary>Only the store's own limit ends a call: the client's is far away.</summary>
    public ConfigurationOptions Configuration => new() { EndPoints = { { _network.Host, _network.Port } }, AsyncTimeout = 600_000 };

    public async ValueTask BeginAsync(ServerFault fault)
    {
        switch (fault)
        {
            case ServerFault.Stopped:
                await Backend.StopAsync();
                break;
            case ServerFault.Killed:
                await Backend.KillAsync();
                break;
            case ServerFault.Hanging:
                await Backend.PauseAsync();
                break;
            case ServerFault.ReadOnly:
                await SendAsync("REPLICAOF", "127.0.0.1", "1");
                break;
            case ServerFault.DropAfterSend:
                _network.DropBeforeReply();
                break;
            case ServerFault.Disconnected:
                _network.CutAll();
                break;
            case ServerFault.ForgottenScripts:
                await SendAsync("SCRIPT", "FLUSH");
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(fault), fault, "Not offered.");
        }
    }

    public async ValueTask EndAsync(ServerFault fault)
    {
        switch (fault)
        {
            case ServerFault.Stopped or ServerFault.Killed:
                await Backend.RestartAsync();
                break;
            case ServerFault.Hanging:
                await Backend.ResumeAsync();
                break;
            case ServerFault.ReadOnly:
                await SendAsync("REPLICAOF", "NO", "ONE");
                break;
            case ServerFault.DropAfterSend:
                _network.PassThrough();
                break;
        }
    }

    public async Task<object?> SendAsync(params string[] command)
    {
        using var client = await Backend.ConnectAsync();
        return await client.SendAsync(command);
    }

    /// <summary>Whether the server has compare-and-set commands (Valkey 8.1, Redis 8.4).</summary>
    public async Task<bool> ComparesAndSetsAsync()
    {
        try
        {
            await SendAsync("SET", "none", "a", "IFEQ", "b");
            return true;
        }
        catch (RespErrorException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _network.DisposeAsync();
        await _lease.DisposeAsync();
    }
}
