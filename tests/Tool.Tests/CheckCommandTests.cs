using Npgsql;
using SessionStores.Backends;

namespace SessionStores.Tool.Tests;

public sealed class CheckCommandTests(ServersFixture servers)
{
    [Theory]
    [InlineData("redis")]
    [InlineData("postgres")]
    [InlineData("mongo")]
    public async Task A_store_that_works_exits_with_0_and_leaves_no_session(string store)
    {
        var place = await servers.ArgumentsAsync(store);

        var run = await ToolRun.RunAsync(["check", "--set-up", "--json", .. place]);
        var text = await ToolRun.RunAsync(["check", .. place]);

        Assert.Equal((0, true, ""), (run.Code, run.Json.GetProperty("usable").GetBoolean(), run.Errors));
        Assert.Contains(run.Json.GetProperty("results").EnumerateArray(), result => result.GetProperty("subject").GetString() == "session" && result.GetProperty("outcome").GetString() == "ok");
        Assert.Contains("The store can be used; ", text.Output, StringComparison.Ordinal);
        Assert.Matches(@"ok +version: (Redis|Valkey|PostgreSQL|MongoDB) \d", text.Output);
        Assert.Equal("0", (await ToolRun.RunAsync(["count", .. place])).Output.Trim());
    }

    [Theory]
    [InlineData("postgres", "does not exist. The first call of the application creates what is missing.")]
    [InlineData("mongo", "has no index on subject, expires, moved.until.")]
    public async Task What_is_missing_is_reported_and_not_created(string store, string finding)
    {
        var place = await servers.ArgumentsAsync(store);

        var first = await ToolRun.RunAsync(["check", .. place]);
        var second = await ToolRun.RunAsync(["check", .. place]);

        Assert.All([first, second], run =>
        {
            Assert.Equal(0, run.Code);
            Assert.Contains(finding, run.Output, StringComparison.Ordinal);
            Assert.Contains("No session was tried", run.Output, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Both_stores_of_a_move_are_checked()
    {
        var (from, to) = (await servers.ArgumentsAsync("redis"), await servers.ArgumentsAsync("postgres"));
        await using (var store = ToolRun.Open(to))
            Assert.Null(await store.Store.GetAsync("sets-up"));

        var works = await ToolRun.RunAsync("check", "--json", "--config", await WriteAsync(from[3]));
        var fails = await ToolRun.RunAsync("check", "--config", await WriteAsync("127.0.0.1:1"));

        Assert.Equal((0, true), (works.Code, works.Json.GetProperty("movingFrom").GetProperty("usable").GetBoolean()));
        Assert.Equal(1, fails.Code);
        Assert.Contains("The new store can be used", fails.Output, StringComparison.Ordinal);
        Assert.Contains("The store that the sessions are moved from: Redis", fails.Output, StringComparison.Ordinal);
        Assert.Contains("The old store cannot be used.", fails.Output, StringComparison.Ordinal);

        async Task<string> WriteAsync(string redis)
        {
            var file = Path.Combine(Directory.CreateTempSubdirectory("sessionstores-").FullName, "appsettings.json");
            await File.WriteAllTextAsync(file, $$"""
                {
                  "Sessions": {
                    "Store": {
                      "Provider": "Postgres", "Connection": "{{to[3]}}",
                      "MovingFrom": { "Provider": "Redis", "Connection": "{{redis}}", "{{from[5].Replace("=", "\": \"", StringComparison.Ordinal)}}", "OperationTimeout": "00:00:02" }
                    }
                  }
                }
                """);
            return file;
        }
    }

    [Theory]
    [InlineData("redis", "127.0.0.1:1")]
    [InlineData("postgres", "Host=127.0.0.1;Port=1;Username=app;Password=secret;Database=app")]
    [InlineData("mongo", "mongodb://app:secret@127.0.0.1:1/app")]
    public async Task A_server_that_is_down_exits_with_1_and_says_what_to_look_at(string store, string connection)
    {
        var run = await ToolRun.RunAsync("check", "--store", store, "--connection", connection, "--option", "OperationTimeout=00:00:01");

        Assert.Equal((1, ""), (run.Code, run.Errors));
        Assert.Contains("failure connection:", run.Output, StringComparison.Ordinal);
        Assert.Contains("Check that the server runs, ", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_without_DELETE_is_told_the_GRANT_that_it_needs()
    {
        var owner = await servers.ArgumentsAsync("postgres");
        Assert.Equal(0, (await ToolRun.RunAsync(["check", "--set-up", .. owner])).Code);
        var role = OwnPlace.NewName("role");
        await ExecuteAsync(owner[3], $"CREATE ROLE {role} LOGIN PASSWORD 'weak'; GRANT SELECT, INSERT, UPDATE ON session TO {role}");
        var connection = new NpgsqlConnectionStringBuilder(owner[3]) { Username = role, Password = "weak" }.ConnectionString;

        var run = await ToolRun.RunAsync(["check", .. ServersFixture.Arguments("postgres", connection)]);

        Assert.Equal(1, run.Code);
        Assert.Contains($"The role {role} lacks DELETE on \"session\".", run.Output, StringComparison.Ordinal);
        Assert.Contains($"GRANT DELETE ON \"session\" TO {role};", run.Output, StringComparison.Ordinal);
        Assert.Contains("failure session: creating a session: PostgresStore.Create: The PostgreSQL server refuses the credentials or a right", run.Output, StringComparison.Ordinal);
        Assert.Contains("The store cannot be used.", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_may_not_create_the_table_is_given_its_SQL()
    {
        var owner = await servers.ArgumentsAsync("postgres");
        var role = OwnPlace.NewName("role");
        await ExecuteAsync(owner[3], $"CREATE ROLE {role} LOGIN PASSWORD 'weak'");
        var connection = new NpgsqlConnectionStringBuilder(owner[3]) { Username = role, Password = "weak" }.ConnectionString;

        var run = await ToolRun.RunAsync(["check", .. ServersFixture.Arguments("postgres", connection)]);

        Assert.Equal(1, run.Code);
        Assert.Contains($"does not exist, and the role {role} has no right to create it.", run.Output, StringComparison.Ordinal);
        Assert.Contains("CREATE TABLE IF NOT EXISTS \"session\"", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_user_of_Redis_who_may_not_write_is_told_the_rights_that_it_needs_and_those_are_enough(bool keepExpired)
    {
        var backend = await servers.RedisAsync();
        var prefix = $"{OwnPlace.NewName("test")}:";
        var user = OwnPlace.NewName("user");
        string[] command = ["check", .. ServersFixture.Arguments("redis", $"{backend.ConnectionString},user={user},password=weak", $"KeyPrefix={prefix}"), "--option", $"KeepExpired={keepExpired}"];
        using var client = await backend.ConnectAsync();
        await client.SendAsync("ACL", "SETUSER", user, "on", ">weak", "~*", "+@connection", "+info", "+@read", "+evalsha", "+eval");

        var run = await ToolRun.RunAsync(command);
        var rights = run.Output.Split("ACL SETUSER <user> ")[^1].Split(" (")[0].Split(' ');
        await client.SendAsync(["ACL", "SETUSER", user, "resetkeys", "-@all", .. rights]);
        var granted = await ToolRun.RunAsync(command);

        Assert.Equal((1, 0), (run.Code, granted.Code));
        Assert.Contains("failure session: creating a session: RedisStore.Create: The Redis server refuses the credentials or a right", run.Output, StringComparison.Ordinal);
        Assert.Contains($"ACL SETUSER <user> ~{prefix}* ~subject:{prefix}*", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("weak", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_is_a_failure_of_the_connection()
    {
        var connection = new NpgsqlConnectionStringBuilder((await servers.PostgresAsync()).ConnectionString) { Username = "stranger", Password = "wrong" }.ConnectionString;

        var run = await ToolRun.RunAsync(["check", .. ServersFixture.Arguments("postgres", connection)]);

        Assert.Equal(1, run.Code);
        Assert.Contains("the role cannot log in", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Eviction_and_a_missing_persistence_of_Redis_are_warnings()
    {
        await using var lease = await RedisBackend.StartAsync(new RedisBackendOptions { Sources = BackendSources.Controlled, Arguments = ["--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru"] });
        Assert.SkipUnless(lease.IsAvailable, lease.Reason);

        var run = await ToolRun.RunAsync(["check", .. ServersFixture.Arguments("redis", lease.Backend.ConnectionString)]);

        Assert.Equal(0, run.Code);
        Assert.Contains("warning memory: The policy allkeys-lru with a limit of 64 MiB evicts sessions", run.Output, StringComparison.Ordinal);
        Assert.Contains("CONFIG SET maxmemory-policy noeviction", run.Output, StringComparison.Ordinal);
        Assert.Contains("warning persistence: There is neither an append-only file nor a snapshot", run.Output, StringComparison.Ordinal);
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
