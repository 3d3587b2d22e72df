using SessionStores.Backends;

[assembly: AssemblyFixture(typeof(SessionStores.Postgres.Tests.PostgresServerFixture))]

namespace SessionStores.Postgres.Tests;

/// <summary>The server of the store's own tests; each test has a database of its own there.</summary>
public sealed class PostgresServerFixture : IAsyncLifetime
{
    private BackendLease<PostgresBackend>? _lease;

    internal PostgresBackend Backend
    {
        get
        {
            Assert.SkipUnless(_lease!.IsAvailable, _lease.Reason);
            return _lease.Backend;
        }
    }

    internal async Task<Database> CreateDatabaseAsync() => new(await Backend.CreateDatabaseAsync());

    public async ValueTask InitializeAsync() => _lease = await PostgresBackend.StartAsync(new PostgresBackendOptions { Durable = false });

    public ValueTask DisposeAsync() => _lease?.DisposeAsync() ?? ValueTask.CompletedTask;
}
