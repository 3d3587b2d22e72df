using Npgsql;

namespace SessionStores.Backends.Tests;

public sealed class PostgresReplicaBackendTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task The_replica_of_a_killed_primary_is_promoted_and_has_everything_that_was_acknowledged()
    {
        var lease = await PostgresReplicaBackend.StartAsync(cancellationToken: None);
        Assert.SkipUnless(lease.IsAvailable, lease.Reason);
        await using var postgres = lease.Backend;
        var database = await postgres.CreateDatabaseAsync(None);
        var (oldPrimary, oldReplica) = (postgres.Primary, postgres.Replica);
        await ExecuteAsync(database, "CREATE TABLE kept (value text)");
        await ExecuteAsync(database, "INSERT INTO kept VALUES ('value')");
        await postgres.WaitUntilInSyncAsync(None);
        var inRecovery = await ExecuteAsync(postgres.ConnectionStringOf(oldReplica), "SELECT pg_is_in_recovery()");

        await oldPrimary.KillAsync(None);
        await postgres.PromoteAsync(None);

        Assert.Equal(true, inRecovery);
        Assert.Same(oldReplica, postgres.Primary);
        Assert.Equal("value", await ExecuteAsync(database, "SELECT value FROM kept"));
        Assert.Equal("second", await ExecuteAsync(database, "INSERT INTO kept VALUES ('second') RETURNING value"));
    }

    private static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(None);
    }
}
