using System.Text.Json;

namespace SessionStores.Tool.Tests;

public sealed class KitCommandTests : IDisposable
{
    private static readonly string Here = typeof(KitCommandTests).Assembly.Location;
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_store_that_passes_exits_with_0_and_is_shown_by_group()
    {
        var (code, output, _) = await KitAsync("--fixture", "SoundFixture", "--filter", "Touch", "--filter", "Identifier.*");

        Assert.Equal(0, code);
        Assert.Matches(@"Touch +│ +1\d ", output);
        Assert.Matches(@"Identifier +│ +2\d ", output);
        Assert.Contains("conformance sound (partial, ", output, StringComparison.Ordinal);
        Assert.Equal(["sound.partial.json", "sound.partial.md"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_store_that_fails_exits_with_1_and_names_clause_hint_and_a_command_that_repeats_it()
    {
        var (code, output, _) = await KitAsync("--fixture", "BrokenFixture", "--filter", "*.Touch_moves_the_expiry_forward", "--seed", "42");
        var repeat = output.Split('\n').Single(line => line.StartsWith("Repeat: sessionstores ", StringComparison.Ordinal)).Trim().Split(' ')[2..];

        var (again, secondOutput, _) = await RunAsync([.. repeat, "--report", _folder]);

        Assert.Equal((1, 1), (code, again));
        Assert.EndsWith("--fixture BrokenFixture --filter Touch.Touch_moves_the_expiry_forward --seed 42", string.Join(' ', repeat), StringComparison.Ordinal);
        Assert.All([output, secondOutput], text => Assert.Contains("L8: SessionStoreException: ", text, StringComparison.Ordinal));
        Assert.Contains("Stores that fail here often ", output, StringComparison.Ordinal);
        Assert.Contains("/docs/contract.md#l8", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_on_which_no_case_can_run_has_not_passed()
    {
        var (code, output, _) = await KitAsync("--fixture", "AwayFixture");

        Assert.Equal(1, code);
        Assert.Contains("not run: there is no server", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_fixtures_of_the_assembly_are_run_and_reported_as_JSON_and_nothing_else()
    {
        var (code, output, _) = await KitAsync("--filter", "L11", "--json");

        using var reports = JsonDocument.Parse(output);
        Assert.Equal(1, code);
        Assert.Equal(["away", "broken", "sound"], reports.RootElement.EnumerateArray().Select(report => report.GetProperty("store").GetString()));
    }

    [Theory]
    [InlineData("There is no fixture 'Sound'. The assembly has AwayFixture, BrokenFixture, SoundFixture.", "--fixture", "Sound")]
    [InlineData("The filter 'Tuch' selects no case.", "--filter", "Tuch")]
    [InlineData("'--sed'", "--sed", "1")]
    public async Task A_command_that_is_wrong_exits_with_2_and_says_what_is_allowed(string message, params string[] arguments)
    {
        var (code, _, errors) = await KitAsync(arguments);

        Assert.Equal(2, code);
        Assert.Contains(message, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_assembly_that_is_none_or_has_no_fixture_exits_with_2()
    {
        var text = Path.Combine(_folder, "text.dll");
        await File.WriteAllTextAsync(text, "no assembly");

        Assert.Equal((2, true), await ErrorAsync("missing.dll", "There is no file"));
        Assert.Equal((2, true), await ErrorAsync(text, "is not an assembly of .NET."));
        Assert.Equal((2, true), await ErrorAsync(typeof(MemoryStore).Assembly.Location, "has no fixture"));

        async Task<(int, bool)> ErrorAsync(string path, string message)
        {
            var (code, _, errors) = await RunAsync(["kit", "--assembly", path]);
            return (code, errors.Contains(message, StringComparison.Ordinal));
        }
    }

    private Task<(int Code, string Output, string Errors)> KitAsync(params string[] arguments) =>
        RunAsync(["kit", "--assembly", Here, "--report", _folder, .. arguments]);

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string[] arguments)
    {
        var run = await ToolRun.RunAsync(arguments);
        return (run.Code, run.Output, run.Errors);
    }
}
