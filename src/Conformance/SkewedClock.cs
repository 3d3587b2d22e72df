namespace SessionStores.Conformance;

/// <summary>The clock of a node that is ahead of the server's, or behind it.</summary>
internal sealed class SkewedClock(TimeProvider server, TimeSpan ahead) : TimeProvider
{
    public override long TimestampFrequency => server.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => server.GetUtcNow() + ahead;

    public override long GetTimestamp() => server.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        server.CreateTimer(callback, state, dueTime, period);
}
