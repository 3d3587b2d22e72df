using SessionStores.Backends;
using SessionStores.Conformance;
using SessionStores.Tests;

namespace SessionStores.Reliability.Tests.Moving;

/// <summary>A site moves from Redis to PostgreSQL while it is used. The long run is that of <c>eng/moving.cs</c>.</summary>
public sealed class MoveUnderLoadTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Sessions_that_move_under_load_are_neither_lost_nor_resurrected_nor_doubled()
    {
        await using var redis = await RedisBackend.StartAsync(new RedisBackendOptions { Sources = BackendSources.Controlled });
        await using var postgres = await PostgresBackend.StartAsync(new PostgresBackendOptions { Sources = BackendSources.Controlled });
        Assert.SkipUnless(redis.IsAvailable, redis.Reason);
        Assert.SkipUnless(postgres.IsAvailable, postgres.Reason);

        var outcome = await new MoveRun(redis.Backend.ConnectionString, await postgres.Backend.CreateDatabaseAsync(), MoveLength.OfRun, SeededRandom.FromEnvironment() ?? SeededRandom.NewSeed()).RunAsync();

        var text = outcome.ToString();
        output.WriteLine(text);
        if (Environment.GetEnvironmentVariable("SESSIONSTORES_REPORTS") is { Length: > 0 } folder && Directory.Exists(folder))
            await File.WriteAllTextAsync(Path.Combine(folder, "moving.txt"), $"{redis.Backend.Description}, {postgres.Backend.Description}\n{text}\n");

        Assert.True((outcome.Violations[Violation.Lost], outcome.Violations[Violation.Resurrected], outcome.Violations[Violation.Doubled]) == (0, 0, 0), text);
        Assert.StartsWith("Verified: no session is left on ", outcome.Verified, StringComparison.Ordinal);
        Assert.Equal(outcome.Live, outcome.Stored);
        Assert.True(outcome.Runs.Sum(run => run.Moved) > 0, text);
    }
}
