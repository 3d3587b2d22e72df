namespace SessionStores.Tool.Tests;

public sealed class BenchCommandTests(ServersFixture servers)
{
    [Theory]
    [InlineData("redis")]
    [InlineData("postgres")]
    [InlineData("mongo")]
    public async Task A_load_is_measured_in_a_place_of_its_own_that_is_removed(string store)
    {
        var place = await servers.ArgumentsAsync(store);

        var run = await ToolRun.RunAsync(["bench", "--sessions", "20", "--callers", "4", "--seconds", "0.2", "--json", .. place]);

        Assert.Equal((0, ""), (run.Code, run.Errors));
        var results = run.Json.GetProperty("results").EnumerateArray().ToDictionary(result => result.GetProperty("operation").GetString()!);
        Assert.Equal(20, results["create"].GetProperty("calls").GetInt32());
        Assert.All(results.Values, result => Assert.True(result.GetProperty("p50").GetDouble() <= result.GetProperty("most").GetDouble()));
        Assert.True(results["read"].GetProperty("calls").GetInt32() > 0);
        Assert.Contains("sessionstores_bench_", run.Json.GetProperty("store").GetString(), StringComparison.Ordinal);
        await AssertNothingLeftAsync(store, place);
    }

    [Theory]
    [InlineData("--callers must be 1 to 1000, but is 0.", "--callers", "0")]
    [InlineData("--seconds must be 0.1 to 600, but is 0.", "--seconds", "0")]
    public async Task A_load_that_makes_no_sense_exits_with_2(string message, params string[] arguments)
    {
        var run = await ToolRun.RunAsync(["bench", "--store", "memory", .. arguments]);

        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Contains(message, run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_results_are_a_table_for_a_person()
    {
        var run = await ToolRun.RunAsync("bench", "--store", "memory", "--seconds", "0.1");

        Assert.Equal(0, run.Code);
        Assert.Matches(@"read and change +│ +[\d,]+ │ +0 │", run.Output);
    }

    private static async Task AssertNothingLeftAsync(string store, string[] place)
    {
        if (store == "redis")
        {
            await using var redis = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(place[3]);
            var left = redis.GetServers()[0].KeysAsync(pattern: "*sessionstores_bench_*");
            Assert.Empty(await left.ToListAsync());
        }
        else if (store == "postgres")
        {
            await using var source = Npgsql.NpgsqlDataSource.Create(place[3]);
            await using var command = source.CreateCommand("SELECT count(*) FROM pg_class WHERE relname LIKE 'sessionstores_bench_%'");
            Assert.Equal(0L, await command.ExecuteScalarAsync());
        }
        else
        {
            var url = MongoDB.Driver.MongoUrl.Create(place[3]);
            using var client = new MongoDB.Driver.MongoClient(url);
            using var names = await client.GetDatabase(url.DatabaseName).ListCollectionNamesAsync();
            Assert.DoesNotContain(await MongoDB.Driver.IAsyncCursorExtensions.ToListAsync(names), name => name.StartsWith("sessionstores_bench_", StringComparison.Ordinal));
        }
    }
}
