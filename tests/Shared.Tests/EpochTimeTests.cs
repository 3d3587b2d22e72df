namespace SessionStores.Shared.Tests;

public sealed class EpochTimeTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_893_456_000_123)]
    [InlineData(EpochTime.LastMillisecond)]
    public void Milliseconds_survive_the_way_there_and_back(long milliseconds) =>
        Assert.Equal(milliseconds, EpochTime.ToMilliseconds(EpochTime.FromMilliseconds(milliseconds), never: -1));

    [Theory]
    [InlineData(-1)]
    [InlineData(EpochTime.LastMillisecond + 1)]
    [InlineData(long.MaxValue)]
    public void What_no_instant_can_hold_is_never(long milliseconds) => Assert.Equal(SessionExpiry.Never, EpochTime.FromMilliseconds(milliseconds));

    [Fact]
    public void Never_is_the_number_that_the_server_takes_for_it()
    {
        Assert.Equal(-1, EpochTime.ToMilliseconds(SessionExpiry.Never, never: -1));
        Assert.Equal(double.PositiveInfinity, EpochTime.ToSeconds(SessionExpiry.Never));
    }

    [Theory]
    [InlineData(0.001)]
    [InlineData(1_893_456_000.123)]
    [InlineData(4_102_444_800.999)]
    [InlineData(253_402_300_799)]
    public void Seconds_survive_the_way_there_and_back(double seconds) => Assert.Equal(seconds, EpochTime.ToSeconds(EpochTime.FromSeconds(seconds)));

    [Fact]
    public void Seconds_are_rounded_up_to_the_next_millisecond() =>
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1_002), EpochTime.FromSeconds(1.001_001));

    [Theory]
    [InlineData(253_402_300_800d)]
    [InlineData(1e300)]
    [InlineData(double.PositiveInfinity)]
    public void Seconds_after_the_year_9999_are_never(double seconds) => Assert.Equal(SessionExpiry.Never, EpochTime.FromSeconds(seconds));
}
