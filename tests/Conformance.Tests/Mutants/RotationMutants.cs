using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Rotation.The_old_id_of_a_rotated_session_never_works_again", "Replacement.Replace_under_the_old_id_of_a_rotated_session_is_gone", "Race.Of_many_rotations_of_one_session_exactly_one_wins")]
public sealed class RotateLeavesTheOldId(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content)
    {
        var old = Find(table, id);
        var result = base.Rotate(table, id, newId, version, content);
        if (result.Status == SessionWriteStatus.Written)
            table.Rows[id] = old!;

        return result;
    }
}

[CaughtBy("History.Clients_that_rotate_sessions_agree_on_an_order", "Resurrection.Destroy_against_rotate")]
public sealed class RotateCreatesThenDestroys(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        CheckDiffer(id, newId);
        if (await GetAsync(id, null, cancellationToken) is not { } stored)
            return SessionWriteResult.NotWritten(SessionWriteStatus.Gone);

        if (!version.IsAny && stored.Version != version)
            return SessionWriteResult.NotWritten(SessionWriteStatus.Conflict);

        var created = await CreateAsync(newId, content, cancellationToken);
        if (created.Status == SessionWriteStatus.Taken)
            return SessionWriteResult.NotWritten(SessionWriteStatus.Taken);

        await DestroyAsync(id, cancellationToken);
        return SessionWriteResult.Written(created.Version);
    }
}

[CaughtBy("History.Clients_that_rotate_sessions_agree_on_an_order")]
public sealed class RotateDestroysThenCreates(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        if (!await DestroyAsync(id, cancellationToken))
            return SessionWriteResult.NotWritten(SessionWriteStatus.Gone);

        return SessionWriteResult.Written((await CreateAsync(newId, content, cancellationToken)).Version);
    }
}

[CaughtBy("Race.A_reader_never_sees_both_ids_of_a_rotation_and_never_neither")]
public sealed class RotateShowsBothIdsForAMoment(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        var created = await CreateAsync(newId, content, cancellationToken);
        await Task.Delay(1, cancellationToken);
        await DestroyAsync(id, cancellationToken);
        return SessionWriteResult.Written(created.Version);
    }
}

[CaughtBy("Race.A_reader_never_sees_both_ids_of_a_rotation_and_never_neither")]
public sealed class RotateShowsNeitherIdForAMoment(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        await DestroyAsync(id, cancellationToken);
        await Task.Delay(1, cancellationToken);
        return SessionWriteResult.Written((await CreateAsync(newId, content, cancellationToken)).Version);
    }
}

[CaughtBy("Rotation.Rotate_of_an_absent_id_is_gone_and_creates_nothing", "Rotation.Rotate_of_a_destroyed_session_is_gone_and_does_not_bring_it_back")]
public sealed class RotateCreates(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content) =>
        Find(table, id) is null ? SessionWriteResult.Written(VersionOf(Put(table, newId, content))) : base.Rotate(table, id, newId, version, content);
}

[CaughtBy("Rotation.Rotate_to_a_taken_id_is_taken_and_changes_neither_session", "Race.Of_two_rotations_to_one_id_exactly_one_wins", "Race.Of_a_create_and_a_rotation_to_one_id_exactly_one_wins")]
public sealed class RotateOverwrites(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content)
    {
        if (Find(table, id) is not null)
            Remove(table, newId);

        return base.Rotate(table, id, newId, version, content);
    }
}

[CaughtBy("Rotation.Rotate_after_another_write_is_a_conflict_and_moves_nothing", "Race.Of_a_replace_and_a_rotation_of_one_version_exactly_one_wins")]
public sealed class RotateIgnoresTheVersion(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content) =>
        base.Rotate(table, id, newId, SessionVersion.Any, content);
}

[CaughtBy("Rotation.A_rotated_session_has_its_new_id_and_content")]
public sealed class RotateKeepsTheOldContent(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content) =>
        base.Rotate(table, id, newId, version, Find(table, id) is { } row ? new SessionContent(row.Payload, base.ExpiryOf(content), content.Subject) : content);
}

[CaughtBy("Rotation.Rotate_can_shorten_the_life")]
public sealed class RotateKeepsTheOldExpiry(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content) =>
        base.Rotate(table, id, newId, version, new SessionContent(content.Payload, Find(table, id)?.ExpiresAt ?? base.ExpiryOf(content), content.Subject));
}

[CaughtBy("Rotation.Rotate_to_the_same_id_is_refused")]
public sealed class RotatesToTheSameId(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void CheckDiffer(string id, string newId)
    {
    }
}

[CaughtBy("Identifier.The_new_id_of_a_rotation_is_checked_too")]
public sealed class RotateForgetsToCheckTheNewId(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void CheckId(string id, string? parameter = null)
    {
        if (parameter != "newId")
            base.CheckId(id, parameter);
    }
}

[CaughtBy("Rotation.Of_gone_conflict_and_taken_the_first_that_holds_is_returned")]
public sealed class RotateLooksAtTheNewIdFirst(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content) =>
        Find(table, newId) is null ? base.Rotate(table, id, newId, version, content) : SessionWriteResult.NotWritten(SessionWriteStatus.Taken);
}

[CaughtBy("Rotation.Of_gone_conflict_and_taken_the_first_that_holds_is_returned")]
public sealed class RotateLooksAtTheNewIdBeforeTheVersion(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content) =>
        Find(table, id) is null || Find(table, newId) is null ? base.Rotate(table, id, newId, version, content) : SessionWriteResult.NotWritten(SessionWriteStatus.Taken);
}
