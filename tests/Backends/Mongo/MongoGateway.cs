using System.Reflection;
using Npgsql;

namespace SessionStores.Backends;

/// <summary>
/// How to run the gateway that serves MongoDB's commands from DocumentDB. There is a gateway for each server that a test asks for, which can be
/// stopped, killed and paused; all of them share one container of this process, as tests name their databases and collections themselves.
/// </summary>
internal static class MongoGateway
{
    private static readonly Lazy<Task<ServerHandle>> Container = new(StartContainerAsync);

    public static IReadOnlyList<string> CommandLine(int port, string folder) =>
        [Executable.Find("dotnet") ?? throw new BackendStartException("dotnet is not on the PATH."), Assembly, "--port", $"{port}"];

    /// <summary>Starts the container when it is needed first.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> EnvironmentAsync()
    {
        var container = await Container.Value;
        return new Dictionary<string, string> { ["SESSIONSTORES_DOCUMENTDB"] = PostgresServers.ConnectionStringOf(container.Host, container.Port) };
    }

    private static string Assembly { get; } = typeof(MongoGateway).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(attribute => attribute.Key == "MongoGateway").Value!;

    private static Task<ServerHandle> StartContainerAsync()
    {
        var port = PortReservation.Take();
        return ContainerServer.StartAsync(
            new ContainerServerSpec
            {
                Name = "documentdb",
                Port = port,
                Image = ContainerImages.DocumentDb,
                Environment = new Dictionary<string, string> { ["POSTGRES_PASSWORD"] = PostgresTemplate.Password },
                CommandLine = ["postgres", "-c", $"port={port.Port}", "-c", "fsync=off", "-c", "max_connections=500"],
                StopSignal = "SIGINT",
                IsReady = async _ => await PostgresBackend.ExecuteAsync(
                    PostgresServers.ConnectionStringOf("127.0.0.1", port.Port), "SELECT documentdb_api.binary_version()", CancellationToken.None) is string,
                StartDeadline = TimeSpan.FromMinutes(1),
            },
            CancellationToken.None);
    }
}
