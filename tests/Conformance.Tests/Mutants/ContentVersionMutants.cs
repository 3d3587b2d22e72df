using System.Text;
using System.Text.Json;
using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Version.A_payload_that_differs_after_64_kilobytes_has_another_version")]
public sealed class VersionIsOfTheFirst64Kilobytes(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionVersion VersionOf(ReferenceRow row) => SessionVersion.Of(Damage.Cut(row.Payload, 65_536).ToArray(), row.Subject);
}

[CaughtBy("Version.A_payload_that_differs_after_64_kilobytes_has_another_version")]
public sealed class VersionIsOfBothEnds(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionVersion VersionOf(ReferenceRow row) => row.Payload.Length < 16_384
        ? base.VersionOf(row)
        : SessionVersion.Of(new byte[][] { row.Payload[..8192], row.Payload[^8192..], BitConverter.GetBytes(row.Payload.Length) }.SelectMany(part => part).ToArray(), row.Subject);
}

[CaughtBy("Version.Payloads_that_mean_the_same_have_versions_of_their_own")]
public sealed class VersionIsOfTheMeaning(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionVersion VersionOf(ReferenceRow row) => SessionVersion.Of(Damage.Minify(row.Payload), row.Subject);
}

[CaughtBy("Version.Payloads_that_mean_the_same_have_versions_of_their_own")]
public sealed class VersionIgnoresTheOrderOfMembers(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionVersion VersionOf(ReferenceRow row)
    {
        using var document = JsonDocument.Parse(row.Payload, new JsonDocumentOptions { MaxDepth = 2000 });
        return SessionVersion.Of(
            Encoding.UTF8.GetBytes(string.Join(',', document.RootElement.EnumerateObject().OrderBy(each => each.Name, StringComparer.Ordinal).Select(each => each.ToString()))), row.Subject);
    }
}

[CaughtBy("Version.Payloads_that_mean_the_same_have_versions_of_their_own")]
public sealed class VersionIsOfNumbersAsDoubles(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionVersion VersionOf(ReferenceRow row) =>
        SessionVersion.Of(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(row.Payload).Replace("1.0", "1", StringComparison.Ordinal)), row.Subject);
}

[CaughtBy("Version.Payload_and_subject_are_told_apart")]
public sealed class VersionJoinsPayloadAndSubject(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionVersion VersionOf(ReferenceRow row) => SessionVersion.Of(row.Payload.Concat(Encoding.UTF8.GetBytes(row.Subject ?? "")).ToArray());
}

[CaughtBy("Version.The_subject_counts_as_it_is_written")]
public sealed class VersionFoldsTheCaseOfTheSubject(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionVersion VersionOf(ReferenceRow row) => SessionVersion.Of(row.Payload, row.Subject?.ToUpperInvariant());
}

[CaughtBy("Version.The_subject_counts_as_it_is_written")]
public sealed class VersionKnowsOnlyWhetherThereIsASubject(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionVersion VersionOf(ReferenceRow row) => SessionVersion.Of(row.Payload, row.Subject is null ? null : "one");
}

[CaughtBy("Version.A_payload_that_differs_after_64_kilobytes_has_another_version")]
public sealed class RotateComparesTheFirstKilobytes(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content)
    {
        var isAlike = Find(table, id) is { } row && row.Subject == version.Subject
            && Damage.Cut(row.Payload, 4096).Span.SequenceEqual(Damage.Cut(version.Content, 4096).Span);
        return base.Rotate(table, id, newId, isAlike ? SessionVersion.Any : version, content);
    }
}
