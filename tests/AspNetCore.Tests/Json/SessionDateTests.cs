using System.Text;

namespace SessionStores.AspNetCore.Tests;

public sealed class SessionDateTests
{
    [Fact]
    public void An_instant_has_three_digits_and_a_Z_always()
    {
        var instant = new DateTimeOffset(2030, 1, 2, 5, 4, 5, TimeSpan.FromHours(2));

        Assert.Equal("2030-01-02T03:04:05.000Z", SessionDate.ToString(instant));
        Assert.Equal("2030-01-02T03:04:05.678Z", SessionDate.ToString(instant.AddMilliseconds(678)));
        Assert.Equal("1970-01-01T00:00:00.000Z", SessionDate.ToString(DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public void Bytes_are_those_of_the_text()
    {
        var instant = new DateTimeOffset(2030, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
        var bytes = new byte[SessionDate.Length];

        SessionDate.Write(instant, bytes);

        Assert.Equal(SessionDate.ToString(instant), Encoding.ASCII.GetString(bytes));
        Assert.Throws<ArgumentException>(() => SessionDate.Write(instant, new byte[23]));
    }

    [Theory]
    [InlineData("2030-01-02T03:04:05.678Z", true)]
    [InlineData("2030-01-02T03:04:05.6780000+00:00", true)]
    [InlineData("2030-01-02T05:04:05.678+02:00", true)]
    [InlineData("2030-01-02T03:04:05.678", true)]
    [InlineData("soon", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Instants_of_other_writers_are_read(string? text, bool isInstant)
    {
        Assert.Equal(isInstant, SessionDate.TryParse(text, out var instant));
        Assert.Equal(isInstant ? new DateTimeOffset(2030, 1, 2, 3, 4, 5, 678, TimeSpan.Zero) : default, instant);
    }
}
