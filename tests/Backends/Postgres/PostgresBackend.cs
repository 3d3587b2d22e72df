using System.Security.Cryptography;
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
    /// <exception cref="BackendUnavailableException">There is none, and <c>SESSIONSTORES_REQUIRE</c> names <c>postgres</c>.</exception>
    /// <exception cref="BackendStartException">There is one, but it did not start.</exception>
    public static Task<BackendLease<PostgresBackend>> StartAsync(
        PostgresBackendOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new PostgresBackendOptions();
        var servers = new PostgresServers(options, cancellationToken);
        return new BackendAcquisition<PostgresBackend>(BackendName, options)
        {
            FromConnectionString = async search =>
            {
                if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } text)
                    return search.NotThere($"{Variable} is not set");
                var builder = new NpgsqlConnectionStringBuilder(text);
                await using var connection = new NpgsqlConnection(text);
                await connection.OpenAsync(cancellationToken);
                return new PostgresBackend(
                    $"connection string of {Variable}", text,
                    new ExternalServer(BackendName, builder.Host ?? "localhost", builder.Port, Variable));
            },
            FromContainer = async search =>
            {
                if (await ContainerEngine.WhyNotAsync(ContainerImages.Postgres, cancellationToken) is { } reason)
                    return search.NotThere(reason);
                var server = await servers.StartPrimaryContainerAsync(BackendName, hostNetwork: false);
                return new PostgresBackend($"container {ContainerImages.FullName(ContainerImages.Postgres)}", PostgresServers.ConnectionStringOf(server.Host, server.Port), server);
            },
            FromBinary = async search =>
            {
                if (PostgresServers.WhyNoBinary() is { } reason)
                    return search.NotThere(reason);
                var server = await servers.StartPrimaryProcessAsync(BackendName);
                return new PostgresBackend(
                    PostgresServers.DescribeBinary(), PostgresServers.ConnectionStringOf(server.Host, server.Port), server);
            },
        }.RunAsync();
    }

    /// <summary>Creates an empty database under a name that no one else uses and returns the connection string for it.</summary>
    public Task<string> CreateDatabaseAsync(CancellationToken cancellationToken = default) =>
        CreateDatabaseAsync(ConnectionString, cancellationToken);

    private protected override Task<string> ReadVersionAsync(CancellationToken cancellationToken) =>
        PostgresServers.ReadVersionAsync(ConnectionString, cancellationToken);

    internal static async Task<string> CreateDatabaseAsync(string connectionString, CancellationToken cancellationToken)
    {
        var name = $"run_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}";
        await ExecuteAsync(connectionString, $"CREATE DATABASE {name}", cancellationToken);
        return new NpgsqlConnectionStringBuilder(connectionString) { Database = name }.ConnectionString;
    }

    internal static async Task<object?> ExecuteAsync(string connectionString, string sql, CancellationToken cancellationToken)
    {
        var unpooled = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        await using var source = NpgsqlDataSource.Create(unpooled);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(cancellationToken);
    }
}
