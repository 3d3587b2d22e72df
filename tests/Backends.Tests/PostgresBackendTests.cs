using Npgsql;

namespace SessionStores.Backends.Tests;

public sealed class PostgresBackendTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_durable_server_keeps_what_it_acknowledged_over_a_kill()
    {
        await using var postgres = await StartAsync(new PostgresBackendOptions { Sources = BackendSources.Controlled });
        var database = await postgres.CreateDatabaseAsync(None);
        await ExecuteAsync(database, "CREATE TABLE kept (value text); INSERT INTO kept VALUES ('value')");

        await postgres.KillAsync(None);
        var wasRunning = postgres.Server.IsRunning;
        await postgres.RestartAsync(None);

        Assert.False(wasRunning);
        Assert.Equal("value", await ExecuteAsync(database, "SELECT value FROM kept"));
    }

    [Fact]
    public async Task An_orderly_stop_does_not_wait_for_clients()
    {
        await using var postgres = await StartAsync(new PostgresBackendOptions { Sources = BackendSources.Controlled, Durable = false });
        await using var idle = new NpgsqlConnection(postgres.ConnectionString + ";Pooling=false");
        await idle.OpenAsync(None);

        await postgres.StopAsync(None);

        Assert.False(postgres.Server.IsRunning);
        await postgres.RestartAsync(None);
        Assert.Equal(1, await ExecuteAsync(postgres.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task A_paused_server_is_silent_until_it_is_resumed()
    {
        await using var postgres = await StartAsync(new PostgresBackendOptions { Sources = BackendSources.Controlled, Durable = false });
        await using var connection = new NpgsqlConnection(postgres.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(None);
        await using var command = new NpgsqlCommand("SELECT 1", connection);

        await postgres.PauseAsync(None);
        var answer = command.ExecuteScalarAsync(None);
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer.WaitAsync(patience.Token));
        await postgres.ResumeAsync(None);

        Assert.Equal(1, await answer);
    }

    [Fact]
    public async Task Statements_are_counted_where_the_module_is_installed()
    {
        await using var postgres = await StartAsync(new PostgresBackendOptions { Durable = false });
        var installed = await ExecuteAsync(
            postgres.ConnectionString, "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_stat_statements'") is 1L;
        Assert.SkipUnless(installed, "pg_stat_statements is not installed");
        var database = await postgres.CreateDatabaseAsync(None);

        await ExecuteAsync(database, "CREATE EXTENSION pg_stat_statements");
        await ExecuteAsync(database, "SELECT 42 AS counted_statement");

        Assert.Equal(1L, await ExecuteAsync(database, "SELECT calls FROM pg_stat_statements WHERE query LIKE 'SELECT % AS counted_statement'"));
    }

    [Fact]
    public async Task Each_database_is_a_new_one()
    {
        await using var postgres = await StartAsync(new PostgresBackendOptions { Durable = false });

        var first = await postgres.CreateDatabaseAsync(None);
        var second = await postgres.CreateDatabaseAsync(None);

        await ExecuteAsync(first, "CREATE TABLE only_here ()");
        Assert.Equal(false, await ExecuteAsync(second, "SELECT to_regclass('only_here') IS NOT NULL"));
    }

    [Fact]
    public async Task Settings_reach_the_server()
    {
        await using var postgres = await StartAsync(new PostgresBackendOptions { Settings = ["timezone=Asia/Kolkata"] });

        Assert.Equal("Asia/Kolkata", await ExecuteAsync(postgres.ConnectionString, "SHOW timezone"));
        Assert.Equal("on", await ExecuteAsync(postgres.ConnectionString, "SHOW fsync"));
    }

    private static async Task<PostgresBackend> StartAsync(PostgresBackendOptions options)
    {
        var lease = await PostgresBackend.StartAsync(options, None);
        Assert.SkipUnless(lease.IsAvailable, lease.Reason);
        return lease.Backend;
    }

    private static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(None);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(None);
    }
}
