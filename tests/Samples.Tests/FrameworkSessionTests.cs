using System.Net;

namespace SessionStores.Samples.Tests;

public sealed class FrameworkSessionTests
{
    [Theory]
    [InlineData("true", ".AspNetCore.Session")]
    [InlineData("false", "connect.sid")]
    public async Task The_application_counts_visits_with_either_session(string framework, string cookie)
    {
        await using var sample = await RunningSample.StartAsync("FrameworkSession", ("Framework", framework));
        using var person = sample.NewBrowser();

        using var first = await person.GetAsync(new Uri("visits", UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal("1", await first.Content.ReadAsStringAsync());
        Assert.StartsWith(cookie, Assert.Single(first.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
        Assert.Equal("2", await person.GetStringAsync(new Uri("visits", UriKind.Relative)));
    }
}
