using System.Reflection;

namespace SessionStores.Backends;

/// <summary>
/// How to run the gateway that serves MongoDB's commands from DocumentDB. There is a gateway for each server that a test asks for, which can be
/// stopped, killed and paused; all of them share one container of this process, as tests name their databases and collections themselves.
/// </summary>
internal static class MongoGateway
{
    private static readonly SemaphoreSlim Gate = new(1);
    private static readonly string Assembly = typeof(MongoGateway).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(attribute => attribute.Key == "MongoGateway").Value!;

    private static int _gateways;

    /// <summary>The container; null while there is no gateway.</summary>
    public static ServerHandle? Container { get; private set; }

    public static string Program => Executable.Find("dotnet") ?? throw new BackendStartException("dotnet is not on the PATH.");

    public static IReadOnlyList<string> CommandFor(ServerPlace place) => [Program, Assembly, "--port", $"{place.Port}"];

    /// <summary>The environment of a gateway to a container.</summary>
    public static Dictionary<string, string> EnvironmentFor(ServerHandle container) =>
        new() { ["SESSIONSTORES_DOCUMENTDB"] = PostgresServers.ConnectionStringOf(container.Port) };

    /// <summary>Starts a container.</summary>
    public static Task<ServerHandle> StartContainerAsync(bool isDurable, bool hostNetwork = false)
    {
        var options = new PostgresBackendOptions
        {
            Durable = isDurable,
            // Replaces the modules of other servers.
            Settings = ["max_connections=500", "shared_preload_libraries=pg_cron,pg_documentdb_core,pg_documentdb"],
        };
        return new PostgresServers(options, CancellationToken.None).StartAsync(new ServerSource(ContainerImages.DocumentDb, ""), "documentdb", hostNetwork);
    }

    /// <summary>Starts the container for the first gateway, and returns the environment of a gateway.</summary>
    public static async Task<Dictionary<string, string>> AcquireAsync(bool hostNetwork)
    {
        await Gate.WaitAsync();
        try
        {
            Container ??= await StartContainerAsync(isDurable: false, hostNetwork);
            _gateways++;
            return EnvironmentFor(Container);
        }
        finally
        {
            Gate.Release();
        }
    }

    /// <summary>Ends the container after the last gateway; left to the end of the process, it would keep the process from ending in time.</summary>
    public static async Task ReleaseAsync()
    {
        await Gate.WaitAsync();
        try
        {
            if (--_gateways > 0)
                return;
            await Container!.DisposeAsync();
            Container = null;
        }
        finally
        {
            Gate.Release();
        }
    }
}
