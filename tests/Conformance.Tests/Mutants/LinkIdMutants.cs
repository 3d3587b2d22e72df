using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Rotation.A_link_names_an_id_and_not_the_session_that_had_it")]
public sealed class DestroyForgetsTheLinkItFollowed(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Destroy(ReferenceTable table, string id)
    {
        var wasLive = base.Destroy(table, id);
        table.Links.Remove(Key(id));
        return wasLive;
    }
}

[CaughtBy("Rotation.A_link_names_an_id_and_not_the_session_that_had_it")]
public sealed class DestroyForgetsTheLinksToASession(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void Remove(ReferenceTable table, string key)
    {
        base.Remove(table, key);
        foreach (var (former, _) in table.Links.Where(pair => pair.Value.Key == key && !table.Links.ContainsKey(key)).ToList())
            table.Links.Remove(former);
    }
}

[CaughtBy("Rotation.A_link_names_an_id_and_not_the_session_that_had_it")]
public sealed class LinksAllFormerIdsToTheNewest(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void Link(ReferenceTable table, string id, string newId)
    {
        foreach (var (former, link) in table.Links.Where(pair => pair.Value.Key == Key(id)).ToList())
            table.Links[former] = (Key(newId), link.Until);

        base.Link(table, id, newId);
    }
}

[CaughtBy("Rotation.What_is_done_to_a_rotated_session_leaves_the_link_to_it")]
public sealed class TouchForgetsTheLinksToASession(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Touch(ReferenceTable table, string id, DateTimeOffset expiresAt)
    {
        LinkTools.ForgetLinksTo(table, Key(id));
        return base.Touch(table, id, expiresAt);
    }
}

[CaughtBy("Rotation.What_is_done_to_a_rotated_session_leaves_the_link_to_it")]
public sealed class ReplaceForgetsTheLinksToASession(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content)
    {
        if (!version.IsAny)
            LinkTools.ForgetLinksTo(table, Key(id));

        return base.Replace(table, id, version, content);
    }
}

[CaughtBy("Rotation.What_is_done_to_a_rotated_session_leaves_the_link_to_it", "Rotation.A_link_names_an_id_and_not_the_session_that_had_it")]
public sealed class SetForgetsTheLinksToASession(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Set(ReferenceTable table, string id, SessionContent content)
    {
        LinkTools.ForgetLinksTo(table, Key(id));
        return base.Set(table, id, content);
    }
}

[CaughtBy("Rotation.What_is_done_to_a_rotated_session_leaves_the_link_to_it")]
public sealed class SlideForgetsTheLinksToASession(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionRecord? Get(ReferenceTable table, string id, SlidingExpiry? slide)
    {
        if (slide is not null)
            LinkTools.ForgetLinksTo(table, Key(id));

        return base.Get(table, id, slide);
    }
}

[CaughtBy("Rotation.What_is_done_to_a_rotated_session_leaves_the_link_to_it")]
public sealed class ARefusedRotationForgetsTheLinksToItsTarget(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content)
    {
        if (Find(table, newId) is not null)
            LinkTools.ForgetLinksTo(table, Key(newId));

        return base.Rotate(table, id, newId, version, content);
    }
}

[CaughtBy("Rotation.What_writes_nothing_under_a_rotated_id_leaves_its_link")]
public sealed class ARefusedRotationForgetsTheLinkOfItsTarget(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content)
    {
        Unlink(table, newId);
        return base.Rotate(table, id, newId, version, content);
    }
}

[CaughtBy("Rotation.What_writes_nothing_under_a_rotated_id_leaves_its_link")]
public sealed class AReplaceThatIsGoneForgetsTheLink(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Replace(ReferenceTable table, string id, SessionVersion version, SessionContent content)
    {
        Unlink(table, id);
        return base.Replace(table, id, version, content);
    }
}

[CaughtBy("Rotation.A_link_does_not_come_back_when_the_session_under_its_old_id_has_ended")]
public sealed class LinksEndWhenTheSessionUnderTheirIdIsDestroyed(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override bool Destroy(ReferenceTable table, string id)
    {
        if (table.Rows.TryGetValue(Key(id), out var row))
        {
            Remove(table, Key(id));
            table.Links.Remove(Key(id));
            return IsLive(row);
        }

        return base.Destroy(table, id);
    }

    protected override void Unlink(ReferenceTable table, string id)
    {
    }
}

[CaughtBy("Rotation.Links_are_told_apart_like_ids")]
public sealed class FollowsLinksWithoutTheirCase(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string Follow(ReferenceTable table, string key) =>
        base.Follow(table, table.Rows.ContainsKey(key) ? key : table.Links.Keys.FirstOrDefault(id => id.Equals(key, StringComparison.OrdinalIgnoreCase)) ?? key);
}

[CaughtBy("Rotation.Links_are_told_apart_like_ids")]
public sealed class FollowsLinksWithoutBlanks(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string Follow(ReferenceTable table, string key) =>
        base.Follow(table, table.Rows.ContainsKey(key) ? key : table.Links.Keys.FirstOrDefault(id => id.TrimEnd() == key.TrimEnd()) ?? key);
}

[CaughtBy("Rotation.Links_are_told_apart_like_ids")]
public sealed class FindsSuccessorsWithoutTheCaseOfIds(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override string? LinkOf(ReferenceTable table, string key) =>
        base.LinkOf(table, key) ?? table.Links.Where(pair => pair.Key.Equals(key, StringComparison.OrdinalIgnoreCase)).Select(pair => pair.Value.Key).FirstOrDefault();
}

[CaughtBy("Rotation.A_session_can_be_rotated_to_an_id_that_looks_alike")]
public sealed class RefusesARotationToTheSameIdInAnotherCase(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void CheckDiffer(string id, string newId) => base.CheckDiffer(id.ToUpperInvariant(), newId.ToUpperInvariant());
}

[CaughtBy("Rotation.A_session_can_be_rotated_to_an_id_that_looks_alike")]
public sealed class RotatesInPlaceToTheSameIdWithABlank(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override SessionWriteResult Rotate(ReferenceTable table, string id, string newId, SessionVersion version, SessionContent content) =>
        id.TrimEnd() == newId.TrimEnd() ? Replace(table, id, version, content) : base.Rotate(table, id, newId, version, content);
}

[CaughtBy("Isolation.A_rotation_in_one_namespace_links_nothing_in_the_other")]
public sealed class KeepsTheLinksOfAllNamespacesTogether(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override void Link(ReferenceTable table, string id, string newId)
    {
        foreach (var other in Server.Names())
            base.Link(Server.Inspect(other, each => each), id, newId);
    }
}

internal static class LinkTools
{
    public static void ForgetLinksTo(ReferenceTable table, string key)
    {
        foreach (var (former, _) in table.Links.Where(pair => pair.Value.Key == key).ToList())
            table.Links.Remove(former);
    }
}
