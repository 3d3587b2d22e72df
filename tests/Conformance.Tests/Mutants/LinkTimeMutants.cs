using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Rotation.Each_rotation_is_remembered_for_five_minutes_of_its_own")]
public sealed class ARotationRenewsTheLinksToItsSession(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void Link(ReferenceTable table, string id, string newId)
    {
        foreach (var (former, link) in table.Links.Where(pair => pair.Value.Key == Key(id)).ToList())
            table.Links[former] = (link.Key, Now + LinkLife);

        base.Link(table, id, newId);
    }
}

[CaughtBy("Rotation.Each_rotation_is_remembered_for_five_minutes_of_its_own", "Rotation.An_id_to_keep_includes_nothing_that_it_became_more_than_five_minutes_ago")]
public sealed class TakesTheTimeOfTheLastLink(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string Follow(ReferenceTable table, string key)
    {
        var (last, until) = (key, DateTimeOffset.MinValue);
        while (table.Links.TryGetValue(last, out var link))
            (last, until) = link;

        return until > Now ? last : base.Follow(table, key);
    }
}

[CaughtBy("Rotation.Nothing_renews_a_link")]
public sealed class AnUseOfTheOldIdRenewsItsLink(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Get(ReferenceTable table, string id, SlidingExpiry? slide)
    {
        if (table.Links.TryGetValue(Key(id), out var link))
            table.Links[Key(id)] = (link.Key, Now + LinkLife);

        return base.Get(table, id, slide);
    }
}

[CaughtBy("Rotation.Nothing_renews_a_link")]
public sealed class ASetRenewsTheLinksToItsSession(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Set(ReferenceTable table, string id, SessionContent content)
    {
        foreach (var (former, link) in table.Links.Where(pair => pair.Value.Key == Key(id)).ToList())
            table.Links[former] = (link.Key, Now + LinkLife);

        return base.Set(table, id, content);
    }
}

[CaughtBy("Rotation.Nothing_renews_a_link")]
public sealed class AnIdToKeepRenewsItsLink(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds)
    {
        foreach (var id in exceptIds.Where(table.Links.ContainsKey))
            table.Links[id] = (table.Links[id].Key, Now + LinkLife);

        return base.DestroyBySubject(table, subject, exceptIds);
    }
}

[CaughtBy("Rotation.An_id_to_keep_includes_nothing_that_it_became_more_than_five_minutes_ago")]
public sealed class KeepsWhatAnIdEverBecame(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds) =>
        base.DestroyBySubject(table, subject, exceptIds.Select(id => LastOf(table, id)).ToHashSet());

    private static string LastOf(ReferenceTable table, string key)
    {
        for (var hop = 0; hop < 16 && table.Links.TryGetValue(key, out var link); hop++)
            key = link.Key;

        return key;
    }
}

[CaughtBy("Rotation.An_id_to_keep_includes_what_it_became")]
public sealed class KeepsOverEightRotationsOnly(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long DestroyBySubject(ReferenceTable table, string subject, IReadOnlySet<string> exceptIds)
    {
        var links = table.Links.ToDictionary();
        foreach (var id in exceptIds)
        {
            var key = id;
            for (var hop = 0; hop < 8 && table.Links.TryGetValue(key, out var link); hop++)
                key = link.Key;

            table.Links.Remove(key);
        }

        var destroyed = base.DestroyBySubject(table, subject, exceptIds);
        foreach (var (id, link) in links)
            table.Links[id] = link;

        return destroyed;
    }
}

[CaughtBy("Rotation.A_link_outlives_the_expiries_that_its_session_had")]
public sealed class LinksEndWithTheOldExpiry(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private DateTimeOffset _old;

    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content)
    {
        _old = Find(table, id)?.ExpiresAt ?? DateTimeOffset.MaxValue;
        return base.Rotate(table, id, newId, version, content);
    }

    protected override void Link(ReferenceTable table, string id, string newId) =>
        table.Links[Key(id)] = (Key(newId), _old < Now + LinkLife ? _old : Now + LinkLife);
}

[CaughtBy("Rotation.A_link_outlives_the_expiries_that_its_session_had")]
public sealed class LinksEndWithTheExpiryThatTheRotationWrote(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void Link(ReferenceTable table, string id, string newId)
    {
        var expiresAt = table.Rows[Key(newId)].ExpiresAt;
        table.Links[Key(id)] = (Key(newId), expiresAt < Now + LinkLife ? expiresAt : Now + LinkLife);
    }
}

[CaughtBy("Rotation.Every_kind_of_rotation_leaves_a_link")]
public sealed class LinksOnlyARotationWithAVersion(ReferenceServer server, string name, StoreSettings settings) : RotationThatLinksSometimes(server, name, settings)
{
    protected override bool Links(ReferenceTable table, ReferenceRow old, ReferenceRow? target, SessionVersion version, SessionContent content) => !version.IsAny;
}

[CaughtBy("Rotation.Every_kind_of_rotation_leaves_a_link")]
public sealed class LinksNoRotationToAnotherSubject(ReferenceServer server, string name, StoreSettings settings) : RotationThatLinksSometimes(server, name, settings)
{
    protected override bool Links(ReferenceTable table, ReferenceRow old, ReferenceRow? target, SessionVersion version, SessionContent content) => old.Subject == content.Subject;
}

[CaughtBy("Rotation.Every_kind_of_rotation_leaves_a_link")]
public sealed class LinksNoRotationOverAnExpiredSession(ReferenceServer server, string name, StoreSettings settings) : RotationThatLinksSometimes(server, name, settings)
{
    protected override bool Links(ReferenceTable table, ReferenceRow old, ReferenceRow? target, SessionVersion version, SessionContent content) => target is null;
}

[CaughtBy("Rotation.Every_kind_of_rotation_leaves_a_link")]
public sealed class LinksNoRotationThatKeepsTheContent(ReferenceServer server, string name, StoreSettings settings) : RotationThatLinksSometimes(server, name, settings)
{
    protected override bool Links(ReferenceTable table, ReferenceRow old, ReferenceRow? target, SessionVersion version, SessionContent content) =>
        !content.Payload.Span.SequenceEqual(old.Payload);
}

public abstract class RotationThatLinksSometimes(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected abstract bool Links(ReferenceTable table, ReferenceRow old, ReferenceRow? target, SessionVersion version, SessionContent content);

    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content)
    {
        var (old, target) = (table.Rows.GetValueOrDefault(Key(id)), table.Rows.GetValueOrDefault(Key(newId)));
        var links = old is null || Links(table, old, target, version, content);
        var result = base.Rotate(table, id, newId, version, content);
        if (!links && result.Status == SessionWriteStatus.Written)
            table.Links.Remove(Key(id));

        return result;
    }
}
