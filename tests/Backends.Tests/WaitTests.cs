namespace SessionStores.Backends.Tests;

public sealed class WaitTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_condition_that_holds_at_once_needs_no_time()
    {
        var asked = 0;

        await Wait.UntilAsync(() => ++asked == 1, TimeSpan.Zero, "nothing", None);

        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task A_condition_is_asked_until_it_holds()
    {
        var asked = 0;

        await Wait.UntilAsync(() => ++asked == 5, TimeSpan.FromMinutes(1), "the fifth question", None);

        Assert.Equal(5, asked);
    }

    [Fact]
    public async Task A_missed_deadline_names_what_was_waited_for()
    {
        var exception = await Assert.ThrowsAsync<TimeoutException>(
            () => Wait.UntilAsync(() => false, TimeSpan.FromMilliseconds(20), "the moon to be full", None));

        Assert.Equal("Waited 0.02 s in vain for the moon to be full.", exception.Message);
    }

    [Fact]
    public async Task An_exception_of_the_condition_ends_the_wait()
    {
        await Assert.ThrowsAsync<InvalidDataException>(
            () => Wait.UntilAsync(() => throw new InvalidDataException(), TimeSpan.FromMinutes(1), "nothing", None));
    }

    [Fact]
    public async Task A_cancelled_wait_ends()
    {
        using var cancel = new CancellationTokenSource();

        var wait = Wait.UntilAsync(() => false, TimeSpan.FromMinutes(1), "nothing", cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }
}
