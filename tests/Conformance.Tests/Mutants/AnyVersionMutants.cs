using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Version.A_version_that_was_never_loaded_is_refused")]
public sealed class TakesNoVersionForAnyVersion(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void CheckVersion(SessionVersion version)
    {
    }

    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content) =>
        base.Rotate(table, id, newId, version == default ? SessionVersion.Any : version, content);
}

[CaughtBy("Version.A_version_that_was_never_loaded_is_refused")]
public sealed class TakesNoVersionForAnOldOne(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void CheckVersion(SessionVersion version)
    {
    }
}

[CaughtBy("Registration.Arguments_are_checked_before_any_IO")]
public sealed class LooksAtTheVersionAtTheServer(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void CheckVersion(SessionVersion version)
    {
    }

    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content)
    {
        base.CheckVersion(version);
        return base.Replace(table, id, version, content);
    }
}

[CaughtBy("Replacement.Replace_with_any_version_replaces_whatever_is_there")]
public sealed class TakesAnyVersionForAnOldOne(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content) =>
        version.IsAny && Find(table, id) is not null ? SessionWriteResult.NotWritten(SessionWriteStatus.Conflict) : base.Replace(table, id, version, content);
}

[CaughtBy("Replacement.Replace_with_any_version_never_creates")]
public sealed class TakesReplaceWithAnyVersionForSet(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content) =>
        version.IsAny ? SessionWriteResult.Written(VersionOf(Put(table, id, content))) : base.Replace(table, id, version, content);
}

[CaughtBy("Replacement.Replace_with_any_version_never_creates")]
public sealed class ReplacesTheExpiredWithAnyVersion(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content) =>
        version.IsAny && table.Rows.ContainsKey(Key(id)) ? SessionWriteResult.Written(VersionOf(Put(table, id, content))) : base.Replace(table, id, version, content);
}

[CaughtBy("Resurrection.Destroy_against_replace_with_any_version")]
public sealed class LooksThenSetsWithAnyVersion(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        if (!version.IsAny || await TouchAsync(id, content.Lifetime, cancellationToken) is false)
            return await base.ReplaceAsync(id, version, content, cancellationToken);

        await SetAsync(id, content, cancellationToken);
        return SessionWriteResult.Written(SessionVersion.Of(content.Payload.ToArray(), content.Subject));
    }
}

[CaughtBy("Subject.The_index_follows_a_replace")]
public sealed class LeavesTheIndexWithAnyVersion(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content)
    {
        var former = Find(table, id)?.Subject;
        var result = base.Replace(table, id, version, content);
        if (version.IsAny && former is not null && result.Status == SessionWriteStatus.Written)
            table.Index(SubjectKey(former), Key(id));

        return result;
    }
}
