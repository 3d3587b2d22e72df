using Npgsql;

namespace SessionStores.Backends;

/// <summary>One PostgreSQL server. The connection string is that of a superuser, unless it came from the environment.</summary>
public sealed class PostgresBackend : Backend
{
    private const string BackendName = "postgres";
    private const string Variable = "SESSIONSTORES_POSTGRES";

    private PostgresBackend(string description, string connectionString, ServerHandle server)
        : base(BackendName, description, connectionString, [server])
    {
    }

    /// <summary>The server.</summary>
    public ServerHandle Server => Servers[0];

    /// <summary>Gets a server: from <c>SESSIONSTORES_POSTGRES</c>, a container, or a local binary.</summary>
    /// <exception cref="BackendUnavailableException">The server is missing, and <c>SESSIONSTORES_REQUIRE</c> names <c>postgres</c>.</exception>
    /// <exception cref="BackendStartException">There is one, but it did not start.</exception>
    public static Task<BackendLease<PostgresBackend>> StartAsync(
        PostgresBackendOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new PostgresBackendOptions();
        return new BackendAcquisition<PostgresBackend>(BackendName, options, cancellationToken)
        {
            Variable = Variable,
            Connect = async text =>
            {
                await using var connection = new NpgsqlConnection(text);
                await connection.OpenAsync(cancellationToken);
                var server = new ServerHandle(BackendName, connection.Host ?? "localhost", connection.Port, Variable);
                return new PostgresBackend($"connection string of {Variable}", text, server);
            },
            Images = [ContainerImages.Postgres],
            FindBinary = PostgresServers.FindBinary,
            Start = async source =>
            {
                var server = await new PostgresServers(options, cancellationToken).StartAsync(source, BackendName, options.HostNetwork);
                return new PostgresBackend(source.Describe(), PostgresServers.ConnectionStringOf(server.Port), server);
            },
        }.RunAsync();
    }

    /// <summary>Creates an empty database under a name of its own and returns the connection string for it.</summary>
    public Task<string> CreateDatabaseAsync(CancellationToken cancellationToken = default) =>
        PostgresServers.CreateDatabaseAsync(ConnectionString, cancellationToken);

    internal override Task<string> ReadVersionAsync(CancellationToken cancellationToken) =>
        PostgresServers.ReadVersionAsync(ConnectionString, cancellationToken);
}
