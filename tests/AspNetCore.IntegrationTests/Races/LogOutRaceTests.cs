using System.Globalization;
using System.Text;

namespace SessionStores.AspNetCore.IntegrationTests.Races;

/// <summary>A log-out and a log-out everywhere on one node meet a rotation on another one, on every store: no session survives, whoever is first.</summary>
public sealed class LogOutRaceTests
{
    /// <summary>More in a run by hand: <c>SESSIONSTORES_RACES=1000</c>.</summary>
    private static readonly int Rounds = int.TryParse(Environment.GetEnvironmentVariable("SESSIONSTORES_RACES"), CultureInfo.InvariantCulture, out var rounds) ? rounds : 50;

    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("SESSIONSTORES_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : Random.Shared.Next();

    public static TheoryData<string> Stores => OpenedStores.StoresAndCluster;

    [Theory]
    [MemberData(nameof(Stores))]
    public Task No_session_survives_a_log_out_that_races_rotations(string provider) =>
        RaceAsync(provider, "log-out", async (store, id, _) => await store.DestroyAsync(id));

    [Theory]
    [MemberData(nameof(Stores))]
    public Task No_session_survives_a_log_out_everywhere_that_races_rotations(string provider) =>
        RaceAsync(provider, "log-out everywhere", async (store, _, subject) => await ((ISessionSubjects)store).DestroyBySubjectAsync(subject) == 1);

    private static async Task RaceAsync(string provider, string what, Func<ISessionStore, string, string, Task<bool>> logOut)
    {
        await using var server = await ServerOf.StartAsync(provider);
        var ender = server.OpenStore(provider);
        var rotator = provider == "Memory" ? ender : server.OpenStore(provider);
        var point = new MeetingPoint(Seed);
        var (rotations, logOuts, unseen, survivors) = (0, 0, 0, new List<string>());
        for (var round = 0; round < Rounds; round++)
        {
            var subject = $"user{Seed}-{round}";
            var ids = Enumerable.Range(0, 3).Select(step => $"{subject}-{step}").ToArray();
            var content = new SessionContent(Encoding.UTF8.GetBytes("{}"), TimeSpan.FromHours(1), subject);
            await ender.CreateAsync(ids[0], content);

            // One rotation, and two in a row in every third round.
            var (first, isEnded) = await point.MeetAsync(
                async () =>
                {
                    var status = (await rotator.RotateAsync(ids[0], ids[1], SessionVersion.Any, content)).Status;
                    if (round % 3 == 2)
                        await rotator.RotateAsync(ids[1], ids[2], SessionVersion.Any, content);

                    return status;
                },
                () => logOut(ender, ids[0], subject));

            Assert.True(first is SessionWriteStatus.Written or SessionWriteStatus.Gone, $"The rotation of round {round} returned {first}.");
            point.Learn(first == SessionWriteStatus.Written);
            rotations += first == SessionWriteStatus.Written ? 1 : 0;
            logOuts += first == SessionWriteStatus.Gone ? 1 : 0;
            unseen += isEnded ? 0 : 1;
            foreach (var store in new[] { ender, rotator })
            {
                foreach (var id in ids)
                {
                    if (await store.GetAsync(id) is not null)
                        survivors.Add($"round {round}, id {id[^1]}");
                }
            }

            if (await ((ISessionSubjects)ender).ListBySubjectAsync(subject).AnyAsync())
                survivors.Add($"round {round}, listed");
        }

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{provider}: {Rounds} races of {what} against rotation: rotation first {rotations}, log-out first {logOuts}, log-outs that did not see the session {unseen}, survivors {survivors.Count} (seed {Seed})");
        await ender.CloseAsync();
        await rotator.CloseAsync();
        Assert.Empty(survivors);
        Assert.Equal(0, unseen);
        Assert.True(rotations > 0 && logOuts > 0, $"Only one order occurred in {Rounds} races: rotation first {rotations}, log-out first {logOuts}.");
    }
}
