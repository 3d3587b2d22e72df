using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Rotation.A_successor_is_found_over_any_number_of_rotations", "Rotation.A_successor_is_as_old_as_the_first_rotation")]
public sealed class FindsWhatOneRotationMade(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionSuccessor? FindSuccessor(ReferenceTable table, string id) => LinkOf(table, Key(id)) is { } key && table.Rows.TryGetValue(key, out var row) && IsLive(row)
        ? new SessionSuccessor(ToRecord(row), AgeOfLink(table, Key(id)), 1)
        : null;
}

[CaughtBy("Rotation.A_successor_is_found_over_any_number_of_rotations")]
public sealed class CountsEveryRotationAsOne(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionSuccessor? FindSuccessor(ReferenceTable table, string id) =>
        base.FindSuccessor(table, id) is { } found ? new SessionSuccessor(found.Session, found.Age, 1) : null;
}

[CaughtBy("Rotation.After_five_minutes_there_is_no_successor")]
public sealed class RemembersASuccessorForEver(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string? LinkOf(ReferenceTable table, string key) => table.Links.TryGetValue(key, out var link) ? link.Key : null;
}

[CaughtBy("Rotation.A_successor_that_has_ended_is_not_found")]
public sealed class FindsASuccessorThatHasExpired(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionSuccessor? FindSuccessor(ReferenceTable table, string id) =>
        base.FindSuccessor(table, id) ?? (table.Rows.TryGetValue(Follow(table, Key(id)), out var row) && row.Id != id ? new SessionSuccessor(ToRecord(row), AgeOfLink(table, Key(id)), 1) : null);
}

[CaughtBy("Rotation.A_successor_is_as_old_as_the_first_rotation")]
public sealed class TellsTheAgeOfTheLastRotation(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override TimeSpan AgeOfLink(ReferenceTable table, string key)
    {
        while (LinkOf(table, key) is { } next && LinkOf(table, next) is not null)
            key = next;

        return base.AgeOfLink(table, key);
    }
}

[CaughtBy("Rotation.A_successor_is_as_old_as_the_first_rotation")]
public sealed class TellsWhatIsLeftOfALinkAsItsAge(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override TimeSpan AgeOfLink(ReferenceTable table, string key) => table.Links.TryGetValue(key, out var link) ? link.Until - Now : TimeSpan.Zero;
}

[CaughtBy("NodeClock.A_rotation_is_as_old_as_the_clock_of_the_server_says")]
public sealed class TellsTheAgeByTheClockOfTheNode(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override TimeSpan AgeOfLink(ReferenceTable table, string key) => base.AgeOfLink(table, key) + (NodeNow - Now);
}

[CaughtBy("Rotation.To_ask_for_a_successor_changes_nothing")]
public sealed class ForgetsALinkThatWasAskedFor(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionSuccessor? FindSuccessor(ReferenceTable table, string id)
    {
        var found = base.FindSuccessor(table, id);
        table.Links.Remove(Key(id));
        return found;
    }
}

[CaughtBy("Rotation.To_ask_for_a_successor_changes_nothing")]
public sealed class ExtendsASuccessorThatWasAskedFor(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionSuccessor? FindSuccessor(ReferenceTable table, string id)
    {
        var found = base.FindSuccessor(table, id);
        if (found is not null)
            Touch(table, found.Session.Id, Now.AddHours(1));

        return found;
    }
}

[CaughtBy("Rotation.A_session_that_is_being_rotated_is_found_or_its_successor_is")]
public sealed class FollowsAllLinksAndThenReads(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<SessionSuccessor?> FindSuccessorAsync(string id, CancellationToken cancellationToken = default)
    {
        CheckId(id);
        var key = await SendAsync("FindSuccessor", false, table => Follow(table, Key(id)), cancellationToken);
        return await GetAsync(key, null, cancellationToken) is { } session && key != id ? new SessionSuccessor(session, TimeSpan.Zero, 1) : null;
    }
}
