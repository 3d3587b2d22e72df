using System.Text;
using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Identifier.Ids_that_look_like_escapes_are_taken_literally")]
public sealed class UnescapesIds(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string Key(string id) => Uri.UnescapeDataString(id);
}

[CaughtBy("Identifier.Ids_that_look_like_escapes_are_taken_literally")]
public sealed class TakesPlusForASpace(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string Key(string id) => id.Replace('+', ' ');
}

[CaughtBy("Identifier.Ids_that_look_like_escapes_are_taken_literally")]
public sealed class CutsDotsAtTheEnd(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string Key(string id) => id.Length > 1 && id.TrimEnd('.') is { Length: > 0 } cut ? cut : id;
}

[CaughtBy("Identifier.Ids_that_look_like_escapes_are_taken_literally")]
public sealed class DropsBackslashes(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string Key(string id) => id.Length > 1 ? id.Replace("\\", "", StringComparison.Ordinal) : id;
}

[CaughtBy("Identifier.Ids_that_look_alike_are_different")]
public sealed class IgnoresAccents(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string Key(string id) => id.Replace('\u00e9', 'e');
}

[CaughtBy("Identifier.Ids_that_look_like_keys_of_an_index_are_taken_literally")]
public sealed class KeepsItsIndexAmongItsIds(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override ReferenceRow Put(ReferenceTable table, string id, SessionContent content)
    {
        var row = base.Put(table, id, content);
        if (content.Subject is { } subject)
            base.Remove(table, $"subject:{subject}");

        return row;
    }
}

[CaughtBy("Identifier.Ids_that_look_like_keys_of_an_index_are_taken_literally")]
public sealed class HidesIdsThatLookLikeItsOwn(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Readable(ReferenceTable table, string key) =>
        key.StartsWith("link:", StringComparison.Ordinal) ? null : base.Readable(table, key);
}

[CaughtBy("Identifier.Ids_that_differ_by_case_are_different")]
public sealed class SetFoldsTheCaseOfIds(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Set(ReferenceTable table, string id, SessionContent content) => base.Set(
        table, table.Rows.Keys.FirstOrDefault(key => key.Equals(id, StringComparison.OrdinalIgnoreCase)) ?? id, content);
}

[CaughtBy("Identifier.Ids_that_differ_by_case_are_different")]
public sealed class SlideFoldsTheCaseOfIds(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Get(ReferenceTable table, string id, SlidingExpiry? slide) => base.Get(
        table, slide is null ? id : table.Rows.Keys.FirstOrDefault(key => key.Equals(id, StringComparison.OrdinalIgnoreCase)) ?? id, slide);
}

[CaughtBy("Identifier.Ids_with_pattern_characters_are_taken_literally")]
public sealed class TouchesByPattern(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Touch(ReferenceTable table, string id, DateTimeOffset expiresAt)
    {
        foreach (var key in table.Rows.Keys.Where(key => id.EndsWith('*') && key.StartsWith(id[..^1], StringComparison.Ordinal)).ToList())
            base.Touch(table, key, expiresAt);

        return base.Touch(table, id, expiresAt);
    }
}

[CaughtBy("Identifier.Ids_that_look_like_paths_are_taken_literally")]
public sealed class ListsTheLastPartOfAnId(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Readable(ReferenceTable table, string key) => base.Readable(table, key) is { } record
        ? new SessionRecord(record.Id[(record.Id.LastIndexOf('/') + 1)..] is { Length: > 0 } last ? last : record.Id, record.Payload, record.ExpiresAt, record.Remaining, record.Subject, record.Version)
        : null;
}

[CaughtBy("Identifier.Ids_with_SQL_in_them_are_taken_literally")]
public sealed class SplicesTheIdsToKeep(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds) => base.DestroyBySubject(
        table, subject, exceptIds.Select(id => id.Replace("''", "'", StringComparison.Ordinal)).ToHashSet());
}

[CaughtBy("Identifier.Ids_with_commands_of_a_key_value_server_in_them_are_taken_literally")]
public sealed class ListsOfASubjectEndIdsAtABlank(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionPage Page(ReferenceTable table, string subject, int size, string? position, bool withPayloads)
    {
        var page = base.Page(table, subject, size, position, withPayloads);
        return new SessionPage([.. page.Sessions.Select(record => new SessionRecord(record.Id.Split(' ')[0] is { Length: > 0 } first ? first : record.Id, record.Payload, record.ExpiresAt, record.Remaining, record.Subject, record.Version))], page.Continuation);
    }
}

[CaughtBy("Identifier.The_longest_id_of_wide_characters_is_kept")]
public sealed class CutsIdsToKeepAt255Bytes(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds) => base.DestroyBySubject(
        table, subject, exceptIds.Where(id => Encoding.UTF8.GetByteCount(id) <= 255).ToHashSet());
}
