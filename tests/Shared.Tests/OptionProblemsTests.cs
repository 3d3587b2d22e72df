namespace SessionStores.Shared.Tests;

public sealed class OptionProblemsTests
{
    [Fact]
    public void Without_a_problem_nothing_is_thrown()
    {
        var problems = new OptionProblems("XOptions");
        problems.CheckRange("Count", 1, 1, 2);
        problems.CheckRange("Count", 2, 1, 2);
        problems.CheckOperationTimeout(TimeSpan.FromMilliseconds(10));
        problems.CheckOperationTimeout(TimeSpan.FromHours(1));
        problems.CheckMaxPayloadBytes(2, 100);
        problems.CheckDefined("Day", DayOfWeek.Friday);

        problems.ThrowIfAny();
    }

    [Fact]
    public void Every_problem_names_the_option_the_range_and_the_value()
    {
        var problems = new OptionProblems("XOptions");
        problems.CheckRange("Count", 1_000_001, 1, 1_000_000);
        problems.CheckRange("Interval", TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromDays(2));
        problems.CheckOperationTimeout(TimeSpan.FromMilliseconds(9));
        problems.CheckMaxPayloadBytes(1, 1 << 20);
        problems.CheckDefined("Day", (DayOfWeek)7);
        problems.Add("Name", "1 to 63 bytes", null);

        var exception = Assert.Throws<ArgumentException>(problems.ThrowIfAny);

        Assert.Equal(
            "XOptions: Count must be 1 to 1,000,000, but is 1000001. " +
            "Interval must be 00:00:01 to 2.00:00:00, but is 00:00:00. " +
            "OperationTimeout must be 00:00:00.0100000 to 01:00:00, but is 00:00:00.0090000. " +
            "MaxPayloadBytes must be 2 to 1,048,576, but is 1. " +
            "Day must be one of Sunday, Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, but is 7. " +
            "Name must be 1 to 63 bytes, but is null.",
            exception.Message);
    }
}
