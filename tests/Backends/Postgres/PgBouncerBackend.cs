using Npgsql;

namespace SessionStores.Backends;

/// <summary>
/// PgBouncer in transaction mode in front of a PostgreSQL server, which stays the caller's. Any database of the server is reached through it.
/// </summary>
public sealed class PgBouncerBackend : Backend
{
    private const string BackendName = "pgbouncer";

    private PgBouncerBackend(string description, string connectionString, ServerHandle server)
        : base(BackendName, description, connectionString, [server])
    {
    }

    /// <summary>The PgBouncer process.</summary>
    public ServerHandle Server => Servers[0];

    /// <summary>Starts the local binary <c>pgbouncer</c>.</summary>
    /// <param name="postgres">The server behind it.</param>
    /// <param name="options">Deadline; the only source is the local binary.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="BackendUnavailableException">There is none, and <c>SESSIONSTORES_REQUIRE</c> names <c>pgbouncer</c>.</exception>
    /// <exception cref="BackendStartException">There is one, but it did not start.</exception>
    public static Task<BackendLease<PgBouncerBackend>> StartAsync(
        PostgresBackend postgres, BackendOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(postgres);
        options ??= new BackendOptions();
        return new BackendAcquisition<PgBouncerBackend>(BackendName, options)
        {
            FromConnectionString = search => Task.FromResult(search.NotThere("it is always started here, in front of the PostgreSQL server")),
            FromContainer = search => Task.FromResult(search.NotThere("it has no official image")),
            FromBinary = async search =>
            {
                if (Executable.Find("pgbouncer") is not { } binary)
                    return search.NotThere("pgbouncer is not on the PATH");
                if (ServerUser.NotRoot() is not { } user)
                    return search.NotThere("PgBouncer refuses to run as root, and setpriv or another user is missing");
                var (server, connectionString) = await StartProcessAsync(binary, user, postgres, options, cancellationToken);
                return new PgBouncerBackend($"local binary {binary}", connectionString, server);
            },
        }.RunAsync();
    }

    /// <summary>The connection string that reaches a database of the server behind through PgBouncer.</summary>
    /// <param name="connectionString">A connection string of the server behind, such as one of its <c>CreateDatabaseAsync</c>.</param>
    public string Through(string connectionString) => Through(connectionString, Server.Host, Server.Port);

    // PgBouncer reports its version to administrators only.
    private protected override Task<string> ReadVersionAsync(CancellationToken cancellationToken) => Executable.ReadVersionAsync(Executable.Find("pgbouncer")!);

    private static string Through(string connectionString, string host, int port) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Host = host, Port = port, NoResetOnClose = true }.ConnectionString;

    private static async Task<(ServerHandle Server, string ConnectionString)> StartProcessAsync(
        string binary, ServerUser user, PostgresBackend postgres, BackendOptions options, CancellationToken cancellationToken)
    {
        var port = PortReservation.Take();
        var folder = await TemporaryFolder.CreateAsync(user);
        var behind = new NpgsqlConnectionStringBuilder(postgres.ConnectionString);
        var users = Path.Combine(folder.FullPath, "users.txt");
        var configuration = Path.Combine(folder.FullPath, "pgbouncer.ini");
        await File.WriteAllTextAsync(users, $"\"{behind.Username}\" \"{behind.Password}\"\n", cancellationToken);
        await File.WriteAllTextAsync(
            configuration,
            $"""
            [databases]
            * = host={behind.Host} port={behind.Port}

            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port.Port}
            unix_socket_dir =
            auth_type = scram-sha-256
            auth_file = {users}
            pool_mode = transaction
            max_client_conn = 500
            default_pool_size = 10
            ignore_startup_parameters = extra_float_digits

            """,
            cancellationToken);
        await user.OwnAsync(folder.FullPath);
        var connectionString = Through(postgres.ConnectionString, "127.0.0.1", port.Port);
        var server = await ProcessServer.StartAsync(
            new ProcessServerSpec
            {
                Name = BackendName,
                Port = port,
                Folder = folder,
                User = user,
                CommandLine = [binary, configuration],
                StopSignal = PosixSignalNumber.Interrupt,
                IsReady = async token => await PostgresBackend.ExecuteAsync(connectionString, "SELECT 1", token) is 1,
                StartDeadline = options.StartDeadline,
            },
            cancellationToken);
        return (server, connectionString);
    }
}
