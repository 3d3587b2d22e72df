namespace SessionStores.AspNetCore;

/// <summary>The clock of the store of a set of sessions, as learned from the records that were read. The clock of this node may differ.</summary>
internal sealed class StoreClock(TimeProvider clock)
{
    private long _ticksAhead;

    /// <summary>Whether a record has shown the time of the store. Until then the clock of this node is used.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>The time by the clock of the store.</summary>
    public DateTimeOffset Now => clock.GetUtcNow().AddTicks(Volatile.Read(ref _ticksAhead));

    /// <summary>Takes the time of the store from a record that was just read.</summary>
    public void Learn(SessionRecord record)
    {
        if (record.Remaining is not { } remaining)
            return;

        Volatile.Write(ref _ticksAhead, (record.ExpiresAt - remaining - clock.GetUtcNow()).Ticks);
        IsKnown = true;
    }
}
