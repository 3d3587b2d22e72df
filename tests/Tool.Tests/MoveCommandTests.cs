using System.Text;
using System.Text.Json;
using SessionStores.Backends;
using SessionStores.Postgres;
using SessionStores.Redis;
using StackExchange.Redis;

namespace SessionStores.Tool.Tests;

/// <summary><c>sessionstores move</c> from Redis to PostgreSQL.</summary>
public sealed class MoveCommandTests(ServersFixture servers) : IAsyncLifetime
{
    private const string Handle = @"[0-9a-f]{32}";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly DateTimeOffset End = TimeProvider.System.GetUtcNow().AddHours(1);
    private RedisStore _from = null!;
    private PostgresStore _to = null!;
    private string[] _stores = [];

    public async ValueTask InitializeAsync()
    {
        var redis = (await servers.RedisAsync()).ConnectionString;
        var database = await (await servers.PostgresAsync()).CreateDatabaseAsync();
        var prefix = $"{OwnPlace.NewName("test")}:";
        _from = new RedisStore(ConfigurationOptions.Parse(redis), new RedisStoreOptions { KeyPrefix = prefix, OperationTimeout = Patience });
        _to = new PostgresStore(database, new PostgresStoreOptions { OperationTimeout = Patience });
        _stores =
        [
            "--from", "redis", "--from-connection", redis, "--from-option", $"KeyPrefix={prefix}", "--from-option", "OperationTimeout=00:00:30",
            "--to", "postgres", "--to-connection", database, "--to-option", "OperationTimeout=00:00:30",
        ];
    }

    public async ValueTask DisposeAsync()
    {
        // Skipped where a server is missing.
        if (_stores.Length == 0)
            return;

        await _from.DisposeAsync();
        await _to.DisposeAsync();
    }

    [Fact]
    public async Task A_move_that_is_verified_leaves_every_session_on_the_new_side_and_none_on_the_old_one()
    {
        for (var user = 0; user < 250; user++)
            await _from.CreateAsync($"id-{user}", Content(user));

        var before = await _from.GetAsync("id-7");
        var (code, output, errors) = await MoveAsync("--yes", "--verify");

        Assert.Equal((0, ""), (code, errors));
        Assert.Matches(@"moved +│ +250 ", output);
        Assert.Contains("Verified: no session is left on Redis ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("id-", output, StringComparison.Ordinal);
        Assert.Equal((0, 250), (await _from.LengthAsync(), await _to.LengthAsync()));
        var moved = await _to.GetAsync("id-7");
        Assert.Equal("""{"n":7}""", Encoding.UTF8.GetString(moved!.Payload.Span));
        Assert.Equal("user7", moved.Subject);
        Assert.InRange(moved.ExpiresAt - before!.ExpiresAt, TimeSpan.FromMinutes(-5), TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task A_second_run_has_nothing_left_to_do()
    {
        await _from.CreateAsync("a", Content(1));
        await MoveAsync("--yes");

        var (code, output, _) = await MoveAsync("--yes", "--verify", "--json");

        using var result = JsonDocument.Parse(output);
        Assert.Equal(0, code);
        Assert.Equal(0, result.RootElement.GetProperty("moved").GetInt64());
        Assert.True(result.RootElement.GetProperty("comparison").GetProperty("isMoved").GetBoolean());
    }

    [Fact]
    public async Task A_session_that_the_new_side_does_not_take_stays_and_is_named_by_its_handle()
    {
        await _from.CreateAsync("small", Content(1));
        await _from.CreateAsync("large", new SessionContent(Encoding.UTF8.GetBytes($$"""{"text":"{{new string('x', 300)}}"}"""), TimeSpan.FromHours(1)));

        var (code, output, _) = await MoveAsync("--to-option", "MaxPayloadBytes=200", "--yes", "--verify");

        Assert.Equal(1, code);
        Assert.Matches($"{Handle}: MovingStore.Move: .* Raise MaxPayloadBytes of the new side", output);
        Assert.Matches($"{Handle}: only on the old side", output);
        Assert.Contains("Not complete: 1 sessions are left on Redis ", output, StringComparison.Ordinal);
        Assert.NotNull(await _from.GetAsync("large"));
        Assert.Null(await _from.GetAsync("small"));
    }

    [Fact]
    public async Task A_comparison_moves_nothing_and_names_what_differs()
    {
        await _from.CreateAsync("equal", Content(1));
        await _to.CreateAsync("equal", Content(1));
        Assert.Equal(0, (await MoveAsync("--compare")).Code);

        await _from.CreateAsync("payload", Content(2));
        await _to.CreateAsync("payload", Content(3, "user2"));
        await _from.CreateAsync("subject", Content(2));
        await _to.CreateAsync("subject", Content(2, "other"));
        await _from.CreateAsync("lifetime", Content(2));
        await _to.CreateAsync("lifetime", new SessionContent(Content(2).Payload, End.AddHours(1), "user2"));
        await _from.CreateAsync("missing", Content(2));
        var (code, output, _) = await MoveAsync("--compare", "--json");

        using var result = JsonDocument.Parse(output);
        var comparison = result.RootElement.GetProperty("comparison");
        Assert.Equal(1, code);
        Assert.Equal(
            ["Lifetime", "Missing", "Payload", "Same", "Subject"],
            comparison.GetProperty("differences").EnumerateArray().Select(each => each.GetProperty("kind").GetString()).Order());
        Assert.False(comparison.GetProperty("isCopied").GetBoolean());
        Assert.Equal((5, 4), (await _from.LengthAsync(), await _to.LengthAsync()));
    }

    [Fact]
    public async Task A_server_that_is_down_is_named_with_what_to_do_and_nothing_is_lost()
    {
        await using var network = TcpFault.Start((await servers.PostgresAsync()).Server);
        network.Refuse();
        for (var user = 0; user < 10; user++)
            await _from.CreateAsync($"id-{user}", Content(user));

        var (code, output, errors) = await MoveAsync("--to-connection", $"Host={network.Host};Port={network.Port};Username=app;Database=app", "--to-option", "OperationTimeout=00:00:02", "--parallel", "2", "--yes");

        Assert.Equal(3, code);
        Assert.Contains("0 sessions were moved before the run ended early. Run the same command again: it continues.", errors, StringComparison.Ordinal);
        Assert.Contains("PostgresStore.", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("id-", output + errors, StringComparison.Ordinal);
        Assert.Equal(10, await _from.LengthAsync());
    }

    [Fact]
    public async Task Without_a_terminal_and_without_yes_nothing_is_moved()
    {
        await _from.CreateAsync("a", Content(1));

        var (code, _, errors) = await MoveAsync();

        Assert.Equal(2, code);
        Assert.Contains("--yes", errors, StringComparison.Ordinal);
        Assert.Equal(1, await _from.LengthAsync());
    }

    [Fact]
    public async Task A_configuration_with_MovingFrom_names_both_stores_and_must_have_the_stage_Move()
    {
        for (var user = 0; user < 10; user++)
            await _from.CreateAsync($"id-{user}", Content(user));

        var refused = await MoveByConfigurationAsync("Prepare");
        Assert.Equal(2, refused.Code);
        Assert.Contains("The stage must be Move, but is Prepare", refused.Errors, StringComparison.Ordinal);

        var moved = await MoveByConfigurationAsync("Move");

        Assert.Equal((0, ""), (moved.Code, moved.Errors));
        Assert.Equal((0, 10), (await _from.LengthAsync(), await _to.LengthAsync()));
    }

    [Fact]
    public async Task A_command_without_both_stores_says_how_to_name_them()
    {
        var (code, _, errors) = await ToolRun.RunAsync("move", "--store", "memory");

        Assert.Equal(2, code);
        Assert.Contains("Name both stores: --from redis --to postgres", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_store_is_not_moved_to_itself()
    {
        var (code, _, errors) = await ToolRun.RunAsync("move", "--from", "redis", "--from-connection", "localhost:1", "--to", "redis", "--to-connection", "localhost:1", "--yes");

        Assert.Equal(2, code);
        Assert.Contains("--from and --to are the same store: Redis localhost:1", errors, StringComparison.Ordinal);
    }

    private async Task<ToolRun> MoveByConfigurationAsync(string stage)
    {
        string ValueOf(string option) => _stores[Array.IndexOf(_stores, option) + 1];
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new
            {
                Sessions = new
                {
                    Store = new
                    {
                        Provider = "Postgres", Connection = ValueOf("--to-connection"), OperationTimeout = "00:00:30",
                        MovingFrom = new
                        {
                            Provider = "Redis", Connection = ValueOf("--from-connection"), KeyPrefix = ValueOf("--from-option")["KeyPrefix=".Length..],
                            OperationTimeout = "00:00:30", Stage = stage,
                        },
                    },
                },
            }));
            return await ToolRun.RunAsync("move", "--config", file, "--yes", "--verify");
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static SessionContent Content(int number, string? subject = null) =>
        new(Encoding.UTF8.GetBytes($$"""{"n":{{number}}}"""), End, subject ?? $"user{number}");

    /// <summary>Options that are given again replace those of the stores.</summary>
    private Task<ToolRun> MoveAsync(params string[] arguments)
    {
        var stores = _stores.Chunk(2).Where(option => option[0].EndsWith("-option", StringComparison.Ordinal) || !arguments.Contains(option[0])).SelectMany(option => option);
        return ToolRun.RunAsync(["move", .. stores, .. arguments]);
    }
}
