namespace SessionStores.Backends;

/// <summary>How the PostgreSQL primary and its replica are to be set.</summary>
public sealed record PostgresReplicaBackendOptions : PostgresBackendOptions
{
    /// <summary>Whether a commit waits for the replica, so that nothing acknowledged is lost by a failover.</summary>
    /// <value>Default: true. Then a primary whose replica is down blocks on writes.</value>
    public bool Synchronous { get; init; } = true;
}
