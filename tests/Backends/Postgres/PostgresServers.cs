using Npgsql;

namespace SessionStores.Backends;

/// <summary>Starts single PostgreSQL servers, for the two kinds of PostgreSQL backend.</summary>
internal sealed class PostgresServers(PostgresBackendOptions options, CancellationToken cancellationToken)
{
    /// <summary>Says why there is no local binary, or null when there is one.</summary>
    public static string? WhyNoBinary() =>
        Executable.FindPostgresFolder() is null ? "neither the PATH nor /usr/lib/postgresql holds postgres and initdb"
        : ServerUser.NotRoot() is null ? "PostgreSQL refuses to run as root, and setpriv or another user is missing"
        : null;

    public static string DescribeBinary() => $"local binary {Executable.FindPostgresFolder()}/postgres";

    /// <summary>The product and version of the server, such as <c>PostgreSQL 18.6</c>.</summary>
    public static async Task<string> ReadVersionAsync(string connectionString, CancellationToken cancellationToken) =>
        $"PostgreSQL {((string)(await PostgresBackend.ExecuteAsync(connectionString, "SHOW server_version", cancellationToken))!).Split(' ')[0]}";

    public static string ConnectionStringOf(string host, int port) => new NpgsqlConnectionStringBuilder
    {
        Host = host,
        Port = port,
        Username = PostgresTemplate.SuperUser,
        Password = PostgresTemplate.Password,
        Database = "postgres",
    }.ConnectionString;

    public Task<ServerHandle> StartPrimaryProcessAsync(string name) => StartProcessAsync(
        name, (user, _, data) => PostgresTemplate.CopyAsync(user, data));

    public Task<ServerHandle> StartReplicaProcessAsync(string name, ServerHandle primary) => StartProcessAsync(
        name, (user, binaries, data) => Command.RunAsync(
            user, Path.Combine(binaries, "pg_basebackup"),
            ["-h", primary.Host, "-p", $"{primary.Port}", "-U", PostgresTemplate.SuperUser, "-D", data, "-R", "-X", "stream", "--checkpoint=fast", "--no-sync"],
            new Dictionary<string, string> { ["PGPASSWORD"] = PostgresTemplate.Password }));

    public Task<ServerHandle> StartPrimaryContainerAsync(string name, bool hostNetwork) =>
        StartContainerAsync(name, hostNetwork, entrypoint: null);

    public Task<ServerHandle> StartReplicaContainerAsync(string name, ServerHandle primary)
    {
        // The copy is taken once; a restart finds it and goes on.
        var script = $"""
            [ -s "$PGDATA/PG_VERSION" ] || pg_basebackup -h {primary.Host} -p {primary.Port} -U {PostgresTemplate.SuperUser} -D "$PGDATA" -R -X stream --checkpoint=fast
            chmod 700 "$PGDATA"
            exec "$@"
            """;
        return StartContainerAsync(name, hostNetwork: true, ["bash", "-ec", script, "replica"]);
    }

    private Task<ServerHandle> StartContainerAsync(string name, bool hostNetwork, IReadOnlyList<string>? entrypoint)
    {
        var port = PortReservation.Take();
        var spec = new ContainerServerSpec
        {
            Name = name,
            Port = port,
            Image = ContainerImages.Postgres,
            HostNetwork = hostNetwork,
            User = entrypoint is null ? null : "postgres",
            Entrypoint = entrypoint,
            Environment = new Dictionary<string, string> { ["POSTGRES_PASSWORD"] = PostgresTemplate.Password, ["PGPASSWORD"] = PostgresTemplate.Password },
            CommandLine = ["postgres", .. options.ArgumentsFor(hostNetwork ? "127.0.0.1" : "*", port.Port, unixSocket: true, statStatements: true)],
            // The default of the image is an orderly stop that waits for clients; this one ends their sessions.
            StopSignal = "SIGINT",
            IsReady = token => AnswersAsync(port.Port, token),
            StartDeadline = options.StartDeadline,
        };
        return ContainerServer.StartAsync(spec, cancellationToken);
    }

    private async Task<ServerHandle> StartProcessAsync(string name, Func<ServerUser, string, string, Task> createData)
    {
        var user = ServerUser.NotRoot()!;
        var binaries = Executable.FindPostgresFolder()!;
        for (var attempt = 1; ; attempt++)
        {
            var port = PortReservation.Take();
            var folder = await TemporaryFolder.CreateAsync(user);
            try
            {
                var data = Path.Combine(folder.FullPath, "data");
                await createData(user, binaries, data);
                return await ProcessServer.StartAsync(
                    new ProcessServerSpec
                    {
                        Name = name,
                        Port = port,
                        Folder = folder,
                        User = user,
                        CommandLine =
                        [
                            Path.Combine(binaries, "postgres"), "-D", data,
                            .. options.ArgumentsFor("127.0.0.1", port.Port, unixSocket: false, HasStatStatements(binaries)),
                        ],
                        StopSignal = PosixSignalNumber.Interrupt,
                        IsReady = token => AnswersAsync(port.Port, token),
                        StartDeadline = options.StartDeadline,
                    },
                    cancellationToken);
            }
            catch (BackendStartException exception) when (attempt < 5 && exception.Message.Contains("Address already in use", StringComparison.Ordinal))
            {
                folder.Dispose();
                port.Dispose();
            }
            catch
            {
                folder.Dispose();
                port.Dispose();
                throw;
            }
        }
    }

    // Where builds put their modules: lib/ beside bin/ on Debian, below it elsewhere.
    private static bool HasStatStatements(string binaries)
    {
        var root = Path.GetDirectoryName(binaries)!;
        string[] folders = [Path.Combine(root, "lib"), Path.Combine(root, "lib", "postgresql"), Path.Combine(root, "lib64", "pgsql")];
        return folders.Any(folder => Directory.Exists(folder) && Directory.EnumerateFiles(folder, "pg_stat_statements.*").Any());
    }

    private static async Task<bool> AnswersAsync(int port, CancellationToken token)
    {
        await using var connection = new NpgsqlConnection(ConnectionStringOf("127.0.0.1", port) + ";Pooling=false;Timeout=2");
        await connection.OpenAsync(token);
        await using var command = new NpgsqlCommand("SELECT 1", connection);
        return await command.ExecuteScalarAsync(token) is 1;
    }
}
