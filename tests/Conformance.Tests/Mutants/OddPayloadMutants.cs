using System.Text;
using System.Text.Json;
using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

/// <summary>What stores do to a payload on one path only.</summary>
internal static class Damage
{
    /// <summary>Removes white space between the tokens, as a parser and a writer one after the other do.</summary>
    public static byte[] Minify(ReadOnlyMemory<byte> payload)
    {
        var (bytes, inString, escaped) = (new List<byte>(payload.Length), false, false);
        foreach (var each in payload.Span)
        {
            if (!inString && each is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
                continue;

            bytes.Add(each);
            inString = each == '"' && !escaped ? !inString : inString;
            escaped = each == '\\' && !escaped;
        }

        return [.. bytes];
    }

    public static ReadOnlyMemory<byte> Cut(ReadOnlyMemory<byte> payload, int bytes) => payload[..Math.Min(payload.Length, bytes)];

    public static SessionContent With(this SessionContent content, ReadOnlyMemory<byte> payload) => new(payload, content.Lifetime, content.Subject);

    public static SessionRecord With(this SessionRecord record, ReadOnlyMemory<byte> payload) =>
        new(record.Id, payload, record.ExpiresAt, record.Remaining, record.Subject, record.Version);

    public static bool IsDeep(ReadOnlyMemory<byte> payload, int levels = 64)
    {
        try
        {
            using var document = JsonDocument.Parse(payload, new JsonDocumentOptions { MaxDepth = levels });
            return false;
        }
        catch (JsonException)
        {
            return true;
        }
    }
}

[CaughtBy("Payload.Odd_payloads_are_kept_on_every_path")]
public sealed class ReplaceWritesPayloadsAnew(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content) =>
        base.Replace(table, id, version, content.With(Damage.Minify(content.Payload)));
}

[CaughtBy("Payload.Odd_payloads_are_kept_on_every_path")]
public sealed class TouchWritesPayloadsAnew(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Touch(ReferenceTable table, string id, DateTimeOffset expiresAt)
    {
        if (Find(table, id) is { } row)
            row.Payload = Damage.Minify(row.Payload);

        return base.Touch(table, id, expiresAt);
    }
}

[CaughtBy("Payload.Odd_payloads_are_kept_on_every_path")]
public sealed class SlideWritesPayloadsAnew(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool TryExtend(SlidingExpiry slide, ReferenceRow row, out DateTimeOffset extended)
    {
        if (!base.TryExtend(slide, row, out extended))
            return false;

        row.Payload = Damage.Minify(row.Payload);
        return true;
    }
}

[CaughtBy("Payload.Odd_payloads_are_kept_on_every_path")]
public sealed class SlideReturnsAnotherText(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Get(ReferenceTable table, string id, SlidingExpiry? slide) =>
        base.Get(table, id, slide) is { } record ? slide is null ? record : record.With(Damage.Minify(record.Payload)) : null;
}

[CaughtBy("Payload.Odd_payloads_are_kept_on_every_path")]
public sealed class ListsPayloadsWrittenAnew(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Readable(ReferenceTable table, string key) =>
        base.Readable(table, key) is { } record ? record.With(Damage.Minify(record.Payload)) : null;
}

[CaughtBy("Payload.Odd_payloads_are_kept_on_every_path")]
public sealed class ReplaceReadsNumbersAsDoubles(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content) => base.Replace(
        table, id, version, content.With(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(content.Payload.Span).Replace("1.10", "1.1", StringComparison.Ordinal))));
}

[CaughtBy("Payload.Odd_payloads_are_kept_on_every_path")]
public sealed class RotateUnescapesPayloads(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content) => base.Rotate(
        table, id, newId, version, content.With(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(content.Payload.Span).Replace("\\u0041", "A", StringComparison.Ordinal))));
}

[CaughtBy("Payload.Odd_payloads_are_kept_on_every_path")]
public sealed class ListsOfASubjectUnescapePayloads(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionPage Page(ReferenceTable table, string subject, int size, string? position, bool withPayloads)
    {
        var page = base.Page(table, subject, size, position, withPayloads);
        return new SessionPage([.. page.Sessions.Select(record => record.With(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(record.Payload.Span).Replace("\\/", "/", StringComparison.Ordinal))))], page.Continuation);
    }
}

[CaughtBy("Payload.Odd_payloads_are_kept_on_every_path")]
public sealed class SetDropsDuplicateMembers(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Set(ReferenceTable table, string id, SessionContent content) => base.Set(
        table, id, content.With(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(content.Payload.Span).Replace("\"a\":1,\"a\":2", "\"a\":2", StringComparison.Ordinal))));
}

[CaughtBy("Payload.Odd_payloads_are_kept_on_every_path")]
public sealed class ListsNoEmptyObjects(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Readable(ReferenceTable table, string key) => base.Readable(table, key) is { Payload.Length: > 2 } record ? record : null;
}

[CaughtBy("Payload.Odd_payloads_are_kept_on_every_path")]
public sealed class FindsTheReservedMemberByItsText(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void CheckContent(SessionContent content)
    {
        base.CheckContent(content);
        if (content.Payload.Span.IndexOf(":\"__subject\""u8) >= 0)
            throw new ArgumentException("The payload has a member __subject.", nameof(content));
    }
}

[CaughtBy("Payload.Odd_payloads_are_kept_on_every_path")]
public sealed class RefusesTheReservedMemberInAnyCase(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void CheckContent(SessionContent content)
    {
        base.CheckContent(content);
        if (content.Payload.Span.IndexOf("\"__Subject\":"u8) >= 0)
            throw new ArgumentException("The payload has a member __subject.", nameof(content));
    }
}

[CaughtBy("Payload.Large_payloads_are_kept_on_every_path")]
public sealed class ReplaceCutsAt64Kilobytes(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content) =>
        base.Replace(table, id, version, content.With(Damage.Cut(content.Payload, 65_536)));
}

[CaughtBy("Payload.Large_payloads_are_kept_on_every_path")]
public sealed class ListsCutAt64Kilobytes(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Readable(ReferenceTable table, string key) =>
        base.Readable(table, key) is { } record ? record.With(Damage.Cut(record.Payload, 65_536)) : null;
}

[CaughtBy("Payload.Large_payloads_are_kept_on_every_path")]
public sealed class SkipsLargeRecordsOfASubject(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override IEnumerable<string> KeysOf(ReferenceTable table, string subject) =>
        base.KeysOf(table, subject).Where(key => table.Rows.TryGetValue(key, out var row) && row.Payload.Length < 262_144);
}

[CaughtBy("Payload.Large_payloads_are_kept_on_every_path", "Slide.Limits_after_much_or_deep_content_count")]
public sealed class SlidesOnlySmallPayloads(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Get(ReferenceTable table, string id, SlidingExpiry? slide) =>
        slide is not null && Find(table, id) is { Payload.Length: > 65_536 } ? throw new ReferenceServerException("large", "the script takes no such value") : base.Get(table, id, slide);
}

[CaughtBy("Slide.Limits_after_much_or_deep_content_count")]
public sealed class ReadsLimitsInTheFirst64Kilobytes(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool TryExtend(SlidingExpiry slide, ReferenceRow row, out DateTimeOffset extended) =>
        slide.TryExtend(row.ExpiresAt, Now, row.Payload.Length > 65_536 ? "{}"u8 : row.Payload, out extended);
}

[CaughtBy("Slide.Limits_after_much_or_deep_content_count")]
public sealed class ReadsLimitsOfFlatPayloadsOnly(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool TryExtend(SlidingExpiry slide, ReferenceRow row, out DateTimeOffset extended) =>
        slide.TryExtend(row.ExpiresAt, Now, Damage.IsDeep(row.Payload) ? "{}"u8 : row.Payload, out extended);
}

[CaughtBy("Payload.Deep_payloads_are_kept_on_every_path")]
public sealed class SlidesNoDeepPayload(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool TryExtend(SlidingExpiry slide, ReferenceRow row, out DateTimeOffset extended) =>
        base.TryExtend(slide, row, out extended) && !Damage.IsDeep(row.Payload, 128);
}

[CaughtBy("Payload.Deep_payloads_are_kept_on_every_path")]
public sealed class ListsNoDeepPayload(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Readable(ReferenceTable table, string key) =>
        base.Readable(table, key) is { } record && !Damage.IsDeep(record.Payload) ? record : null;
}

[CaughtBy("Payload.Deep_payloads_are_kept_on_every_path")]
public sealed class CountsBracketsInStrings(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void CheckContent(SessionContent content)
    {
        base.CheckContent(content);
        var (depth, deepest) = (0, 0);
        foreach (var each in content.Payload.Span)
        {
            depth += each is (byte)'{' or (byte)'[' ? 1 : each is (byte)'}' or (byte)']' ? -1 : 0;
            deepest = Math.Max(deepest, depth);
        }

        if (deepest > SessionArguments.MaxPayloadDepth)
            throw new ArgumentException("The payload is nested too deeply.", nameof(content));
    }
}

[CaughtBy("Payload.The_limit_counts_bytes_and_not_characters")]
public sealed class LimitsCharacters(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void CheckContent(SessionContent content)
    {
        var characters = Encoding.UTF8.GetCharCount(content.Payload.Span);
        if (characters > MaxPayloadBytes)
            throw new SessionPayloadTooLargeException(characters, MaxPayloadBytes);

        SessionArguments.ThrowIfInvalidContent(content, int.MaxValue);
    }
}

[CaughtBy("Payload.The_limit_can_be_raised")]
public sealed class CannotRaiseTheLimit(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override int MaxPayloadBytes => Math.Min(base.MaxPayloadBytes, SessionArguments.DefaultMaxPayloadBytes);
}
