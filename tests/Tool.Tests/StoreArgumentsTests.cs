namespace SessionStores.Tool.Tests;

/// <summary>How a command line says which store it is about.</summary>
public sealed class StoreArgumentsTests(ServersFixture servers) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("Name the store: --store redis --connection localhost:6379, or --config appsettings.json.")]
    [InlineData("Provider 'rediss' is unknown: the command knows Redis, Postgres, Mongo, Memory. Did you mean Redis?", "--store", "rediss", "--connection", "localhost:6379")]
    [InlineData("--store redis needs --connection, or the environment variable SESSIONSTORES_CONNECTION: how to reach its server.", "--store", "redis")]
    [InlineData("Store:Table is no setting;", "--store", "redis", "--connection", "localhost:6379", "--option", "Table=session")]
    [InlineData("--option must be Name=Value", "--store", "redis", "--connection", "localhost:6379", "--option", "KeyPrefix")]
    [InlineData("There is no file '", "--config", "missing.json")]
    public async Task A_store_that_cannot_be_opened_exits_with_2_and_says_what_is_wrong(string message, params string[] arguments)
    {
        var run = await ToolRun.RunAsync(["count", .. arguments]);

        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Contains(message, run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_that_may_be_an_id_is_not_repeated()
    {
        var run = await ToolRun.RunAsync("show", "V7aVNYAwzKRTCRrWQAt0gTsDDTNoZyBf", "--store", "memory");

        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Contains("A handle has 32 hexadecimal digits", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("V7aV", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_configuration_of_the_application_opens_its_store_with_its_protection()
    {
        var place = await servers.ArgumentsAsync("redis");
        var key = Convert.ToBase64String(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());
        var file = await WriteAsync($$"""
            {
              "ConnectionStrings": { "cache": "{{place[3]}}" },
              "Sessions": {
                "Secrets": "not needed here",
                "Store": { "Provider": "Redis", "Connection": "cache", "{{place[5].Replace("=", "\": \"", StringComparison.Ordinal)}}" },
                "Protection": { "Keys": [ "{{key}}" ] }
              }
            }
            """);
        await using (var store = ToolRun.Open(["--config", file]))
            await store.Store.CreateAsync("ann-phone", new SessionContent("{}"u8.ToArray(), TimeSpan.FromHours(1), "ann"));

        var byConfiguration = await ToolRun.RunAsync("list", "--json", "--config", file);
        var byServer = await ToolRun.RunAsync(["list", "--json", .. place]);

        Assert.Equal(Handle.Of("ann-phone"), HandleOf(byConfiguration));
        Assert.NotEqual(Handle.Of("ann-phone"), HandleOf(byServer));
        Assert.Equal("", byConfiguration.Errors);
        Assert.Contains("There are protected sessions here.", byServer.Errors, StringComparison.Ordinal);
        Assert.Contains("There are protected sessions here.", (await ToolRun.RunAsync(["show", Handle.Of("ann-phone"), .. place])).Errors, StringComparison.Ordinal);

        static string? HandleOf(ToolRun run) => run.Json.GetProperty("sessions")[0].GetProperty("handle").GetString();
    }

    [Fact]
    public async Task A_section_without_a_store_and_keys_that_only_the_application_has_are_refused()
    {
        var file = await WriteAsync("""{ "Admin": { "Store": { "Provider": "Memory" }, "Protection": { "DataProtection": true } } }""");

        var missing = await ToolRun.RunAsync("count", "--config", file);
        var keys = await ToolRun.RunAsync("count", "--config", file, "--section", "Admin");
        var broken = await ToolRun.RunAsync("count", "--config", await WriteAsync("{"));

        Assert.All([missing, keys, broken], run => Assert.Equal(ExitCode.Usage, run.Code));
        Assert.Contains("The configuration has no setting Sessions:Store:Provider.", missing.Errors, StringComparison.Ordinal);
        Assert.Contains("Admin:Protection:DataProtection", keys.Errors, StringComparison.Ordinal);
        Assert.Contains("Failed to load configuration from file", broken.Errors, StringComparison.Ordinal);
    }

    private async Task<string> WriteAsync(string json)
    {
        var file = Path.Combine(_folder, $"{Path.GetRandomFileName()}.json");
        await File.WriteAllTextAsync(file, json);
        return file;
    }
}
