using Npgsql;
using SessionStores.Backends;

namespace SessionStores.Reliability.Tests.Expiring;

public sealed class PostgresExpiringTests(ITestOutputHelper output) : ExpiringTests(output)
{
    protected override string Store => "PostgreSQL";

    protected override async Task<(Backend Server, string Connection)> StartAsync()
    {
        var backend = Target.Available(await PostgresBackend.StartAsync(new PostgresBackendOptions { Sources = BackendSources.Controlled }));
        return (backend, await backend.CreateDatabaseAsync());
    }

    protected override async Task<long> CountAsync(string connection)
    {
        await using var database = NpgsqlDataSource.Create(connection);
        await using var command = database.CreateCommand("SELECT count(*) FROM session");
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
