using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("NodeClock.A_log_in_lives_as_long_as_was_asked", "NodeClock.A_change_lives_as_long_as_was_asked", "NodeClock.A_touch_extends_as_long_as_was_asked", "NodeClock.A_slide_that_is_due_extends_as_long_as_was_asked", "NodeClock.Nodes_that_are_ahead_and_behind_share_their_sessions")]
public sealed class TurnsLifetimesIntoInstantsAtTheNode(ReferenceServer server, string name, StoreSettings settings) : LifetimeMutant(server, name, settings)
{
    protected override DateTimeOffset Turn(SessionLifetime lifetime) => lifetime.ExpiryAt(NodeNow);
}

[CaughtBy("NodeClock.An_end_is_the_instant_that_was_asked", "NodeClock.A_live_session_is_live_for_every_operation")]
public sealed class TurnsEndsIntoTimesToLiveAtTheNode(ReferenceServer server, string name, StoreSettings settings) : LifetimeMutant(server, name, settings)
{
    protected override DateTimeOffset Turn(SessionLifetime lifetime) => lifetime.End is { } end ? Now + (end - NodeNow) : lifetime.ExpiryAt(Now);
}

[CaughtBy("NodeClock.An_end_is_the_instant_that_was_asked")]
public sealed class CorrectsEndsByTheSkew(ReferenceServer server, string name, StoreSettings settings) : LifetimeMutant(server, name, settings)
{
    protected override DateTimeOffset Turn(SessionLifetime lifetime) => lifetime.End is { } end ? end + (NodeNow - Now) : lifetime.ExpiryAt(Now);
}

[CaughtBy("NodeClock.A_log_in_lives_as_long_as_was_asked", "NodeClock.A_change_lives_as_long_as_was_asked", "NodeClock.Nodes_that_are_ahead_and_behind_share_their_sessions")]
public sealed class DropsWhatTheNodeFindsExpired(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override ReferenceRow Put(ReferenceTable table, string id, SessionContent content)
    {
        var row = base.Put(table, id, content);
        if (row.ExpiresAt <= NodeNow)
            Remove(table, Key(id));

        return row;
    }
}

[CaughtBy("NodeClock.A_touch_extends_as_long_as_was_asked", "NodeClock.A_live_session_is_live_for_every_operation")]
public sealed class TouchesWhatIsLiveAtTheNode(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Touch(ReferenceTable table, string id, DateTimeOffset expiresAt) =>
        Find(table, id)?.ExpiresAt > NodeNow && base.Touch(table, id, expiresAt);
}

[CaughtBy("NodeClock.A_slide_that_is_due_extends_as_long_as_was_asked", "NodeClock.A_slide_is_due_by_the_clock_of_the_server", "NodeClock.The_limits_of_a_record_count_by_the_clock_of_the_server")]
public sealed class SlidesByTheClockOfTheNode(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool TryExtend(SlidingExpiry slide, ReferenceRow row, out DateTimeOffset extended) =>
        slide.TryExtend(row.ExpiresAt, NodeNow, row.Payload, out extended);
}

[CaughtBy("NodeClock.A_slide_is_due_by_the_clock_of_the_server")]
public sealed class FindsSlidesDueAtTheNode(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool TryExtend(SlidingExpiry slide, ReferenceRow row, out DateTimeOffset extended) => base.TryExtend(
        new SlidingExpiry(row.ExpiresAt - NodeNow < slide.WhenRemainingBelow ? TimeSpan.MaxValue : TimeSpan.Zero, slide.ExtendTo), row, out extended);
}

[CaughtBy("NodeClock.The_limits_of_a_record_count_by_the_clock_of_the_server")]
public sealed class CountsTheLimitsOfARecordAtTheNode(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool TryExtend(SlidingExpiry slide, ReferenceRow row, out DateTimeOffset extended)
    {
        new SlidingExpiry(TimeSpan.MaxValue, SessionExpiry.Never).TryExtend(DateTimeOffset.UnixEpoch, NodeNow, row.Payload, out var limit);
        return slide.TryExtend(row.ExpiresAt, Now, "{}"u8, out extended) && (extended = limit < extended ? limit : extended) > row.ExpiresAt;
    }
}

[CaughtBy("NodeClock.A_live_session_is_live_for_every_operation", "NodeClock.An_expired_session_is_gone_for_every_operation", "NodeClock.Pruning_goes_by_the_clock_of_the_server")]
public sealed class IsLiveByTheClockOfTheNode(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool IsLive(ReferenceRow row) => row.ExpiresAt > NodeNow;
}

[CaughtBy("NodeClock.A_live_session_is_live_for_every_operation", "NodeClock.An_expired_session_is_gone_for_every_operation")]
public sealed class ListsByTheClockOfTheNode(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> LengthAsync(CancellationToken cancellationToken = default) =>
        await SendAsync("Length", false, table => table.Rows.Values.LongCount(row => row.ExpiresAt > NodeNow), cancellationToken);
}

[CaughtBy("NodeClock.Pruning_goes_by_the_clock_of_the_server", "NodeClock.A_live_session_is_live_for_every_operation")]
public sealed class PrunesByTheClockOfTheNode(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long Prune(ReferenceTable table, int batchSize)
    {
        var expired = table.Rows.Where(pair => pair.Value.ExpiresAt <= NodeNow).Select(pair => pair.Key).Take(batchSize).ToList();
        expired.ForEach(key => Remove(table, key));
        return expired.Count;
    }
}

[CaughtBy("NodeClock.A_log_out_follows_a_rotation")]
public sealed class KeepsLinksByTheClockOfTheNode(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void Link(ReferenceTable table, string id, string newId) => table.Links[Key(id)] = (Key(newId), NodeNow + LinkLife);
}

[CaughtBy("NodeClock.A_log_out_follows_a_rotation")]
public sealed class FollowsLinksByTheClockOfTheNode(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string Follow(ReferenceTable table, string key) =>
        table.Links.TryGetValue(key, out var link) && link.Until > NodeNow ? base.Follow(table, key) : key;
}
