namespace SessionStores.Backends;

/// <summary>One MongoDB server, or a server that speaks its protocol.</summary>
public sealed class MongoBackend : Backend
{
    private const string BackendName = "mongo";
    private const string Variable = "SESSIONSTORES_MONGO";
    private const string CompatibleVariable = "SESSIONSTORES_MONGO_SERVER";

    private MongoBackend(string description, string connectionString, ServerHandle server, bool isCompatibleServer)
        : base(BackendName, description, connectionString, [server])
    {
        IsCompatibleServer = isCompatibleServer;
    }

    /// <summary>The server.</summary>
    public ServerHandle Server => Servers[0];

    /// <summary>
    /// Whether it is known not to be MongoDB itself but a server that speaks its protocol. A connection string may hide one; see
    /// <see cref="AskVersionAsync"/>.
    /// </summary>
    public bool IsCompatibleServer { get; }

    /// <summary>
    /// Gets a server: from <c>SESSIONSTORES_MONGO</c>, a container, <c>mongod</c> on the PATH, or the compatible server that
    /// <c>SESSIONSTORES_MONGO_SERVER</c> names: a program that takes <c>--port N</c> and <c>--dir D</c>, listens on loopback, and keeps its data in D; or a
    /// whole command line with <c>{port}</c> and, when it keeps data, <c>{dir}</c> in it, such as <c>server --port {port}</c>.
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
                    $"connection string of {Variable}", text, new ExternalServer(BackendName, host, port, Variable), isCompatibleServer: false));
            },
            FromContainer = async search =>
            {
                if (await ContainerEngine.WhyNotAsync(ContainerImages.Mongo, cancellationToken) is { } reason)
                    return search.NotThere(reason);
                var server = await StartContainerAsync(options, cancellationToken);
                return new MongoBackend($"container {ContainerImages.Mongo}", ConnectionStringOf(server), server, isCompatibleServer: false);
            },
            FromBinary = search => FromBinaryAsync(search, options, cancellationToken),
        }.RunAsync();
    }

    /// <summary>What the server says about itself: the <c>version</c> of <c>buildInfo</c>, and the names of fields that tell a product apart.</summary>
    public Task<string> AskVersionAsync(CancellationToken cancellationToken = default) =>
        MongoWire.AskVersionAsync(Server.Host, Server.Port, cancellationToken);

    private static string ConnectionStringOf(ServerHandle server) => $"mongodb://{server.Host}:{server.Port}";

    private static async Task<MongoBackend?> FromBinaryAsync(
        BackendAcquisition<MongoBackend> search, MongoBackendOptions options, CancellationToken cancellationToken)
    {
        if (Executable.Find("mongod") is { } mongod)
        {
            var server = await StartProcessAsync(
                (port, folder) => [mongod, "--bind_ip", "127.0.0.1", "--port", $"{port}", "--dbpath", folder, "--nounixsocket", .. options.Arguments],
                options, cancellationToken);
            return new MongoBackend(
                $"local binary {await Executable.DescribeAsync(mongod)}", ConnectionStringOf(server), server, isCompatibleServer: false);
        }

        if (Environment.GetEnvironmentVariable(CompatibleVariable) is not { Length: > 0 } text)
            return search.NotThere($"mongod is not on the PATH, and {CompatibleVariable} names no compatible server");
        var words = (text.Contains("{port}", StringComparison.Ordinal) ? text : $"{text} --port {{port}} --dir {{dir}}").Split(' ');
        if (Executable.Find(words[0]) is not { } compatible)
            return search.NotThere($"{CompatibleVariable} names {words[0]}, which is not there");
        var other = await StartProcessAsync(
            (port, folder) => [compatible, .. words.Skip(1).Select(word => word.Replace("{port}", $"{port}").Replace("{dir}", folder))],
            options, cancellationToken);
        return new MongoBackend(
            $"compatible server {Path.GetFileName(compatible)}", ConnectionStringOf(other), other, isCompatibleServer: true);
    }

    private static async Task<ServerHandle> StartProcessAsync(
        Func<int, string, IReadOnlyList<string>> commandLine, MongoBackendOptions options, CancellationToken cancellationToken)
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
