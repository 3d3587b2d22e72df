using System.Security.Cryptography;
using Npgsql;

namespace SessionStores.Backends;

/// <summary>Starts single PostgreSQL servers, and asks them things past the store under test.</summary>
internal sealed class PostgresServers(PostgresBackendOptions options, CancellationToken cancellationToken)
{
    public const string SuperUser = "postgres";

    /// <summary>The password of the superuser, drawn anew for each process.</summary>
    public static string Password { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));

    public static (string? Binary, string WhyNot) FindBinary() =>
        Executable.FindPostgresFolder() is not { } folder ? (null, "neither the PATH nor /usr/lib/postgresql holds postgres and initdb")
        : ServerUser.NotRoot() is null ? (null, "PostgreSQL refuses to run as root, and setpriv or another user is missing")
        : (Path.Combine(folder, "postgres"), "");

    public static string ConnectionStringOf(int port) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = port,
        Username = SuperUser,
        Password = Password,
        Database = "postgres",
    }.ConnectionString;

    /// <summary>Runs one statement on a connection of its own.</summary>
    public static async Task<object?> ExecuteAsync(string connectionString, string sql, CancellationToken cancellationToken)
    {
        var unpooled = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        await using var source = NpgsqlDataSource.Create(unpooled);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>The product and version of the server, such as <c>PostgreSQL 18.6</c>.</summary>
    public static async Task<string> ReadVersionAsync(string connectionString, CancellationToken cancellationToken) =>
        $"PostgreSQL {((string)(await ExecuteAsync(connectionString, "SHOW server_version", cancellationToken))!).Split(' ')[0]}";

    /// <summary>Creates an empty database under a name of its own and returns the connection string for it.</summary>
    public static async Task<string> CreateDatabaseAsync(string connectionString, CancellationToken cancellationToken)
    {
        var name = $"run_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}";
        await ExecuteAsync(connectionString, $"CREATE DATABASE {name}", cancellationToken);
        return new NpgsqlConnectionStringBuilder(connectionString) { Database = name }.ConnectionString;
    }

    /// <summary>Starts a primary or, given one, its replica.</summary>
    public Task<ServerHandle> StartAsync(ServerSource source, string name, bool hostNetwork = false, ServerHandle? primary = null)
    {
        string[] copy = primary is null ? [] : ["-h", primary.Host, "-p", $"{primary.Port}", "-U", SuperUser, "-R", "-X", "stream", "--checkpoint=fast"];
        var binaries = Path.GetDirectoryName(source.Binary) ?? "";
        var user = source.IsContainer ? ServerUser.Current : ServerUser.NotRoot()!;
        var environment = new Dictionary<string, string> { ["POSTGRES_PASSWORD"] = Password, ["PGPASSWORD"] = Password };
        var spec = new ServerSpec
        {
            Name = name,
            Command = place =>
            [
                "postgres", .. source.IsContainer ? Array.Empty<string>() : ["-D", Path.Combine(place.Folder, "data")],
                .. options.ArgumentsFor(place, source.IsContainer, source.IsContainer || HasStatStatements(binaries)),
            ],
            IsReady = async (port, token) => await ExecuteAsync(ConnectionStringOf(port) + ";Timeout=2", "SELECT 1", token) is 1,
            // SIGTERM is an orderly stop that waits for clients; this one ends their sessions.
            StopsOnInterrupt = true,
            Environment = environment,
            HostNetwork = hostNetwork,
            ContainerUser = primary is null ? null : "postgres",
            // The copy is taken once; a restart finds it.
            Entrypoint = primary is null ? null :
            [
                "bash", "-ec", $"[ -s \"$PGDATA/PG_VERSION\" ] || pg_basebackup -D \"$PGDATA\" {string.Join(' ', copy)}; chmod 700 \"$PGDATA\"; exec \"$@\"", "replica",
            ],
            User = user,
            Prepare = folder => primary is null
                ? CreateDataAsync(user, binaries, folder)
                : Executable.RunAsync(
                    user, Path.Combine(binaries, "pg_basebackup"), ["-D", Path.Combine(folder, "data"), "--no-sync", .. copy], environment),
        };
        return source.StartAsync(spec, cancellationToken);
    }

    private static async Task CreateDataAsync(ServerUser user, string binaries, string folder)
    {
        var password = Path.Combine(folder, "password");
        await File.WriteAllTextAsync(password, Password);
        await user.OwnAsync(password);
        await Executable.RunAsync(
            user, Path.Combine(binaries, "initdb"),
            [
                "-D", Path.Combine(folder, "data"), "-U", SuperUser, "-A", "scram-sha-256", $"--pwfile={password}",
                "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions",
            ]);
    }

    // Where builds put their modules: lib/ beside bin/ on Debian, below it elsewhere.
    private static bool HasStatStatements(string binaries) =>
        new[] { "lib", "lib/postgresql", "lib64/pgsql" }.Select(folder => Path.Combine(Path.GetDirectoryName(binaries)!, folder))
            .Any(folder => Directory.Exists(folder) && Directory.EnumerateFiles(folder, "pg_stat_statements.*").Any());
}
