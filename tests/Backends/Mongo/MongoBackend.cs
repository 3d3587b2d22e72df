namespace SessionStores.Backends;

/// <summary>One MongoDB server, or a server that speaks its protocol; the description says which.</summary>
public sealed class MongoBackend : Backend
{
    private const string BackendName = "mongo";
    private const string Variable = "SESSIONSTORES_MONGO";

    private MongoBackend(string description, string connectionString, ServerHandle server)
        : base(BackendName, description, connectionString, [server])
    {
    }

    /// <summary>The server.</summary>
    public ServerHandle Server => Servers[0];

    /// <summary>
    /// Gets a server: from <c>SESSIONSTORES_MONGO</c>, a container of MongoDB, a container of DocumentDB behind our gateway where there is no
    /// image of MongoDB, or <c>mongod</c> on the PATH.
    /// </summary>
    /// <exception cref="BackendUnavailableException">There is none, and <c>SESSIONSTORES_REQUIRE</c> names <c>mongo</c>.</exception>
    /// <exception cref="BackendStartException">There is one, but it did not start.</exception>
    public static Task<BackendLease<MongoBackend>> StartAsync(
        MongoBackendOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new MongoBackendOptions();
        return new BackendAcquisition<MongoBackend>(BackendName, options)
        {
            FromConnectionString = search =>
            {
                if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } text)
                    return Task.FromResult(search.NotThere($"{Variable} is not set"));
                var (host, port) = FirstServer(text);
                return Task.FromResult<MongoBackend?>(new MongoBackend(
                    $"connection string of {Variable}", text, new ExternalServer(BackendName, host, port, Variable)));
            },
            FromContainer = async search =>
            {
                if (await ContainerEngine.WhyNotAsync(ContainerImages.Mongo, cancellationToken) is not { } noMongo)
                    return Create($"container {ContainerImages.FullName(ContainerImages.Mongo)}", await StartContainerAsync(options, cancellationToken));
                if (options.NeedsOwnServer || await ContainerEngine.WhyNotAsync(ContainerImages.DocumentDb, cancellationToken) is not null)
                    return search.NotThere(noMongo);
                return await StartGatewayAsync(options, cancellationToken);
            },
            FromBinary = async search =>
            {
                if (Executable.Find("mongod") is not { } mongod)
                    return search.NotThere("mongod is not on the PATH");
                var server = await StartProcessAsync(
                    (port, folder) => [mongod, "--bind_ip", "127.0.0.1", "--port", $"{port}", "--dbpath", folder, "--nounixsocket", .. options.Arguments],
                    new Dictionary<string, string>(), options, cancellationToken);
                return Create("local binary mongod", server);
            },
        }.RunAsync();
    }

    private protected override async Task<string> ReadVersionAsync(CancellationToken cancellationToken) => $"MongoDB {await AskVersionAsync(cancellationToken)}";

    /// <summary>What the server says about itself: the <c>version</c> of <c>buildInfo</c>, and the names of fields that tell a product apart.</summary>
    public Task<string> AskVersionAsync(CancellationToken cancellationToken = default) =>
        MongoWire.AskVersionAsync(Server.Host, Server.Port, cancellationToken);

    /// <summary>Starts a gateway of its own, and the container that all gateways share.</summary>
    internal static async Task<MongoBackend> StartGatewayAsync(MongoBackendOptions options, CancellationToken cancellationToken)
    {
        var gateway = await StartProcessAsync(MongoGateway.CommandLine, await MongoGateway.EnvironmentAsync(), options, cancellationToken);
        return Create($"{nameof(MongoGateway)} to container {ContainerImages.FullName(ContainerImages.DocumentDb)}", gateway);
    }

    private static MongoBackend Create(string source, ServerHandle server) => new(source, $"mongodb://{server.Host}:{server.Port}", server);

    private static async Task<ServerHandle> StartProcessAsync(
        Func<int, string, IReadOnlyList<string>> commandLine, IReadOnlyDictionary<string, string> environment,
        MongoBackendOptions options, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = PortReservation.Take();
            var folder = await TemporaryFolder.CreateAsync(ServerUser.Current);
            var spec = new ProcessServerSpec
            {
                Name = BackendName,
                Port = port,
                Folder = folder,
                User = ServerUser.Current,
                CommandLine = commandLine(port.Port, folder.FullPath),
                Environment = environment,
                IsReady = token => MongoWire.AnswersAsync("127.0.0.1", port.Port, token),
                StartDeadline = options.StartDeadline,
            };
            try
            {
                return await ProcessServer.StartAsync(spec, cancellationToken);
            }
            catch (BackendStartException exception) when (attempt < 5 && exception.Message.Contains("ddress already in use", StringComparison.Ordinal))
            {
            }
        }
    }

    private static Task<ServerHandle> StartContainerAsync(MongoBackendOptions options, CancellationToken cancellationToken)
    {
        var port = PortReservation.Take();
        var spec = new ContainerServerSpec
        {
            Name = BackendName,
            Port = port,
            Image = ContainerImages.Mongo,
            CommandLine = ["mongod", "--bind_ip_all", "--port", $"{port.Port}", .. options.Arguments],
            IsReady = token => MongoWire.AnswersAsync("127.0.0.1", port.Port, token),
            StartDeadline = options.StartDeadline,
        };
        return ContainerServer.StartAsync(spec, cancellationToken);
    }

    // mongodb://user:password@host:port,host:port/database?options; the driver reads the rest.
    private static (string Host, int Port) FirstServer(string connectionString)
    {
        var rest = connectionString[(connectionString.IndexOf("://", StringComparison.Ordinal) + 3)..].Split('/', '?')[0];
        return HostAndPort.Parse(rest[(rest.LastIndexOf('@') + 1)..].Split(',')[0], 27017);
    }
}
