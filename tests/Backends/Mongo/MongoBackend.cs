using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.Backends;

/// <summary>One MongoDB server, or a server that speaks its protocol; the description says which.</summary>
public sealed class MongoBackend : Backend
{
    private const string BackendName = "mongo";
    private const string Variable = "SESSIONSTORES_MONGO";
    private readonly bool _isGateway;

    private MongoBackend(string description, ServerHandle server, string? connectionString = null, bool isGateway = false, ServerHandle? behind = null)
        : base(BackendName, description, connectionString ?? $"mongodb://{server.Host}:{server.Port}", behind is null ? [server] : [server, behind]) =>
        _isGateway = isGateway;

    private static string GatewayDescription => $"{nameof(MongoGateway)} to container {ContainerImages.FullName(ContainerImages.DocumentDb)}";

    /// <summary>The server.</summary>
    public ServerHandle Server => Servers[0];

    /// <summary>
    /// Gets a server: from <c>SESSIONSTORES_MONGO</c>, a container of MongoDB, a container of DocumentDB behind our gateway where there is no
    /// image of MongoDB, or <c>mongod</c> on the PATH.
    /// </summary>
    /// <exception cref="BackendUnavailableException">The server is missing, and <c>SESSIONSTORES_REQUIRE</c> names <c>mongo</c>.</exception>
    /// <exception cref="BackendStartException">There is one, but it did not start.</exception>
    public static Task<BackendLease<MongoBackend>> StartAsync(BackendOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new BackendOptions();
        return new BackendAcquisition<MongoBackend>(BackendName, options, cancellationToken)
        {
            Variable = Variable,
            Connect = text =>
            {
                var address = MongoUrl.Create(text).Server;
                var server = new ServerHandle(BackendName, address.Host, address.Port, Variable);
                return Task.FromResult(new MongoBackend($"connection string of {Variable}", server, text));
            },
            Images = [ContainerImages.Mongo, ContainerImages.DocumentDb],
            FindBinary = () => (Executable.Find("mongod"), "mongod is not on the PATH"),
            Start = async source =>
            {
                if (source.Image == ContainerImages.DocumentDb)
                    return options is MongoBackendOptions { Durable: true } ? await StartDurableAsync(cancellationToken) : await StartGatewayAsync(options.HostNetwork, cancellationToken);
                var spec = new ServerSpec
                {
                    Name = BackendName,
                    Command = place =>
                    [
                        "mongod", "--bind_ip", place.Bind, "--port", $"{place.Port}",
                        .. source.IsContainer ? Array.Empty<string>() : ["--dbpath", place.Folder, "--nounixsocket"],
                    ],
                    IsReady = IsReadyAsync,
                };
                return new MongoBackend(source.Describe(), await source.StartAsync(spec, cancellationToken));
            },
        }.RunAsync();
    }

    /// <summary>Starts a gateway of its own, in front of the container that all gateways share.</summary>
    internal static async Task<MongoBackend> StartGatewayAsync(bool hostNetwork, CancellationToken cancellationToken)
    {
        var environment = await MongoGateway.AcquireAsync(hostNetwork);
        try
        {
            return new MongoBackend(GatewayDescription, await StartGatewayAsync(environment, cancellationToken), isGateway: true);
        }
        catch
        {
            await MongoGateway.ReleaseAsync();
            throw;
        }
    }

    /// <summary>Starts a gateway and a container of its own.</summary>
    private static async Task<MongoBackend> StartDurableAsync(CancellationToken cancellationToken)
    {
        var container = await MongoGateway.StartContainerAsync(isDurable: true);
        try
        {
            var server = await StartGatewayAsync(MongoGateway.EnvironmentFor(container), cancellationToken);
            return new MongoBackend(GatewayDescription, server, behind: container);
        }
        catch
        {
            await container.DisposeAsync();
            throw;
        }
    }

    private static Task<ServerHandle> StartGatewayAsync(Dictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var spec = new ServerSpec { Name = BackendName, Command = MongoGateway.CommandFor, Environment = environment, IsReady = IsReadyAsync };
        return new ServerSource("", MongoGateway.Program).StartAsync(spec, cancellationToken);
    }

    /// <summary>The connection string of a database that no other test uses. The server creates it at the first write.</summary>
    public string NewDatabase()
    {
        var url = new MongoUrlBuilder(ConnectionString);
        url.AuthenticationSource ??= url.Username is null ? null : url.DatabaseName ?? "admin";
        url.DatabaseName = $"t{Guid.NewGuid():N}";
        return url.ToString();
    }

    /// <summary>Reads how many commands the server has executed since it started.</summary>
    public async Task<long> CountCommandsAsync(CancellationToken cancellationToken = default) =>
        (await RunAsync(ConnectionString, "serverStatus", cancellationToken))["opcounters"].AsBsonDocument.Elements.Where(counter => counter.Value.IsNumeric).Sum(counter => counter.Value.ToInt64());

    /// <summary>Starts what is behind the gateway before the gateway, which connects at once.</summary>
    public override async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        foreach (var server in Servers.Reverse())
            await server.RestartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<int>> ReadProcessIdsAsync(CancellationToken cancellationToken = default)
    {
        var ids = await base.ReadProcessIdsAsync(cancellationToken);
        return _isGateway ? [.. ids, .. await MongoGateway.Container!.ReadProcessIdsAsync(cancellationToken)] : ids;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_isGateway)
            await MongoGateway.ReleaseAsync();
    }

    internal override async Task<string> ReadVersionAsync(CancellationToken cancellationToken) =>
        $"MongoDB {(await RunAsync(ConnectionString, "buildInfo", cancellationToken))["version"]}";

    private static async Task<bool> IsReadyAsync(int port, CancellationToken cancellationToken) =>
        await RunAsync($"mongodb://127.0.0.1:{port}", "ping", cancellationToken) is not null;

    private static async Task<BsonDocument> RunAsync(string connectionString, string command, CancellationToken cancellationToken)
    {
        var settings = MongoClientSettings.FromConnectionString(connectionString);
        settings.ServerSelectionTimeout = TimeSpan.FromSeconds(2);
        using var client = new MongoClient(settings);
        return await client.GetDatabase("admin").RunCommandAsync<BsonDocument>(new BsonDocument(command, 1), cancellationToken: cancellationToken);
    }
}
