using SessionStores.Backends;
using SessionStores.Mongo;

namespace SessionStores.Reliability.Tests;

internal static partial class Nemeses
{
    private const string Mongo = "DocumentDB (MongoDB's protocol)";

    public static IEnumerable<Nemesis> OfMongo =>
    [
        new() { Server = Mongo, Fault = "clocks of the nodes 14 minutes apart", Without = NotInOneStep, Start = StartMongoAsync, Strike = DoNothingAsync },
        new() { Server = Mongo, Fault = "killed and restarted", Without = NotInOneStep, Start = StartMongoAsync, Strike = KillAndRestartAsync },
        new() { Server = Mongo, Fault = "stopped and continued", Without = NotInOneStep, Start = StartMongoAsync, Strike = FreezeAsync },
        new() { Server = Mongo, Fault = "network drops, halves, delays, cuts", Without = NotInOneStep, Start = StartMongoAsync, Strike = BreakNetworkAsync, Ways = 4 },
    ];

    private static async Task<Target> StartMongoAsync()
    {
        var backend = Target.Available(await MongoBackend.StartAsync(new MongoBackendOptions { Sources = BackendSources.Controlled, Durable = true }));
        var network = TcpFault.Start(backend.Server);
        return new Target(backend, () => OpenMongo(network)) { Network = network };
    }

    // The driver shares connections between clients of equal settings; nodes share none.
    private static MongoStore OpenMongo(TcpFault network) => new(
        $"mongodb://{network.Host}:{network.Port}/reliability?directConnection=true&appName=node{Guid.NewGuid():N}",
        new MongoStoreOptions { OperationTimeout = Patience, WriteConcern = MongoDB.Driver.WriteConcern.WMajority.With(journal: true) });
}
