using Npgsql;
using SessionStores.Backends;

namespace SessionStores.Tool.Tests;

/// <summary>list, show, end, count and prune.</summary>
public sealed class SessionCommandTests(ServersFixture servers)
{
    private const string Payload = """{"cookie":{"path":"/"},"card":"4711","visits":3}""";

    [Theory]
    [InlineData("redis")]
    [InlineData("postgres")]
    [InlineData("mongo")]
    public async Task Sessions_are_listed_counted_shown_and_ended_by_handle(string store)
    {
        var place = await servers.ArgumentsAsync(store);
        await CreateAsync(place, ("ann-laptop", "ann"), ("ann-phone", "ann"), ("bob", "bob"));
        var phone = Handle.Of("ann-phone");

        var all = await ToolRun.RunAsync(["list", "--json", .. place]);
        var ofAnn = await ToolRun.RunAsync(["list", "--subject", "ann", .. place]);
        var shown = await ToolRun.RunAsync(["show", phone, "--subject", "ann", .. place]);
        var ended = await ToolRun.RunAsync(["end", "--subject", "ann", "--handle", phone, "--yes", "--json", .. place]);
        var left = await ToolRun.RunAsync(["count", "--subject", "ann", .. place]);
        var leftOfAll = await ToolRun.RunAsync(["count", "--json", .. place]);

        Assert.All([all, ofAnn, shown, ended, left, leftOfAll], run =>
        {
            Assert.Equal((0, ""), (run.Code, run.Errors));
            Assert.DoesNotContain("ann-phone", run.Output, StringComparison.Ordinal);
        });
        Assert.Equal(
            new[] { "ann-laptop", "ann-phone", "bob" }.Select(Handle.Of).Order(),
            all.Json.GetProperty("sessions").EnumerateArray().Select(session => session.GetProperty("handle").GetString()!).Order());
        Assert.Contains("2 sessions.", ofAnn.Output, StringComparison.Ordinal);
        Assert.Matches(@"visits +│ number +│ +1 │ hidden", shown.Output);
        Assert.Equal(1, ended.Json.GetProperty("ended").GetInt32());
        Assert.Equal("1", left.Output.Trim());
        Assert.Equal(2, leftOfAll.Json.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task A_table_that_is_missing_is_an_error_and_is_not_created()
    {
        var place = await servers.ArgumentsAsync("postgres");

        var runs = new[] { await ToolRun.RunAsync(["list", .. place]), await ToolRun.RunAsync(["count", .. place]), await ToolRun.RunAsync(["end", "--subject", "ann", "--yes", .. place]) };

        Assert.All(runs, run =>
        {
            Assert.Equal(ExitCode.StoreFailed, run.Code);
            Assert.Contains("does not exist", run.Errors, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Values_are_printed_only_when_asked_for()
    {
        var place = await servers.ArgumentsAsync("redis");
        await CreateAsync(place, ("ann-phone", "ann"));

        var masked = await ToolRun.RunAsync(["show", Handle.Of("ann-phone"), .. place]);
        var maskedJson = await ToolRun.RunAsync(["show", Handle.Of("ann-phone"), "--json", .. place]);
        var open = await ToolRun.RunAsync(["show", Handle.Of("ann-phone"), "--values", .. place]);

        Assert.All([masked, maskedJson], run => Assert.DoesNotContain("4711", run.Output, StringComparison.Ordinal));
        Assert.Contains("4711", open.Output, StringComparison.Ordinal);
        Assert.Contains("card", masked.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_ends_early_says_so()
    {
        var place = await servers.ArgumentsAsync("redis");
        await CreateAsync(place, ("1", "ann"), ("2", "ann"), ("3", "ann"));

        var two = await ToolRun.RunAsync(["list", "--limit", "2", .. place]);
        var three = await ToolRun.RunAsync(["list", "--limit", "3", "--json", .. place]);

        Assert.Contains("2 sessions. There are more", two.Output, StringComparison.Ordinal);
        Assert.False(three.Json.GetProperty("more").GetBoolean());
    }

    [Fact]
    public async Task Ending_sessions_asks_first_and_needs_a_yes_without_a_terminal()
    {
        var place = await servers.ArgumentsAsync("redis");
        await CreateAsync(place, ("laptop", "ann"), ("phone", "ann"));
        string[] end = ["end", "--subject", "ann", .. place];

        var withoutTerminal = await ToolRun.RunAsync(end);
        var refused = await ToolRun.RunAsync("n\n", end);
        var before = await ToolRun.RunAsync(["count", .. place]);
        var accepted = await ToolRun.RunAsync("y\n", [.. end, "--except", Handle.Of("phone")]);

        Assert.Equal(2, withoutTerminal.Code);
        Assert.Contains("Pass --yes", withoutTerminal.Errors, StringComparison.Ordinal);
        Assert.Equal(1, refused.Code);
        Assert.Contains("End 2 of 2 sessions of 'ann' in Redis", refused.Errors, StringComparison.Ordinal);
        Assert.Equal("2", before.Output.Trim());
        Assert.Equal((0, "Ended 1 sessions of 'ann'."), (accepted.Code, accepted.Output.Trim()));
        await using var store = ToolRun.Open(place);
        Assert.NotNull(await store.Store.GetAsync("phone"));
    }

    [Fact]
    public async Task The_session_and_the_sign_in_of_a_browser_are_ended_and_kept_together()
    {
        var place = await servers.ArgumentsAsync("redis");
        const string phone = """{"cookie":{"originalMaxAge":3600000},"__device":"QkJCQkJCQkJCQkJCQkJCQg"}""";
        const string laptop = """{"cookie":{"originalMaxAge":3600000},"__device":"TExMTExMTExMTExMTExMTA"}""";
        await using (var store = ToolRun.Open(place))
        {
            foreach (var (id, payload) in ((string, string)[])[("phone", phone), ("sign-in of phone", phone), ("laptop", laptop), ("sign-in of laptop", laptop), ("tablet", Payload)])
                await store.Store.CreateAsync(id, new SessionContent(System.Text.Encoding.UTF8.GetBytes(payload), TimeSpan.FromHours(1), "ann"));
        }

        var ended = await ToolRun.RunAsync(["end", "--subject", "ann", "--handle", Handle.Of("phone"), "--yes", .. place]);
        var others = await ToolRun.RunAsync(["end", "--subject", "ann", "--except", Handle.Of("sign-in of laptop"), "--yes", .. place]);

        Assert.Equal((0, "Ended 2 sessions of 'ann'."), (ended.Code, ended.Output.Trim()));
        Assert.Equal((0, "Ended 1 sessions of 'ann'."), (others.Code, others.Output.Trim()));
        await using var left = ToolRun.Open(place);
        Assert.NotNull(await left.Store.GetAsync("laptop"));
        Assert.NotNull(await left.Store.GetAsync("sign-in of laptop"));
    }

    [Fact]
    public async Task A_handle_that_no_session_of_the_subject_has_ends_nothing()
    {
        var place = await servers.ArgumentsAsync("redis");
        await CreateAsync(place, ("phone", "ann"), ("tablet", "bob"));

        var kept = await ToolRun.RunAsync(["end", "--subject", "ann", "--except", Handle.Of("tablet"), "--yes", .. place]);
        var shown = await ToolRun.RunAsync(["show", Handle.Of("other"), .. place]);

        Assert.Equal((1, 1), (kept.Code, shown.Code));
        Assert.Contains($"'ann' has no session with the handle {Handle.Of("tablet")}. Nothing was changed.", kept.Errors, StringComparison.Ordinal);
        Assert.Contains("There is no session with the handle", shown.Errors, StringComparison.Ordinal);
        Assert.Equal("2", (await ToolRun.RunAsync(["count", .. place])).Output.Trim());
    }

    [Fact]
    public async Task Pruning_removes_expired_records_only()
    {
        var place = await servers.ArgumentsAsync("postgres");
        await CreateAsync(place, ("live", "ann"));
        await using (var connection = new NpgsqlConnection(place[3]))
        {
            await connection.OpenAsync();
            await using var insert = new NpgsqlCommand("""INSERT INTO session (sid, sess, expire) SELECT 'old' || i, '{}', now() - interval '1 day' FROM generate_series(1, 25) i""", connection);
            await insert.ExecuteNonQueryAsync();
        }

        var pruned = await ToolRun.RunAsync(["prune", "--batch", "10", .. place]);
        var again = await ToolRun.RunAsync(["prune", "--json", .. place]);

        Assert.Equal((0, "Removed 25 expired records."), (pruned.Code, pruned.Output.Trim()));
        Assert.Equal(0, again.Json.GetProperty("removed").GetInt32());
        Assert.Equal("1", (await ToolRun.RunAsync(["count", .. place])).Output.Trim());
    }

    [Theory]
    [InlineData("redis", "127.0.0.1:1")]
    [InlineData("postgres", "Host=127.0.0.1;Port=1;Username=app;Password=secret;Database=app")]
    [InlineData("mongo", "mongodb://app:secret@127.0.0.1:1/app")]
    public async Task A_server_that_is_down_is_named_in_one_sentence_and_has_an_exit_code_of_its_own(string store, string connection)
    {
        var run = await ToolRun.RunAsync("list", "--store", store, "--connection", connection, "--option", "OperationTimeout=00:00:01");

        Assert.Equal(ExitCode.StoreFailed, run.Code);
        Assert.Matches("server (cannot be reached|did not respond within)", run.Errors);
        Assert.Contains("The command check", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", run.Errors, StringComparison.Ordinal);
        Assert.Equal("", run.Output);
    }

    private static async Task CreateAsync(string[] place, params (string Id, string Subject)[] sessions)
    {
        await using var store = ToolRun.Open(place);
        foreach (var (id, subject) in sessions)
            await store.Store.CreateAsync(id, new SessionContent(System.Text.Encoding.UTF8.GetBytes(Payload), TimeSpan.FromHours(1), subject));
    }
}
