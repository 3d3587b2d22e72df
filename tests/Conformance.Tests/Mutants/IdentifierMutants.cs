using System.Text.RegularExpressions;
using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Identifier.Ids_that_differ_by_case_are_different")]
public sealed class FoldsTheCaseOfIds(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string Key(string id) => id.ToUpperInvariant();
}

[CaughtBy("Identifier.Ids_that_look_alike_are_different")]
public sealed class ComposesIds(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string Key(string id) => id.Replace("e\u0301", "\u00e9", StringComparison.Ordinal);
}

[CaughtBy("Identifier.Ids_that_differ_by_spaces_are_different")]
public sealed class TrimsIds(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string Key(string id) => id.TrimEnd();
}

[CaughtBy("Identifier.The_longest_id_is_kept", "Identifier.The_longest_id_of_wide_characters_is_kept")]
public sealed class CutsIds(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string Key(string id) => id[..Math.Min(id.Length, 255)];
}

[CaughtBy("Identifier.Ids_of_any_script_are_kept", "Identifier.Ids_that_look_alike_are_different")]
public sealed class KeepsAsciiIdsOnly(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string Key(string id) => string.Concat(id.Select(character => character < 128 ? character : '?'));
}

[CaughtBy("Identifier.Ids_with_pattern_characters_are_taken_literally")]
public sealed class DestroysByPattern(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Destroy(ReferenceTable table, string id)
    {
        var pattern = new Regex("^" + Regex.Escape(id).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal) + "$", RegexOptions.Singleline);
        var keys = table.Rows.Keys.Where(key => pattern.IsMatch(key)).ToList();
        keys.ForEach(key => Remove(table, key));
        return keys.Count > 0;
    }
}

[CaughtBy("Identifier.Ids_with_SQL_in_them_are_taken_literally")]
public sealed class SplicesIdsIntoSql(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Destroy(ReferenceTable table, string id) => id.Contains("OR '1'='1", StringComparison.Ordinal) ? Clear(table) : base.Destroy(table, id);
}

[CaughtBy("Identifier.Ids_with_queries_of_a_document_database_in_them_are_taken_literally")]
public sealed class ReadsIdsAsQueries(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Get(ReferenceTable table, string id, SlidingExpiry? slide) =>
        id.StartsWith("{\"$", StringComparison.Ordinal) ? ToRecord(table.Rows.Values.First()) : base.Get(table, id, slide);
}

[CaughtBy("Identifier.Ids_with_commands_of_a_key_value_server_in_them_are_taken_literally")]
public sealed class KeepsTheHashTagOfIdsOnly(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string Key(string id) => id.StartsWith("{tag}", StringComparison.Ordinal) ? "tag" : id;
}

[CaughtBy("Identifier.Ids_that_look_like_paths_are_taken_literally")]
public sealed class ResolvesIdsAsPaths(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string Key(string id) => Path.GetFullPath(id, "/sessions");
}

[CaughtBy("Identifier.Ids_that_look_like_numbers_or_other_values_are_text")]
public sealed class ReadsIdsAsNumbers(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string Key(string id) =>
        long.TryParse(id, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number.ToString(System.Globalization.CultureInfo.InvariantCulture) : id;
}

[CaughtBy("Identifier.Ids_that_begin_alike_are_different")]
public sealed class EndsIdsAtAColon(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string Key(string id) => id.IndexOf(':', 1) is var colon and > 0 ? id[..colon] : id;
}

[CaughtBy("Identifier.An_id_comes_back_as_it_was_given")]
public sealed class AnswersEscapedIds(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord ToRecord(ReferenceRow row) =>
        new(Uri.EscapeDataString(row.Id), row.Payload, row.ExpiresAt, SessionExpiry.Remaining(row.ExpiresAt, Now), row.Subject, VersionOf(row));
}

[CaughtBy("Identifier.An_id_with_a_control_character_is_refused", "Identifier.An_id_over_the_limit_is_refused", "Identifier.An_id_with_half_a_surrogate_pair_is_refused", "Identifier.An_empty_id_is_refused")]
public sealed class TakesAnyId(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void CheckId(string id, string? parameter = null) => ArgumentNullException.ThrowIfNull(id, parameter);
}

[CaughtBy("Identifier.A_missing_id_is_refused", "Identifier.An_empty_id_is_refused")]
public sealed class AnswersNullForAMissingId(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default) =>
        string.IsNullOrEmpty(id) ? null : await base.GetAsync(id, slide, cancellationToken);
}

[CaughtBy("Identifier.A_refusal_does_not_repeat_the_id", "Secret.Refusals_hold_neither_id_nor_payload")]
public sealed class RepeatsTheIdInARefusal(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void CheckId(string id, string? parameter = null)
    {
        if (id.Any(char.IsControl))
            throw new ArgumentException($"The id '{id}' has a control character.", parameter);

        base.CheckId(id, parameter);
    }
}
