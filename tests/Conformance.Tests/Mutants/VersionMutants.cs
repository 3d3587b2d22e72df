using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Version.A_blind_write_of_a_peer_is_noticed_by_replace", "Version.A_blind_write_of_a_peer_is_noticed_by_rotate")]
public sealed class CountsVersionsBesideTheContent(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionVersion VersionOf(ReferenceRow row) => SessionVersion.Of(BitConverter.GetBytes(row.Counter));
}

[CaughtBy("Version.A_change_of_only_the_subject_is_a_conflict", "Version.A_subject_that_was_added_is_a_conflict")]
public sealed class VersionForgetsTheSubject(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionVersion VersionOf(ReferenceRow row) => SessionVersion.Of(row.Payload);
}

[CaughtBy("Version.A_touch_between_load_and_replace_is_no_conflict", "Version.A_slide_between_load_and_replace_is_no_conflict", "Rotation.Rotate_after_a_touch_is_no_conflict")]
public sealed class VersionHoldsTheExpiry(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionVersion VersionOf(ReferenceRow row) => SessionVersion.Of(BitConverter.GetBytes(row.ExpiresAt.Ticks).Concat(row.Payload).ToArray(), row.Subject);
}

[CaughtBy("Version.A_payload_that_differs_in_one_byte_has_another_version")]
public sealed class VersionIsTheLength(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionVersion VersionOf(ReferenceRow row) => SessionVersion.Of(BitConverter.GetBytes(row.Payload.Length), row.Subject);
}

[CaughtBy("Version.A_payload_that_differs_in_one_byte_has_another_version")]
public sealed class VersionIsTheFirstKilobyte(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionVersion VersionOf(ReferenceRow row) => SessionVersion.Of(row.Payload.AsMemory(0, Math.Min(1024, row.Payload.Length)), row.Subject);
}

[CaughtBy("Version.The_version_of_a_replace_is_that_of_the_next_read", "Replacement.Replace_can_follow_replace_with_the_version_that_was_returned")]
public sealed class ReplaceAnswersTheOldVersion(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content) =>
        base.Replace(table, id, version, content) is { Status: SessionWriteStatus.Written } ? SessionWriteResult.Written(version) : base.Replace(table, id, version, content);
}

[CaughtBy("Lifecycle.The_version_of_a_create_is_that_of_the_next_read")]
public sealed class CreateAnswersNoVersion(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Create(ReferenceTable table, string id, SessionContent content) =>
        base.Create(table, id, content) is { Status: SessionWriteStatus.Written } ? SessionWriteResult.Written(default) : SessionWriteResult.NotWritten(SessionWriteStatus.Taken);
}

[CaughtBy("Version.The_version_of_a_rotation_is_that_of_the_next_read")]
public sealed class RotateAnswersNoVersion(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content)
    {
        var result = base.Rotate(table, id, newId, version, content);
        return result.Status == SessionWriteStatus.Written ? SessionWriteResult.Written(default) : result;
    }
}

[CaughtBy("Lifecycle.Reading_twice_returns_the_same")]
public sealed class VersionChangesWithEachRead(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private int _reads;

    protected override SessionRecord ToRecord(ReferenceRow row) =>
        new(row.Id, row.Payload, row.ExpiresAt, SessionExpiry.Remaining(row.ExpiresAt, Now), row.Subject, SessionVersion.Of(BitConverter.GetBytes(_reads++)));
}

[CaughtBy("Version.A_record_that_cannot_be_read_is_a_typed_fault_and_stays")]
public sealed class TakesTheUnreadableForAbsent(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Get(ReferenceTable table, string id, SlidingExpiry? slide) =>
        Find(table, id) is { IsUnreadable: true } ? null : base.Get(table, id, slide);
}

[CaughtBy("Version.A_record_that_cannot_be_read_is_a_typed_fault_and_stays")]
public sealed class DeletesTheUnreadable(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Get(ReferenceTable table, string id, SlidingExpiry? slide)
    {
        if (Find(table, id) is { IsUnreadable: true })
        {
            Remove(table, id);
            throw new ReferenceServerException("unreadable", "the record cannot be read");
        }

        return base.Get(table, id, slide);
    }
}

[CaughtBy("Version.A_record_that_cannot_be_read_is_a_typed_fault_and_stays")]
public sealed class NamesTheWrongFault(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionStoreFault FaultOf(ReferenceServerException failure) => SessionStoreFault.Failed;
}

[CaughtBy("Version.A_record_that_cannot_be_read_can_be_destroyed")]
public sealed class CannotDestroyTheUnreadable(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Destroy(ReferenceTable table, string id) =>
        Find(table, id) is { IsUnreadable: true } ? throw new ReferenceServerException("unreadable", "the record cannot be read") : base.Destroy(table, id);
}

[CaughtBy("Version.A_record_that_cannot_be_read_is_live_for_writes_that_depend_on_it")]
public sealed class CreatesOverTheUnreadable(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Create(ReferenceTable table, string id, SessionContent content)
    {
        if (Find(table, id) is { IsUnreadable: true })
            base.Destroy(table, id);

        return base.Create(table, id, content);
    }
}

[CaughtBy("Version.A_record_that_cannot_be_read_is_live_for_writes_that_depend_on_it")]
public sealed class RotatesTheUnreadable(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content) =>
        base.Rotate(table, id, newId, Find(table, id) is { IsUnreadable: true } ? SessionVersion.Any : version, content);
}

[CaughtBy("Version.Set_overwrites_a_record_that_cannot_be_read")]
public sealed class CannotSetOverTheUnreadable(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Set(ReferenceTable table, string id, SessionContent content) =>
        Find(table, id) is { IsUnreadable: true } ? throw new ReferenceServerException("unreadable", "the record cannot be read") : base.Set(table, id, content);
}
