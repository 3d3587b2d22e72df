using MongoDB.Bson;
using MongoDB.Driver;
using SessionStores.Backends;
using SessionStores.Conformance;

namespace SessionStores.Mongo.Tests;

/// <summary>A server of its own behind a proxy that can cut connections.</summary>
public sealed class MongoServerFaults(MongoBackend backend) : IServerFaults
{
    private readonly TcpFault _proxy = TcpFault.Start(backend.Server);

    public IReadOnlySet<ServerFault> Offered { get; } = new HashSet<ServerFault>
    {
        ServerFault.Stopped, ServerFault.Killed, ServerFault.Hanging, ServerFault.DropAfterSend, ServerFault.Disconnected,
    };

    public bool KeepsWrites => true;

    public async ValueTask<ISessionStore> CreateStoreAsync(string @namespace, StoreSettings settings)
    {
        var options = MongoFixture.OptionsOf(settings);
        options.Database = "faults";
        options.Collection = @namespace;

        // The driver shares connections between clients of equal settings, so without a name of its own a store would begin with those
        // that the fault before it has broken.
        var store = new MongoStore($"mongodb://{_proxy.Host}:{_proxy.Port}/?directConnection=true&appName={@namespace}", options, MongoFixture.LoggerOf(settings));
        await store.SetUpAsync();
        return store;
    }

    public async ValueTask BeginAsync(ServerFault fault)
    {
        switch (fault)
        {
            case ServerFault.Stopped:
                await backend.StopAsync();
                break;
            case ServerFault.Killed:
                await backend.KillAsync();
                break;
            case ServerFault.Hanging:
                _proxy.Hang();
                break;
            case ServerFault.DropAfterSend:
                _proxy.DropBeforeReply();
                break;
            case ServerFault.Disconnected:
                _proxy.CutAll();
                break;
            default:
                throw new NotSupportedException($"{fault} is not offered.");
        }
    }

    public async ValueTask EndAsync(ServerFault fault)
    {
        if (fault is ServerFault.Stopped or ServerFault.Killed)
            await backend.RestartAsync();

        _proxy.PassThrough();

        // A server can greet before it can read and write.
        using var client = new MongoClient(backend.ConnectionString);
        var collection = client.GetDatabase("faults").GetCollection<BsonDocument>("ready");
        await Wait.UntilAsync(
            async token =>
            {
                try
                {
                    await ConnectMongo.SetAsync(collection, "ready", "", expiresAt: null).WaitAsync(TimeSpan.FromSeconds(5), token);
                    return true;
                }
                catch (Exception exception) when (exception is MongoException or TimeoutException)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(30),
            "the server takes commands");
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await backend.DisposeAsync();
    }
}
