namespace SessionStores.Backends;

/// <summary>How the PostgreSQL servers are to be set.</summary>
public record PostgresBackendOptions : BackendOptions
{
    /// <summary>Whether each commit is on the disk before it is acknowledged (fsync), so that it survives a crash of the machine.</summary>
    /// <value>Default: true. False is for tests that never kill the server: without fsync, and without waiting for the log.</value>
    public bool Durable { get; init; } = true;

    /// <summary>More settings, as <c>name=value</c>, such as <c>["timezone=America/New_York", "max_connections=20"]</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    internal override bool NeedsOwnServer => Settings.Count > 0;

    /// <summary>The command line after the name of the program; of a setting that is there twice the last one counts.</summary>
    internal IEnumerable<string> ArgumentsFor(ServerPlace place, bool isContainer, bool hasStatStatements)
    {
        List<string> settings =
        [
            $"listen_addresses={place.Bind}", $"port={place.Port}", "wal_level=replica", "max_wal_senders=5", "hot_standby=on", "wal_keep_size=64MB",
            "shared_buffers=64MB", "max_connections=400", "dynamic_shared_memory_type=posix", "logging_collector=off", "password_encryption=scram-sha-256",
        ];
        if (!isContainer)
            settings.Add("unix_socket_directories=");
        if (hasStatStatements)
            settings.AddRange(["shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track=all"]);
        if (!Durable)
            settings.AddRange(["fsync=off", "synchronous_commit=off", "full_page_writes=off"]);
        return settings.Concat(Settings).SelectMany(setting => new[] { "-c", setting });
    }
}

/// <summary>How the PostgreSQL primary and its replica are to be set.</summary>
public sealed record PostgresReplicaBackendOptions : PostgresBackendOptions
{
    /// <summary>Whether a commit waits for the replica, so that nothing acknowledged is lost by a failover.</summary>
    /// <value>Default: true. Then a primary whose replica is down blocks on writes.</value>
    public bool Synchronous { get; init; } = true;
}
