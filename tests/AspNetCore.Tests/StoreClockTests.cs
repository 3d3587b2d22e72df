using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using SessionStores.Conformance;

namespace SessionStores.AspNetCore.Tests;

/// <summary>A node whose clock differs from that of its store.</summary>
public sealed class StoreClockTests
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);

    [Theory]
    [InlineData(40, 0)]
    [InlineData(0, 40)]
    public async Task A_new_session_has_the_absolute_limit_of_the_options_by_the_clock_of_the_store(int minutesOfStore, int minutesOfNode)
    {
        var node = new FakeClock();
        await using var site = await Site.StartAsync(
            app => app.MapGet("/count", (HttpSession session) =>
            {
                session.Update<int>("n", n => n + 1);
                return session.Get<int>("n");
            }),
            options => (options.IdleTimeout, options.AbsoluteTimeout) = (Idle, Longest),
            services => services.AddSingleton<TimeProvider>(node));
        site.Clock.Advance(TimeSpan.FromMinutes(minutesOfStore));
        node.Advance(TimeSpan.FromMinutes(minutesOfNode));

        // Nothing has told the node the time of its store yet.
        using var first = site.NewBrowser();
        await first.GetAsync("/count");
        Assert.Equal(Idle, (await site.RecordOf(first))!.Remaining);
        await first.GetAsync("/count");

        using var second = site.NewBrowser();
        await second.GetAsync("/count");
        var record = (await site.RecordOf(second))!;

        Assert.Equal(Idle, record.Remaining);
        var limit = site.Clock.GetUtcNow() + Longest;
        Assert.Contains($"\"__absolute\":{limit.ToUnixTimeMilliseconds()}", SavingTests.Payload(record), StringComparison.Ordinal);
        Assert.Equal("2", (await second.GetAsync("/count")).Body);
    }
}
