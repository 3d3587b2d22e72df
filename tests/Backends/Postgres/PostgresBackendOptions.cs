namespace SessionStores.Backends;

/// <summary>How the PostgreSQL servers are to be set.</summary>
public record PostgresBackendOptions : BackendOptions
{
    /// <summary>Whether each commit is on the disk before it is acknowledged (fsync), so that it survives a crash of the machine.</summary>
    /// <value>
    /// Default: true. False makes a server for tests that never kill it: without fsync, and without waiting for the log.
    /// </value>
    public bool Durable { get; init; } = true;

    /// <summary>More settings, as <c>name=value</c>, such as <c>["timezone=America/New_York", "max_connections=20"]</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    internal override bool NeedsOwnServer => Settings.Count > 0;

    /// <summary>The command line after the name of the program.</summary>
    internal IReadOnlyList<string> ArgumentsFor(string bind, int port, bool unixSocket, bool statStatements)
    {
        List<string> settings =
        [
            $"listen_addresses={bind}", $"port={port}", "wal_level=replica", "max_wal_senders=5", "hot_standby=on",
            "wal_keep_size=64MB", "shared_buffers=64MB", "dynamic_shared_memory_type=posix", "logging_collector=off", "password_encryption=scram-sha-256",
        ];
        if (!unixSocket)
            settings.Add("unix_socket_directories=");
        if (statStatements)
            settings.AddRange(["shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track=all"]);
        if (!Durable)
            settings.AddRange(["fsync=off", "synchronous_commit=off", "full_page_writes=off"]);
        settings.AddRange(Settings);
        return [.. settings.SelectMany(setting => new[] { "-c", setting })];
    }
}
