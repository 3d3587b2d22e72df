using MongoDB.Bson;
using MongoDB.Driver;
using Npgsql;
using SessionStores.Backends;

[assembly: AssemblyFixture(typeof(SessionStores.MongoGateway.Tests.GatewayFixture))]

namespace SessionStores.MongoGateway.Tests;

/// <summary>One gateway for the run, in front of DocumentDB in a container.</summary>
public sealed class GatewayFixture : IAsyncLifetime
{
    private string? _reason;
    private MongoBackend? _backend;
    private MongoClient? _client;

    public async ValueTask InitializeAsync()
    {
        _reason = await ContainerEngine.WhyNotAsync(ContainerImages.DocumentDb, CancellationToken.None);
        if (_reason is not null)
            return;
        _backend = await MongoBackend.StartGatewayAsync(hostNetwork: false, CancellationToken.None);
        _client = new MongoClient(_backend.ConnectionString);
    }

    /// <summary>The client; skips the test where DocumentDB cannot be started.</summary>
    public MongoClient Client
    {
        get
        {
            Assert.SkipWhen(_client is null, _reason ?? "");
            return _client!;
        }
    }

    /// <summary>A collection under a name of its own.</summary>
    public IMongoCollection<BsonDocument> NewCollection() => Client.GetDatabase("gateway").GetCollection<BsonDocument>($"c{ObjectId.GenerateNewId()}");

    /// <summary>A gateway that a test can stop.</summary>
    public async Task<MongoBackend> StartOwnAsync()
    {
        Assert.SkipWhen(_client is null, _reason ?? "");
        return await MongoBackend.StartGatewayAsync(hostNetwork: false, CancellationToken.None);
    }

    /// <summary>A connection to PostgreSQL, past the gateway.</summary>
    public static async Task<NpgsqlConnection> ConnectToPostgresAsync()
    {
        var connection = new NpgsqlConnection(PostgresServers.ConnectionStringOf(Backends.MongoGateway.Container!.Port));
        await connection.OpenAsync();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_backend is not null)
            await _backend.DisposeAsync();
    }
}
