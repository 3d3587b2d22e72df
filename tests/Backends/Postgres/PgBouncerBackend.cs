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

    /// <summary>PgBouncer itself.</summary>
    public ServerHandle Server => Servers[0];

    /// <summary>Starts PgBouncer in a container or from the local binary.</summary>
    /// <param name="postgres">The server behind it.</param>
    /// <param name="options">Sources and deadline.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="BackendUnavailableException">The server is missing, and <c>SESSIONSTORES_REQUIRE</c> names <c>pgbouncer</c>.</exception>
    /// <exception cref="BackendStartException">There is one, but it did not start.</exception>
    public static Task<BackendLease<PgBouncerBackend>> StartAsync(
        PostgresBackend postgres, BackendOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(postgres);
        options ??= new BackendOptions();
        return new BackendAcquisition<PgBouncerBackend>(BackendName, options, cancellationToken)
        {
            Images = [ContainerImages.PgBouncer],
            FindBinary = () => ServerUser.NotRoot() is null
                ? (null, "PgBouncer refuses to run as root, and setpriv or another user is missing")
                : (Executable.Find("pgbouncer"), "pgbouncer is not on the PATH"),
            Start = async source =>
            {
                var spec = new ServerSpec
                {
                    Name = BackendName,
                    Command = place => ["pgbouncer", $"{place.Folder}/pgbouncer.ini"],
                    Files = place => FilesFor(place, new NpgsqlConnectionStringBuilder(postgres.ConnectionString)),
                    ContainerFolder = "/etc/pgbouncer",
                    // It reaches the server behind it at the address that tests use.
                    HostNetwork = true,
                    User = source.IsContainer ? ServerUser.Current : ServerUser.NotRoot()!,
                    IsReady = async (port, token) => await PostgresServers.ExecuteAsync(Through(postgres.ConnectionString, port), "SELECT 1", token) is 1,
                        };
                var server = await source.StartAsync(spec, cancellationToken);
                return new PgBouncerBackend(source.Describe(), Through(postgres.ConnectionString, server.Port), server);
            },
        }.RunAsync();
    }

    /// <summary>The connection string that reaches a database of the server behind through PgBouncer.</summary>
    /// <param name="connectionString">A connection string of the server behind, such as one of its <c>CreateDatabaseAsync</c>.</param>
    public string Through(string connectionString) => Through(connectionString, Server.Port);

    // Its own database "pgbouncer", which is for administrators, says it when a connection is opened.
    internal override async Task<string> ReadVersionAsync(CancellationToken cancellationToken)
    {
        var console = new NpgsqlDataSourceBuilder(ConnectionString) { ConnectionStringBuilder = { Database = BackendName, Pooling = false } };
        console.ConfigureTypeLoading(loading => loading.EnableTypeLoading(false));
        await using var source = console.Build();
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        return $"PgBouncer {connection.PostgreSqlVersion}";
    }

    private static string Through(string connectionString, int port) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Host = "127.0.0.1", Port = port, NoResetOnClose = true }.ConnectionString;

    private static Dictionary<string, string> FilesFor(ServerPlace place, NpgsqlConnectionStringBuilder behind) =>
        new()
        {
            ["users.txt"] = $"\"{behind.Username}\" \"{behind.Password}\"\n",
            ["pgbouncer.ini"] = $"""
                [databases]
                * = host={behind.Host} port={behind.Port}

                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = {place.Port}
                unix_socket_dir =
                auth_type = scram-sha-256
                auth_file = {place.Folder}/users.txt
                admin_users = {behind.Username}
                pool_mode = transaction
                max_client_conn = 500
                default_pool_size = 10
                ignore_startup_parameters = extra_float_digits

                """,
        };
}
