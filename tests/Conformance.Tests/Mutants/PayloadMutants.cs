using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Payload.A_saved_payload_is_not_aliased", "Payload.A_payload_in_the_middle_of_a_buffer_is_written_without_the_rest")]
public sealed class KeepsTheCallersBuffer(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override byte[] CopyIn(ReadOnlyMemory<byte> payload) =>
        MemoryMarshal.TryGetArray(payload, out var segment) ? segment.Array! : payload.ToArray();
}

[CaughtBy("Payload.A_record_that_was_read_does_not_change_when_the_session_does")]
public sealed class ReusesItsBuffers(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override ReferenceRow Put(ReferenceTable table, string id, SessionContent content)
    {
        var old = table.Rows.GetValueOrDefault(id)?.Payload;
        var row = base.Put(table, id, content);
        if (old?.Length == row.Payload.Length)
        {
            row.Payload.CopyTo(old, 0);
            row.Payload = old;
        }

        return row;
    }
}

[CaughtBy("Payload.White_space_is_kept", "Payload.Escapes_are_kept_as_they_were_written")]
public sealed class WritesPayloadsAnew(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override byte[] CopyIn(ReadOnlyMemory<byte> payload)
    {
        using var document = JsonDocument.Parse(payload, new JsonDocumentOptions { MaxDepth = 2000 });
        return JsonSerializer.SerializeToUtf8Bytes(document.RootElement);
    }
}

[CaughtBy("Payload.The_order_of_members_is_kept")]
public sealed class SortsMembers(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override byte[] CopyIn(ReadOnlyMemory<byte> payload)
    {
        using var document = JsonDocument.Parse(payload, new JsonDocumentOptions { MaxDepth = 2000 });
        var members = document.RootElement.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal);
        return Encoding.UTF8.GetBytes("{" + string.Join(',', members.Select(member => $"\"{JsonEncodedText.Encode(member.Name)}\":{member.Value.GetRawText()}")) + "}");
    }
}

[CaughtBy("Payload.Duplicate_members_are_kept")]
public sealed class DropsDuplicateMembers(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override byte[] CopyIn(ReadOnlyMemory<byte> payload)
    {
        using var document = JsonDocument.Parse(payload, new JsonDocumentOptions { MaxDepth = 2000 });
        var members = document.RootElement.EnumerateObject().GroupBy(member => member.Name).Select(group => group.Last());
        return Encoding.UTF8.GetBytes("{" + string.Join(',', members.Select(member => $"\"{JsonEncodedText.Encode(member.Name)}\":{member.Value.GetRawText()}")) + "}");
    }
}

[CaughtBy("Payload.Numbers_are_kept_as_they_were_written")]
public sealed class ReadsNumbersAsDoubles(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override byte[] CopyIn(ReadOnlyMemory<byte> payload) =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(payload.Span).Replace("9007199254740993", "9007199254740992", StringComparison.Ordinal));
}

[CaughtBy("Payload.Strings_with_NUL_escapes_are_kept", "Payload.Escapes_are_kept_as_they_were_written")]
public sealed class DropsNul(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override byte[] CopyIn(ReadOnlyMemory<byte> payload) =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(payload.Span).Replace("\\u0000", "", StringComparison.Ordinal));
}

[CaughtBy("Payload.Every_character_of_the_basic_plane_is_kept")]
public sealed class KeepsLatinTextOnly(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override byte[] CopyIn(ReadOnlyMemory<byte> payload) =>
        Encoding.UTF8.GetBytes(Encoding.Latin1.GetString(Encoding.Latin1.GetBytes(Encoding.UTF8.GetString(payload.Span))));
}

[CaughtBy("Payload.Characters_of_the_other_planes_are_kept", "Payload.Text_is_not_normalized")]
public sealed class KeepsThreeBytesOfACharacter(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override byte[] CopyIn(ReadOnlyMemory<byte> payload) =>
        Encoding.UTF8.GetBytes(string.Concat(Encoding.UTF8.GetString(payload.Span).Select(character => char.IsSurrogate(character) ? '?' : character)));
}

[CaughtBy("Payload.Text_is_not_normalized")]
public sealed class NormalizesText(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override byte[] CopyIn(ReadOnlyMemory<byte> payload) =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(payload.Span).Replace("e\u0301", "\u00e9", StringComparison.Ordinal));
}

[CaughtBy("Payload.A_payload_over_the_limit_is_refused_with_size_and_limit")]
public sealed class LimitIsOneTooMany(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override int MaxPayloadBytes => base.MaxPayloadBytes + 1;
}

[CaughtBy("Payload.A_payload_of_exactly_the_default_limit_is_kept", "Payload.A_payload_over_the_limit_is_refused_with_size_and_limit")]
public sealed class LimitIsOneTooFew(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override int MaxPayloadBytes => base.MaxPayloadBytes - 1;
}

[CaughtBy("Payload.Payloads_of_many_sizes_are_kept")]
public sealed class CutsAt64Kilobytes(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override byte[] CopyIn(ReadOnlyMemory<byte> payload) => payload[..Math.Min(payload.Length, 65_535)].ToArray();
}

[CaughtBy("Payload.A_payload_over_the_limit_is_refused_with_size_and_limit", "Payload.A_refused_payload_leaves_the_session_as_it_was")]
public sealed class DropsWhatIsOverTheLimit(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void CheckContent(SessionContent content)
    {
        if (content.Payload.Length <= MaxPayloadBytes)
            base.CheckContent(content);
    }
}

[CaughtBy("Payload.What_is_not_a_json_object_is_refused", "Payload.What_is_not_UTF8_is_refused", "Payload.The_reserved_member_for_the_subject_is_refused", "Payload.Nesting_over_the_limit_is_refused", "Payload.An_invalid_subject_is_refused")]
public sealed class TakesAnyPayload(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void CheckContent(SessionContent content)
    {
    }
}

[CaughtBy("Payload.A_refused_payload_leaves_the_session_as_it_was")]
public sealed class DeletesBeforeItChecks(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        await DestroyAsync(id, cancellationToken);
        await base.SetAsync(id, content, cancellationToken);
    }
}

[CaughtBy("Payload.Nesting_is_kept_up_to_the_limit")]
public sealed class NestsTo64Levels(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void CheckContent(SessionContent content)
    {
        base.CheckContent(content);
        try
        {
            JsonNode.Parse(content.Payload.Span);
        }
        catch (JsonException)
        {
            throw new ArgumentException("The payload is nested too deeply.", nameof(content));
        }
    }
}

[CaughtBy("Payload.Member_names_that_mean_something_to_a_server_are_kept")]
public sealed class ReplacesDotsInNames(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override byte[] CopyIn(ReadOnlyMemory<byte> payload) =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(payload.Span).Replace("\"$", "\"_", StringComparison.Ordinal));
}

[CaughtBy("Payload.Unknown_members_are_kept")]
public sealed class DropsUnknownReservedMembers(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override byte[] CopyIn(ReadOnlyMemory<byte> payload) =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(payload.Span).Replace(",\"__unknown\":{\"a\":null}", "", StringComparison.Ordinal));
}

[CaughtBy("Payload.Names_and_strings_with_half_a_surrogate_pair_are_like_any_other")]
public sealed class RefusesHalfASurrogatePair(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void CheckContent(SessionContent content)
    {
        base.CheckContent(content);
        if (content.Payload.Span.IndexOf("\\ud800"u8) >= 0)
            throw new ArgumentException("A name must be well-formed text.", nameof(content));
    }
}

[CaughtBy("Payload.Names_and_strings_with_half_a_surrogate_pair_are_like_any_other")]
public sealed class ListsNoHalfASurrogatePair(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Readable(ReferenceTable table, string key) =>
        base.Readable(table, key) is { } record && record.Payload.Span.IndexOf("\\ud800"u8) < 0 ? record : null;
}

[CaughtBy("Payload.Names_and_strings_with_half_a_surrogate_pair_are_like_any_other")]
public sealed class SlidesNoHalfASurrogatePair(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool TryExtend(SlidingExpiry slide, ReferenceRow row, out DateTimeOffset extended) =>
        base.TryExtend(slide, row, out extended) && row.Payload.AsSpan().IndexOf("\\ud800"u8) < 0;
}
