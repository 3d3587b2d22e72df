namespace SessionStores.AspNetCore;

/// <summary>The clock of the store of a set of sessions, as the records that were read have told it. The clock of this node may differ.</summary>
internal sealed class StoreClock(TimeProvider clock)
{
    private long _ticksAhead;

    /// <summary>Whether a record has told the time of the store. Until then the clock of this node stands in for it.</summary>
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
