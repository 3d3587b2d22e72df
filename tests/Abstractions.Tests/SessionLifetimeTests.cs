namespace SessionStores.Abstractions.Tests;

public sealed class SessionLifetimeTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_default_is_never_to_expire()
    {
        Assert.Equal(SessionLifetime.Never, default);
        Assert.Equal((null, null), (SessionLifetime.Never.Idle, SessionLifetime.Never.End));
        Assert.Equal(SessionExpiry.Never, SessionLifetime.Never.ExpiryAt(Now));
    }

    [Fact]
    public void An_idle_time_counts_from_the_write()
    {
        SessionLifetime lifetime = TimeSpan.FromMinutes(20);

        Assert.Equal(SessionLifetime.For(TimeSpan.FromMinutes(20)), lifetime);
        Assert.Equal(Now.AddMinutes(20), lifetime.ExpiryAt(Now));
        Assert.Equal(Now.AddMinutes(60), lifetime.ExpiryAt(Now.AddMinutes(40)));
    }

    [Fact]
    public void An_end_is_the_same_instant_whenever_it_is_written()
    {
        SessionLifetime lifetime = Now.AddHours(1).ToOffset(TimeSpan.FromHours(5));

        Assert.Equal(SessionLifetime.Until(Now.AddHours(1)), lifetime);
        Assert.Equal(TimeSpan.Zero, lifetime.End!.Value.Offset);
        Assert.Equal(Now.AddHours(1), lifetime.ExpiryAt(Now));
        Assert.Equal(Now.AddHours(1), lifetime.ExpiryAt(Now.AddHours(2)));
    }

    [Fact]
    public void Of_an_idle_time_and_an_end_the_first_counts()
    {
        var lifetime = new SessionLifetime(TimeSpan.FromMinutes(20), Now.AddMinutes(30));

        Assert.Equal(Now.AddMinutes(20), lifetime.ExpiryAt(Now));
        Assert.Equal(Now.AddMinutes(30), lifetime.ExpiryAt(Now.AddMinutes(15)));
        Assert.Equal(Now.AddMinutes(30), lifetime.ExpiryAt(Now.AddMinutes(45)));
    }

    [Fact]
    public void Both_are_rounded_up_to_whole_milliseconds()
    {
        var lifetime = new SessionLifetime(TimeSpan.FromTicks(1), Now.AddTicks(1));

        Assert.Equal(TimeSpan.FromMilliseconds(1), lifetime.Idle);
        Assert.Equal(Now.AddMilliseconds(1), lifetime.End);
        Assert.Equal(Now.AddMilliseconds(2), SessionLifetime.For(TimeSpan.FromMilliseconds(1)).ExpiryAt(Now.AddTicks(1)));
    }

    [Fact]
    public void A_negative_idle_time_has_expired_when_it_is_written()
    {
        Assert.Equal(TimeSpan.Zero, SessionLifetime.For(TimeSpan.FromDays(-1)).Idle);
        Assert.Equal(TimeSpan.Zero, SessionLifetime.For(TimeSpan.MinValue).Idle);
        Assert.Equal(Now, SessionLifetime.For(Timeout.InfiniteTimeSpan).ExpiryAt(Now));
        Assert.Equal(Now, SessionLifetime.For(TimeSpan.Zero).ExpiryAt(Now.AddTicks(1))); // not rounded up into the future
    }

    [Fact]
    public void What_is_longer_than_the_calendar_is_no_limit()
    {
        Assert.Equal(SessionLifetime.Never, SessionLifetime.For(TimeSpan.MaxValue));
        Assert.Equal(SessionLifetime.Never, SessionLifetime.Until(SessionExpiry.Never));
        Assert.Equal(SessionExpiry.Never, SessionLifetime.For(TimeSpan.FromDays(365 * 7990)).ExpiryAt(Now));
        Assert.Equal(Now.AddHours(1), new SessionLifetime(TimeSpan.MaxValue, Now.AddHours(1)).ExpiryAt(Now));
        Assert.Equal(DateTimeOffset.UnixEpoch, SessionLifetime.Until(DateTimeOffset.MinValue).End);
    }

    [Fact]
    public void The_life_that_is_left_is_never_negative_and_absent_when_there_is_no_expiry()
    {
        Assert.Equal(TimeSpan.FromMinutes(5), SessionExpiry.Remaining(Now.AddMinutes(5), Now));
        Assert.Equal(TimeSpan.Zero, SessionExpiry.Remaining(Now, Now.AddMinutes(5)));
        Assert.Null(SessionExpiry.Remaining(SessionExpiry.Never, Now));
    }

    [Fact]
    public void A_slide_extends_by_the_clock_of_the_store()
    {
        var slide = new SlidingExpiry(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(20));

        Assert.False(slide.TryExtend(Now.AddMinutes(10), Now, "{}"u8, out _));
        Assert.True(slide.TryExtend(Now.AddMinutes(10), Now.AddMinutes(1), "{}"u8, out var extended));
        Assert.Equal(Now.AddMinutes(21), extended);
    }

    [Fact]
    public void A_record_shortens_a_slide_and_never_lengthens_it()
    {
        var slide = new SlidingExpiry(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(20));
        var expiresAt = Now.AddMinutes(5);

        Assert.True(slide.TryExtend(expiresAt, Now, """{"cookie":{"originalMaxAge":600000}}"""u8, out var shorter));
        Assert.Equal(Now.AddMinutes(10), shorter);
        foreach (var number in new[] { "1e308", "1e400", "99999999999999999999", "null", "\"NaN\"" })
        {
            var payload = System.Text.Encoding.UTF8.GetBytes($$$"""{"cookie":{"originalMaxAge":{{{number}}}},"__absolute":{{{number}}}}""");
            Assert.True(slide.TryExtend(expiresAt, Now, payload, out var extended), number);
            Assert.Equal(Now.AddMinutes(20), extended);
        }

        foreach (var number in new[] { "-1", "-1e308", "0" })
            Assert.False(slide.TryExtend(expiresAt, Now, System.Text.Encoding.UTF8.GetBytes($$$"""{"cookie":{"originalMaxAge":{{{number}}}}}"""), out _), number);
    }

    [Fact]
    public void Names_with_half_a_surrogate_pair_are_no_problem()
    {
        var payload = """{"\ud800":1,"\u005f_subjec\ud800":2,"cookie":{"\udc00":3,"originalMaxAge":600000}}"""u8.ToArray();
        SessionArguments.ThrowIfInvalidContent(new SessionContent(payload, SessionLifetime.Never));
        var slide = new SlidingExpiry(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(20));

        Assert.True(slide.TryExtend(Now.AddMinutes(5), Now, payload, out var extended));
        Assert.Equal(Now.AddMinutes(10), extended);
    }

    [Fact]
    public void Ids_to_keep_are_checked_and_compared_ordinally()
    {
        Assert.Empty(SessionArguments.DistinctIds(null));
        var ids = SessionArguments.DistinctIds(["a", "A", "a"]);
        Assert.Equal(["A", "a"], ids.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("B", ids);
        Assert.Throws<ArgumentException>(() => SessionArguments.DistinctIds(["a", ""]));
        Assert.Throws<ArgumentNullException>(() => SessionArguments.DistinctIds([null!]));
    }
}
