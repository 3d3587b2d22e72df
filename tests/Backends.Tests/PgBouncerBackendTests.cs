using Npgsql;

namespace SessionStores.Backends.Tests;

public sealed class PgBouncerBackendTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(BackendSources.Container, "container ")]
    [InlineData(BackendSources.Binary, "local binary ")]
    public async Task It_reaches_every_database_of_the_server_in_transaction_mode(BackendSources sources, string description)
    {
        await using var server = await PostgresBackend.StartAsync(new PostgresBackendOptions { Durable = false }, None);
        Assert.SkipUnless(server.IsAvailable, server.Reason);
        await using var lease = await PgBouncerBackend.StartAsync(server.Backend, new BackendOptions { Sources = sources }, None);
        Assert.SkipUnless(lease.IsAvailable, lease.Reason);
        var bouncer = lease.Backend;
        var database = await server.Backend.CreateDatabaseAsync(None);

        var reached = await PostgresServers.ExecuteAsync(bouncer.Through(database), "SELECT current_database()", None);
        await bouncer.KillAsync(None);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => PostgresServers.ExecuteAsync(bouncer.Through(database), "SELECT 1", None));
        await bouncer.RestartAsync(None);

        Assert.StartsWith(description, bouncer.Description, StringComparison.Ordinal);
        Assert.Matches(@", PgBouncer 1\.\d+(\.\d+)?$", bouncer.Description);
        Assert.Equal(new NpgsqlConnectionStringBuilder(database).Database, reached?.ToString());
        // Two clients that are connected at once share one session of the server; in session mode each would hold one.
        await using var source = NpgsqlDataSource.Create(bouncer.Through(database) + ";Pooling=false");
        await using var first = await source.OpenConnectionAsync(None);
        await using var second = await source.OpenConnectionAsync(None);
        Assert.Equal(await ReadSessionAsync(first), await ReadSessionAsync(second));
    }

    private static async Task<object?> ReadSessionAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("SELECT pg_backend_pid()", connection);
        return await command.ExecuteScalarAsync(None);
    }
}
