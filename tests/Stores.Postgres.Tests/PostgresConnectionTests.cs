using System.Security.Cryptography;
using Npgsql;
using SessionStores.Backends;

namespace SessionStores.Postgres.Tests;

/// <summary>How the server is reached: what a connection is configured with, what it is refused for, and what follows when it dies.</summary>
public sealed class PostgresConnectionTests(PostgresServerFixture server)
{
    private const string OtherBackends = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'store' AND datname = current_database()";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_on_connections_that_died_while_they_were_idle_does_not_fail(bool byTimeout)
    {
        await using var database = await server.CreateDatabaseAsync();
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString) { ApplicationName = "store" };
        if (byTimeout)
            settings.Options = "-c idle_session_timeout=2000";

        await using var store = database.Store(connectionString: settings.ConnectionString);
        await store.CreateAsync("id", Database.Content(subject: "user"));
        foreach (var call in byTimeout ? EveryCall(store)[..3] : EveryCall(store))
        {
            await WarmAsync(store);
            if (!byTimeout)
                await database.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'store' AND datname = current_database()");

            await Wait.UntilAsync(async _ => await database.ScalarAsync<long>(OtherBackends) == 0, Patience, "the connections of the store to be gone");
            await call();
        }

    }

    [Fact]
    public async Task A_call_after_the_server_was_restarted_does_not_fail()
    {
        await using var backend = await FaultTests.OwnServerAsync();
        await using var store = new PostgresStore(await backend.CreateDatabaseAsync(), new PostgresStoreOptions { OperationTimeout = TimeSpan.FromMinutes(1) });
        await FaultTests.UntilItWorksAsync(store);
        await store.CreateAsync("id", Database.Content());
        await WarmAsync(store);

        await backend.StopAsync();
        await backend.RestartAsync();

        Assert.True(await store.TouchAsync("id", TimeSpan.FromHours(2)));
        Assert.NotNull(await store.GetAsync("id"));
    }

    [Fact]
    public async Task A_password_that_changes_while_the_application_runs_is_asked_for_and_refused_until_it_is_right()
    {
        await using var database = await server.CreateDatabaseAsync();
        var role = await RoleAsync(database, "first");
        var credential = new Vault(new PostgresCredential(null, "first"));
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = role, Password = null };
        await using var store = database.Store(options => options.Credentials = _ => new(credential.Value), settings.ConnectionString);
        await store.CreateAsync("id", Database.Content());

        await database.ExecuteAsync($"ALTER ROLE {role} PASSWORD 'second'");
        await CutAsync(database, role);
        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("id"));
        Assert.Equal(SessionStoreFault.Refused, exception.Fault);

        credential.Value = new PostgresCredential(null, "second");
        Assert.NotNull(await store.GetAsync("id"));
    }

    [Fact]
    public async Task A_user_that_changes_while_the_application_runs_is_signed_in()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (first, second) = (await RoleAsync(database, "one"), await RoleAsync(database, "two"));
        await using (var administrator = database.Store())
            await administrator.SetUpAsync();

        await database.ExecuteAsync($"GRANT SELECT, INSERT, UPDATE, DELETE ON session TO {first}, {second}");
        var credential = new Vault(new PostgresCredential(first, "one"));
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = null, Password = null };
        await using var store = database.Store(options => options.Credentials = _ => new(credential.Value), settings.ConnectionString);
        await store.CreateAsync("id", Database.Content());

        credential.Value = new PostgresCredential(second, "two");
        await database.ExecuteAsync($"ALTER ROLE {first} NOLOGIN");
        await CutAsync(database, first);

        Assert.NotNull(await store.GetAsync("id"));
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE usename = $1", second));
    }

    [Fact]
    public async Task Credentials_that_cannot_be_provided_are_a_refusal()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store(options => options.Credentials = _ => throw new InvalidOperationException("vault"));

        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("id"));

        Assert.Equal(SessionStoreFault.Refused, exception.Fault);
        Assert.Contains("PostgresStoreOptions.Credentials failed (InvalidOperationException)", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_for_a_data_source_that_signs_in_by_itself_are_refused()
    {
        await using var source = NpgsqlDataSource.Create("Host=none");

        var exception = Assert.Throws<ArgumentException>(() => new PostgresStore(source, new PostgresStoreOptions { Credentials = _ => default }));

        Assert.Contains("Credentials must be null", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_is_not_trusted_is_named_as_the_cause()
    {
        await using var untrusted = new UntrustedServer(async (stream, cancellationToken) =>
        {
            await stream.ReadExactlyAsync(new byte[8], cancellationToken);
            await stream.WriteAsync("S"u8.ToArray(), cancellationToken);
        });
        await using var store = new PostgresStore(
            $"Host=127.0.0.1;Port={untrusted.EndPoint.Port};Username=u;Password=p;SSL Mode=VerifyFull", new PostgresStoreOptions { OperationTimeout = TimeSpan.FromMinutes(1) });

        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("id"));

        Assert.Equal(SessionStoreFault.Misconfigured, exception.Fault);
        Assert.StartsWith("PostgresStore.Get: The TLS connection to the PostgreSQL server failed: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("certificate", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_TLS_is_named_as_the_cause()
    {
        await using var database = await server.CreateDatabaseAsync();
        Assert.SkipUnless(await database.ScalarAsync<string>("SHOW ssl") == "off", "The server offers TLS.");
        await using var store = database.Store(connectionString: new NpgsqlConnectionStringBuilder(database.ConnectionString) { SslMode = SslMode.Require }.ConnectionString);

        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("id"));

        Assert.Equal(SessionStoreFault.Misconfigured, exception.Fault);
        Assert.Contains("the server offers no TLS", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgres://example.org", "example.org", 5432, null, null, null, null)]
    [InlineData("postgresql://ann:s%40same%2F@example.org:6432/web%20app?sslmode=verify-full&application_name=shop", "example.org", 6432, "ann", "s@same/", "web app", SslMode.VerifyFull)]
    [InlineData(" postgres://ann@10.0.0.1/app?sslmode=require", "10.0.0.1", 5432, "ann", null, "app", SslMode.Require)]
    [InlineData("postgres://[::1]:1/app", "::1", 1, null, null, "app", null)]
    public void A_URL_is_read(string url, string host, int port, string? user, string? password, string? database, SslMode? ssl)
    {
        var settings = PostgresConnection.Parse(url);

        Assert.Equal((host, port, user, password, database), (settings.Host!.Trim('[', ']'), settings.Port, settings.Username, settings.Password, settings.Database));
        Assert.Equal(ssl ?? SslMode.Prefer, settings.SslMode);
    }

    [Theory]
    [InlineData("postgres://ann:sesame@a:1,b:2/app")]
    [InlineData("postgres://ann:sesame@example.org/app?sesame=1")]
    [InlineData("postgres://")]
    [InlineData("postgres+sesame://example.org")]
    [InlineData("sesame")]
    public void What_is_not_a_URL_of_PostgreSQL_is_refused_at_start_with_the_right_form(string url)
    {
        var exception = Assert.Throws<ArgumentException>(() => new PostgresStore(url));

        Assert.Contains("postgres://user:password@host:5432/database", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_connects_by_a_URL()
    {
        await using var database = await server.CreateDatabaseAsync();
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        await using var store = database.Store(connectionString: $"postgres://{settings.Username}:{Uri.EscapeDataString(settings.Password!)}@{settings.Host}:{settings.Port}/{settings.Database}?sslmode=disable");

        Assert.Equal(SessionWriteStatus.Written, (await store.CreateAsync("id", Database.Content())).Status);
    }

    [Theory]
    [InlineData("Host=a,b", 1, "primary")]
    [InlineData("Host=a,b;Host Recheck Seconds=30;Target Session Attributes=any", 30, "any")]
    [InlineData("Host=a", 10, null)]
    public void Of_several_hosts_the_primary_is_looked_for_again_after_a_second(string connectionString, int seconds, string? attributes)
    {
        var settings = PostgresConnection.Settings(connectionString, new PostgresStoreOptions());

        Assert.Equal((seconds, attributes), (settings.HostRecheckSeconds, settings.TargetSessionAttributes));
    }

    private static List<Func<Task>> EveryCall(PostgresStore store) =>
    [
        async () => Assert.NotNull(await store.GetAsync("id")),
        async () => Assert.NotNull(await store.GetAsync("id", new SlidingExpiry(TimeSpan.FromDays(1), TimeSpan.FromDays(2)))),
        async () => Assert.Equal(SessionWriteStatus.Written, (await store.CreateAsync("new", Database.Content())).Status),
        async () => Assert.Equal(SessionWriteStatus.Written, (await store.RotateAsync("new", "newer", SessionVersion.Any, Database.Content())).Status),
        async () => Assert.True(await store.DestroyAsync("newer")),
        async () => Assert.Equal(1, await store.LengthAsync()),
        async () => Assert.Single(await store.ListBySubjectAsync("user").ToListAsync()),
        async () => Assert.Equal(0, await store.PruneAsync()),
    ];

    /// <summary>Opens several connections.</summary>
    private static async Task WarmAsync(PostgresStore store) => await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () => await store.GetAsync("id"))));

    private static async Task<string> RoleAsync(Database database, string password)
    {
        var role = "role_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
        await database.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD '{password}'");
        await database.ExecuteAsync($"GRANT CREATE ON SCHEMA public TO {role}");
        return role;
    }

    private static async Task CutAsync(Database database, string role)
    {
        await database.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", role);
        await Wait.UntilAsync(async _ => await database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE usename = $1", role) == 0, Patience, "the connections to be gone");
    }

    /// <summary>What the application hands out as its credential at the moment.</summary>
    private sealed class Vault(PostgresCredential value)
    {
        private readonly Lock _gate = new();
        private PostgresCredential _value = value;

        public PostgresCredential Value
        {
            get
            {
                lock (_gate)
                    return _value;
            }

            set
            {
                lock (_gate)
                    _value = value;
            }
        }
    }
}
