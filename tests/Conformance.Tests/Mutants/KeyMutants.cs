using System.Collections.Frozen;
using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Key.Content_with_a_key_is_kept_or_refused")]
public sealed class DropsTheKeyWithoutAWord(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override TCapability? GetCapability<TCapability>()
        where TCapability : class => typeof(TCapability) == typeof(ISessionKeys) ? null : base.GetCapability<TCapability>();

    protected override string? KeyOf(ReferenceRow? old, SessionContent content) => null;
}

[CaughtBy("Key.An_invalid_key_is_refused")]
public sealed class TakesAnyKey(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void CheckContent(SessionContent content) => base.CheckContent(new SessionContent(content.Payload, content.Lifetime, content.Subject));
}

[CaughtBy("Key.The_reserved_member_for_the_key_is_refused")]
public sealed class TakesTheMemberOfTheKey(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void CheckContent(SessionContent content)
    {
        if (content.Payload.Span.IndexOf("_key"u8) < 0)
            base.CheckContent(content);
    }
}

[CaughtBy("Key.The_key_is_kept_on_every_path", "Key.The_index_follows_a_rotation")]
public sealed class LosesTheKeyInARotation(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content) =>
        base.Rotate(table, id, newId, version, new SessionContent(content.Payload, content.Lifetime, content.Subject));
}

[CaughtBy("Key.The_key_is_kept_on_every_path")]
public sealed class KeepsOnlyTheKeyOfSubjects(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string? KeyOf(ReferenceRow? old, SessionContent content) => content.Subject is null ? null : content.Key;
}

[CaughtBy("Key.Subject_and_key_change_by_themselves", "Key.The_index_follows_a_replace", "Key.The_same_payload_can_change_its_key_on_every_path")]
public sealed class KeepsTheFirstKeyOfASubject(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string? KeyOf(ReferenceRow? old, SessionContent content) => old is not null && old.Subject == content.Subject ? old.Key : content.Key;
}

[CaughtBy("Key.The_index_follows_a_replace", "Key.The_index_follows_a_set", "Key.A_session_that_moves_between_keys_leaves_nothing_behind")]
public sealed class LeavesOldEntriesOfKeys(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void UnindexKey(ReferenceTable table, ReferenceRow row, string key)
    {
    }
}

[CaughtBy("Key.The_same_text_as_a_subject_and_as_a_key_names_other_sessions")]
public sealed class KeepsKeysAmongTheSubjects(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string NameOfKey(string key) => key;
}

[CaughtBy("Key.The_same_text_as_a_subject_and_as_a_key_names_other_sessions")]
public sealed class EndsTheSubjectOfAKey(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyByKey(ReferenceTable table, string key, IReadOnlySet<string> exceptIds) =>
        base.DestroyByKey(table, key, exceptIds) + DestroyBySubject(table, key, exceptIds);
}

[CaughtBy("Key.The_same_text_as_a_subject_and_as_a_key_names_other_sessions")]
public sealed class ContinuesASubjectByKey(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string? PositionOf(string subject, string? continuation) =>
        subject[0] == '\u0002' ? base.PositionOf(subject[1..], continuation) : base.PositionOf(subject, continuation);

    protected override SessionPage PageByKey(ReferenceTable table, string key, int size, string? position, bool withPayloads)
    {
        var page = base.PageByKey(table, key, size, position, withPayloads);
        return new SessionPage(page.Sessions, page.Continuation is null ? null : SessionPage.ContinuationAfter(key, page.Sessions[^1].Id));
    }
}

[CaughtBy("Key.Destroy_by_key_ends_its_sessions_whoever_has_them")]
public sealed class EndsTheSessionsOfOneSubject(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyByKey(ReferenceTable table, string key, IReadOnlySet<string> exceptIds)
    {
        var rows = KeysOf(table, NameOfKey(key)).Select(each => table.Rows[each]).ToList();
        var others = rows.Where(row => row.Subject != rows[0].Subject).Select(row => row.Id);
        return base.DestroyByKey(table, key, exceptIds.Concat(others).ToFrozenSet());
    }
}

[CaughtBy("Key.A_change_of_only_the_key_is_a_conflict", "Key.A_key_that_was_added_is_a_conflict", "Key.A_version_tells_subject_and_key_apart")]
public sealed class LeavesTheKeyOutOfVersions(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionVersion VersionOf(ReferenceRow row) => SessionVersion.Of(row.Payload, row.Subject);
}

[CaughtBy("Key.A_version_tells_subject_and_key_apart")]
public sealed class JoinsSubjectAndKeyInVersions(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionVersion VersionOf(ReferenceRow row) => SessionVersion.Of(row.Payload, row.Subject + row.Key);
}

[CaughtBy("Key.Keys_are_taken_literally")]
public sealed class FoldsTheCaseOfKeys(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string NameOfKey(string key) => base.NameOfKey(key).ToUpperInvariant();
}

[CaughtBy("Key.Pages_of_any_size_list_each_session_once", "Key.Pages_list_more_than_a_thousand_sessions_once_each")]
public sealed class SkipsTheFirstOfEachLaterPageByKey(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionPage PageByKey(ReferenceTable table, string key, int size, string? position, bool withPayloads)
    {
        var page = base.PageByKey(table, key, size, position, withPayloads);
        return position is null ? page : new SessionPage([.. page.Sessions.Skip(1)], page.Continuation);
    }
}

[CaughtBy("Key.Only_live_sessions_of_the_key_are_counted", "Key.An_expired_session_is_neither_listed_nor_counted_as_destroyed", "Key.A_void_session_is_neither_listed_nor_counted_by_key")]
public sealed class TakesTheDeadForLiveByKey(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly AsyncLocal<bool> _isByKey = new();

    protected override bool IsLive(ReferenceRow row) => _isByKey.Value || base.IsLive(row);

    protected override SessionPage PageByKey(ReferenceTable table, string key, int size, string? position, bool withPayloads) =>
        ByKey(() => base.PageByKey(table, key, size, position, withPayloads));

    protected override long CountByKey(ReferenceTable table, string key) => ByKey(() => base.CountByKey(table, key));

    protected override long DestroyByKey(ReferenceTable table, string key, IReadOnlySet<string> exceptIds) => ByKey(() => base.DestroyByKey(table, key, exceptIds));

    private T ByKey<T>(Func<T> command)
    {
        _isByKey.Value = true;
        try
        {
            return command();
        }
        finally
        {
            _isByKey.Value = false;
        }
    }
}

[CaughtBy("Key.Destroy_by_key_against_rotations")]
public sealed class EndsByKeyWhatItListedBefore(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> DestroyByKeyAsync(string key, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        var listed = await SendAsync("DestroyByKey", false, table => KeysOf(table, NameOfKey(key)).ToList(), cancellationToken);
        await Task.Yield();
        return await SendAsync("DestroyByKey", true, table =>
        {
            var there = listed.Where(each => table.Rows.TryGetValue(each, out var row) && IsLive(row)).ToList();
            there.ForEach(each => Remove(table, each));
            return (long)there.Count;
        }, cancellationToken);
    }
}

[CaughtBy("Key.Destroy_by_key_spares_a_session_that_has_moved_to_another_key")]
public sealed class EndsByKeyEachIdThatItListed(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> DestroyByKeyAsync(string key, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        var destroyed = 0L;
        await foreach (var record in this.ListByKeyAsync(key, cancellationToken: cancellationToken))
        {
            if (exceptIds?.Contains(record.Id) != true && await DestroyAsync(record.Id, cancellationToken))
                destroyed++;
        }

        return destroyed;
    }
}

[CaughtBy("Key.A_write_with_a_cap_writes_the_key")]
public sealed class LosesTheKeyOfACappedWrite(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default) =>
        base.ReplaceAsync(id, version, new SessionContent(content.Payload, content.Lifetime, content.Subject), cap, cancellationToken);
}

[CaughtBy("Key.An_expired_session_is_claimed_with_its_key")]
public sealed class ClaimsWithoutTheKey(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<IReadOnlyList<ExpiredSession>> ClaimExpiredAsync(int size, TimeSpan lease, CancellationToken cancellationToken = default) =>
        [.. (await base.ClaimExpiredAsync(size, lease, cancellationToken)).Select(each => new ExpiredSession(KeyMutants.WithoutKey(each.Session), each.Claims, each.Claim))];
}

[CaughtBy("Key.A_successor_has_its_key")]
public sealed class FindsASuccessorWithoutTheKey(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionSuccessor? FindSuccessor(ReferenceTable table, string id) =>
        base.FindSuccessor(table, id) is { } found ? new SessionSuccessor(KeyMutants.WithoutKey(found.Session), found.Age, found.Rotations) : null;
}

file static class KeyMutants
{
    public static SessionRecord WithoutKey(SessionRecord record) => new(record.Id, record.Payload, record.ExpiresAt, record.Remaining, record.Subject, record.Version);
}
