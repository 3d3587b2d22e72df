using System.Globalization;
using Npgsql;

namespace SessionStores.Postgres.Tests;

/// <summary>A column without time zone is read as the Node peer means it, whatever the zone of our own connection.</summary>
public sealed class TimeZoneTests(PostgresServerFixture server)
{
    public static TheoryData<string, string> Zones { get; } = new MatrixTheoryData<string, string>(
        ["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"], ["UTC", "America/New_York", "Asia/Kolkata"]);

    [Theory]
    [MemberData(nameof(Zones))]
    public async Task A_node_peer_and_the_store_agree_on_an_adopted_table(string nodeZone, string ourZone)
    {
        await using var database = await DatabaseInAsync(nodeZone);
        await database.ExecuteAsync(NodeSql.CreateTable("session"));
        await using var store = database.Store(connectionString: WithZone(database, ourZone));
        var inAnHour = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 3600);
        var anHourAgo = inAnHour.AddHours(-2);

        await store.SetAsync("ours", new SessionContent("{}"u8.ToArray(), inAnHour));
        await store.SetAsync("ours-expired", new SessionContent("{}"u8.ToArray(), anHourAgo));
        await NodeSetAsync(database, "theirs", inAnHour);
        await NodeSetAsync(database, "theirs-expired", anHourAgo);

        Assert.Equal(inAnHour, (await store.GetAsync("ours"))!.ExpiresAt);
        Assert.Equal(inAnHour, (await store.GetAsync("theirs"))!.ExpiresAt);
        Assert.Null(await store.GetAsync("ours-expired"));
        Assert.Null(await store.GetAsync("theirs-expired"));
        Assert.Equal(2, await store.LengthAsync());
        Assert.Equal(1, await NodeRowsAsync(database, NodeSql.Get("session"), "ours", NodeSql.Seconds(DateTimeOffset.UtcNow)));
        Assert.Equal(0, await NodeRowsAsync(database, NodeSql.Get("session"), "ours-expired", NodeSql.Seconds(DateTimeOffset.UtcNow)));

        Assert.True(await store.TouchAsync("theirs", inAnHour.AddHours(1)));
        Assert.Equal(1, await NodeRowsAsync(database, NodeSql.Get("session"), "theirs", NodeSql.Seconds(inAnHour.AddMinutes(59))));
        Assert.Equal(0, await NodeRowsAsync(database, NodeSql.Get("session"), "theirs", NodeSql.Seconds(inAnHour.AddMinutes(61))));

        Assert.Equal(2, await store.PruneAsync());
        Assert.Equal(0, await NodeRowsAsync(database, NodeSql.Prune("session"), NodeSql.Seconds(DateTimeOffset.UtcNow)));
        Assert.Equal(2, await store.LengthAsync());
    }

    [Theory]
    [InlineData("America/New_York", "2027-11-07T05:00:00Z")]
    [InlineData("America/New_York", "2027-11-07T05:30:00Z")]
    [InlineData("America/New_York", "2027-11-07T05:59:59Z")]
    [InlineData("America/New_York", "2027-11-07T06:00:00Z")]
    [InlineData("America/New_York", "2027-11-07T06:30:00Z")]
    [InlineData("America/New_York", "2027-11-07T07:00:00Z")]
    [InlineData("America/New_York", "2028-03-12T07:30:00Z")]
    [InlineData("Australia/Lord_Howe", "2027-04-03T14:45:00Z")]
    [InlineData("Australia/Lord_Howe", "2027-04-03T15:15:00Z")]
    [InlineData("Europe/Dublin", "2027-10-31T00:30:00Z")]
    [InlineData("Europe/Dublin", "2027-10-31T01:30:00Z")]
    public async Task An_instant_near_a_clock_change_is_kept_exactly(string zone, string instant)
    {
        await using var database = await DatabaseInAsync(zone);
        await database.ExecuteAsync(NodeSql.CreateTable("session"));
        await using var store = database.Store();
        var expiresAt = DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture);

        await store.SetAsync("set", new SessionContent("{}"u8.ToArray(), expiresAt));
        await store.CreateAsync("touched", Database.Content());
        await store.TouchAsync("touched", expiresAt);
        await store.CreateAsync("slid", Database.Content());
        var slid = await store.GetAsync("slid", new SlidingExpiry(TimeSpan.FromDays(1), expiresAt));

        Assert.Equal(expiresAt, (await store.GetAsync("set"))!.ExpiresAt);
        Assert.Equal(expiresAt, (await store.GetAsync("touched"))!.ExpiresAt);
        Assert.Equal(expiresAt, slid!.ExpiresAt);
        Assert.Equal(expiresAt, (await store.GetAsync("slid"))!.ExpiresAt);
    }

    [Fact]
    public async Task An_instant_that_a_node_peer_stored_in_the_repeated_hour_is_taken_for_the_later_one()
    {
        await using var database = await DatabaseInAsync("America/New_York");
        await database.ExecuteAsync(NodeSql.CreateTable("session"));
        await using var store = database.Store();
        var first = DateTimeOffset.Parse("2027-11-07T05:30:00Z", CultureInfo.InvariantCulture);

        await NodeSetAsync(database, "id", first);

        Assert.Equal(first.AddHours(1), (await store.GetAsync("id"))!.ExpiresAt);
    }

    [Fact]
    public async Task A_fraction_that_another_writer_stored_is_not_taken_for_the_mark_of_a_repeated_hour()
    {
        await using var database = await DatabaseInAsync("America/New_York");
        await database.ExecuteAsync(NodeSql.CreateTable("session"));
        await using var store = database.Store();
        await database.ExecuteAsync("INSERT INTO session VALUES ('id', '{}', '2027-07-01 12:00:00.00006')");

        Assert.Equal(DateTimeOffset.Parse("2027-07-01T16:00:00.001Z", CultureInfo.InvariantCulture), (await store.GetAsync("id"))!.ExpiresAt);
    }

    [Theory]
    [InlineData("UTC")]
    [InlineData("America/New_York")]
    [InlineData("Asia/Kolkata")]
    public async Task A_table_of_the_stores_own_has_no_time_zone_trap(string ourZone)
    {
        await using var database = await DatabaseInAsync("America/New_York");
        await using var source = NpgsqlDataSource.Create(WithZone(database, ourZone));
        await using var store = new PostgresStore(source);
        var expiresAt = DateTimeOffset.Parse("2027-11-07T05:30:00Z", CultureInfo.InvariantCulture);

        await store.SetAsync("ours", new SessionContent("{}"u8.ToArray(), expiresAt));
        await NodeSetAsync(database, "theirs", expiresAt);

        Assert.Equal(expiresAt, (await store.GetAsync("ours"))!.ExpiresAt);
        Assert.Equal(expiresAt, (await store.GetAsync("theirs"))!.ExpiresAt);
        Assert.Equal(1, await NodeRowsAsync(database, NodeSql.Get("session"), "ours", NodeSql.Seconds(expiresAt)));
        Assert.Equal(0, await NodeRowsAsync(database, NodeSql.Get("session"), "ours", NodeSql.Seconds(expiresAt) + 1));
    }

    [Fact]
    public async Task The_zone_of_the_database_is_found_behind_a_connection_with_a_zone_of_its_own()
    {
        await using var database = await DatabaseInAsync("Asia/Kolkata");
        await database.ExecuteAsync(NodeSql.CreateTable("session"));
        await using var source = NpgsqlDataSource.Create(WithZone(database, "America/New_York"));
        await using var store = new PostgresStore(source);
        var expiresAt = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 60);

        await NodeSetAsync(database, "id", expiresAt);

        Assert.Equal(expiresAt, (await store.GetAsync("id"))!.ExpiresAt);
    }

    [Fact]
    public async Task A_zone_that_cannot_be_found_out_is_an_error_and_can_be_named()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(NodeSql.CreateTable("session"));
        await using var source = NpgsqlDataSource.Create(WithZone(database, "Asia/Kolkata"));
        await using var unsure = new PostgresStore(source);
        var zone = await database.ScalarAsync<string>("SHOW timezone");
        await using var told = new PostgresStore(source, new PostgresStoreOptions { ExpireTimeZone = zone });

        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await unsure.GetAsync("id"));

        Assert.Equal(SessionStoreFault.Misconfigured, exception.Fault);
        Assert.Contains(nameof(PostgresStoreOptions.ExpireTimeZone), exception.Message, StringComparison.Ordinal);
        await told.CreateAsync("id", Database.Content());
        Assert.Equal(1, await NodeRowsAsync(database, NodeSql.Get("session"), "id", NodeSql.Seconds(DateTimeOffset.UtcNow.AddMinutes(59))));
        Assert.Equal(0, await NodeRowsAsync(database, NodeSql.Get("session"), "id", NodeSql.Seconds(DateTimeOffset.UtcNow.AddMinutes(61))));
    }

    [Fact]
    public async Task A_zone_that_is_also_an_abbreviation_is_refused()
    {
        await using var database = await DatabaseInAsync("CET");
        await database.ExecuteAsync(NodeSql.CreateTable("session"));
        await using var store = database.Store();

        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.SetUpAsync());

        Assert.Equal(SessionStoreFault.Misconfigured, exception.Fault);
        Assert.Contains("CET", exception.Message, StringComparison.Ordinal);
    }

    private static string WithZone(Database database, string zone) =>
        new NpgsqlConnectionStringBuilder(database.ConnectionString) { Timezone = zone }.ConnectionString;

    private async Task<Database> DatabaseInAsync(string zone)
    {
        var connectionString = await server.Backend.CreateDatabaseAsync();
        await using (var before = new Database(connectionString))
            await before.ExecuteAsync($"ALTER DATABASE \"{new NpgsqlConnectionStringBuilder(connectionString).Database}\" SET timezone = '{zone}'");

        // The setting reaches connections that are opened from now on.
        return new Database(connectionString + ";Application Name=after");
    }

    private static Task<int> NodeSetAsync(Database database, string id, DateTimeOffset expiresAt) => NodeAsync(database, command =>
    {
        command.CommandText = NodeSql.Set("session");
        NodeSql.Bind(command, id, "{}", expiresAt);
    });

    private static Task<int> NodeRowsAsync(Database database, string sql, params object[] arguments) => NodeAsync(database, command =>
    {
        command.CommandText = sql;
        foreach (var argument in arguments)
            command.Parameters.Add(new NpgsqlParameter { Value = argument });
    });

    private static async Task<int> NodeAsync(Database database, Action<NpgsqlCommand> fill)
    {
        await using var command = database.Source.CreateCommand();
        fill(command);
        if (!command.CommandText.StartsWith("SELECT", StringComparison.Ordinal))
            return await command.ExecuteNonQueryAsync();

        await using var reader = await command.ExecuteReaderAsync();
        var rows = 0;
        while (await reader.ReadAsync())
            rows++;

        return rows;
    }
}
