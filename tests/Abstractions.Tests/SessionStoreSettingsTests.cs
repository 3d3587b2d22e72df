using SessionStores.Configuration;

namespace SessionStores.Abstractions.Tests;

public sealed class SessionStoreSettingsTests
{
    [Theory]
    [InlineData("00:20:00", 20 * 60)]
    [InlineData("7.00:00:00", 7 * 24 * 3600)]
    [InlineData("00:00:00.5", 0.5)]
    [InlineData("infinite", -0.001)]
    public void Durations_are_read(string text, double seconds)
    {
        var read = TimeSpan.Zero;
        var settings = Settings(("Timeout", text));

        settings.Duration("timeout", value => read = value);

        Assert.Equal(TimeSpan.FromSeconds(seconds), read);
        Assert.Empty(settings.Problems);
    }

    [Theory]
    [InlineData("20")]
    [InlineData("20 minutes")]
    [InlineData("00:20:00:00:00")]
    public void A_duration_that_could_be_misread_is_refused(string text)
    {
        var settings = Settings(("Timeout", text));

        settings.Duration("Timeout", _ => Assert.Fail("It was read."));

        Assert.Contains($"Here:Timeout must be a duration such as 00:20:00 (20 minutes) or 7.00:00:00 (7 days), but is '{text}'.", settings.Problems);
    }

    [Fact]
    public void What_is_absent_or_empty_leaves_the_default_and_empty_text_is_text()
    {
        var settings = Settings(("Flag", ""), ("Prefix", ""));
        var prefix = "default";

        settings.Switch("Flag", _ => Assert.Fail("It was read."));
        settings.WholeNumber("Absent", (int _) => Assert.Fail("It was read."));
        settings.Text("Prefix", value => prefix = value);

        Assert.Equal("", prefix);
        Assert.Empty(settings.Problems);
    }

    [Fact]
    public void A_choice_is_read_by_name_and_not_by_number()
    {
        var read = DayOfWeek.Sunday;
        var settings = Settings(("Day", "monday"), ("Other", "1"));

        settings.Choice<DayOfWeek>("Day", value => read = value);
        settings.Choice<DayOfWeek>("Other", _ => Assert.Fail("It was read."));

        Assert.Equal(DayOfWeek.Monday, read);
        Assert.StartsWith("Here:Other must be one of Sunday, Monday", Assert.Single(settings.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_never_read_is_unknown_with_the_name_that_was_probably_meant()
    {
        var settings = Settings(("KeyPrefx", "x"), ("Nonsense", "y"), ("connection", "secret text"));
        settings.Text("KeyPrefix", _ => { });

        Assert.Equal("secret text", settings.RequireConnection("host"));
        settings.AddUnknown();

        Assert.Equal(["Here:KeyPrefx is no setting; did you mean KeyPrefix?", "Here:Nonsense is no setting; known are Connection, KeyPrefix."], settings.Problems);
    }

    [Fact]
    public void A_connection_where_nobody_asks_for_one_is_unknown_and_not_quoted()
    {
        var settings = Settings(("Connection", "secret text"));

        settings.AddUnknown();

        Assert.DoesNotContain("secret text", Assert.Single(settings.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_registration_is_a_problem_once_and_other_failures_pass()
    {
        var settings = Settings();

        settings.Attempt(() => throw new ArgumentException("It is out of range.", "options"));
        settings.Attempt(() => throw new ArgumentException("It is out of range.", "configure"));

        Assert.Equal(["Here: It is out of range."], settings.Problems);
        Assert.Throws<InvalidOperationException>(() => settings.Attempt(() => throw new InvalidOperationException()));
    }

    private static SessionStoreSettings Settings(params (string Name, string Text)[] texts) =>
        new("Here", texts.Select(text => KeyValuePair.Create(text.Name, (string?)text.Text)));
}
