namespace SessionStores.Mongo.Tests;

public sealed class TimeLimitTests
{
    [Fact]
    public void A_call_ends_with_the_token_of_its_caller_and_the_next_one_does_not()
    {
        var limits = new TimeLimits(TimeSpan.FromMinutes(1));
        using var caller = new CancellationTokenSource();
        var first = limits.Begin(caller.Token);
        caller.Cancel();
        Assert.True(first.Token.IsCancellationRequested);
        first.Complete();
        first.Dispose();

        Assert.False(limits.Begin(CancellationToken.None).Token.IsCancellationRequested);
    }

    [Fact]
    public void A_token_of_a_call_that_went_well_serves_the_next_and_forgets_its_caller()
    {
        var limits = new TimeLimits(TimeSpan.FromMinutes(1));
        using var caller = new CancellationTokenSource();
        var first = limits.Begin(caller.Token);
        var token = first.Token;
        first.Complete();
        first.Dispose();
        var second = limits.Begin(CancellationToken.None);
        caller.Cancel();

        Assert.Equal(token, second.Token);
        Assert.False(second.Token.IsCancellationRequested);
    }

    [Fact]
    public void A_token_of_a_call_that_failed_serves_no_other()
    {
        var limits = new TimeLimits(TimeSpan.FromMinutes(1));
        var first = limits.Begin(CancellationToken.None);
        var token = first.Token;
        first.Dispose();

        Assert.NotEqual(token, limits.Begin(CancellationToken.None).Token);
    }

    [Fact]
    public async Task A_call_after_another_ends_with_its_time_too()
    {
        var limits = new TimeLimits(TimeSpan.FromMilliseconds(200));
        var first = limits.Begin(CancellationToken.None);
        first.Complete();
        first.Dispose();

        var last = limits.Begin(CancellationToken.None);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(TimeSpan.FromSeconds(10), last.Token));
        last.Dispose();
    }
}
