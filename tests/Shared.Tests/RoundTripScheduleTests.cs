namespace SessionStores.Shared.Tests;

public sealed class RoundTripScheduleTests
{
    private static readonly int Seed = Random.Shared.Next(1_000_000);

    [Fact]
    public async Task No_rule_is_broken_under_random_schedules()
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}");
        var shared = 0;
        for (var round = 0; round < 25; round++)
        {
            var schedule = new RoundTripSchedule(Seed + round, RoundTripSchedule.Mutation.None);

            var broken = await schedule.RunAsync().WaitAsync(TimeSpan.FromMinutes(2));

            Assert.True(broken.Count == 0, $"seed {Seed + round}: {string.Join(' ', broken)}");
            shared += schedule.Shared;
        }

        Assert.NotEqual(0, shared);
    }

    [Theory]
    [InlineData(nameof(RoundTripSchedule.Mutation.SwapsResults), RoundTripSchedule.ReplyOfAnother)]
    [InlineData(nameof(RoundTripSchedule.Mutation.CancelsAllWithOne), RoundTripSchedule.FailureOfAnother)]
    [InlineData(nameof(RoundTripSchedule.Mutation.ReportsAFailureAsSuccess), RoundTripSchedule.AcknowledgedButNotDone)]
    [InlineData(nameof(RoundTripSchedule.Mutation.SendsAgainWhatWasSent), RoundTripSchedule.DoneTwice)]
    [InlineData(nameof(RoundTripSchedule.Mutation.SharesKeys), RoundTripSchedule.SharedKey)]
    [InlineData(nameof(RoundTripSchedule.Mutation.LosesCallsOnDispose), RoundTripSchedule.LostOnDispose)]
    public async Task A_mutant_of_the_sharing_breaks_the_rule_that_is_meant_to_catch_it(string mutation, string rule)
    {
        for (var round = 0; round < 200; round++)
        {
            var broken = await new RoundTripSchedule(Seed + round, Enum.Parse<RoundTripSchedule.Mutation>(mutation)).RunAsync().WaitAsync(TimeSpan.FromMinutes(2));
            if (broken.Contains(rule))
                return;
        }

        Assert.Fail($"seed {Seed}: {mutation} was not caught.");
    }
}
